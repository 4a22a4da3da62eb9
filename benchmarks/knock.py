"""How fast a server answers one request, sent again and again: raw bytes, kept connections.

A client library costs more than the upstream itself, and would be what is measured.
Run: python benchmarks/knock.py http://HOST:PORT PATH KEY BODY REQUESTS CONNECTIONS
"""

from __future__ import annotations

import asyncio
import re
import sys
import time
from urllib.parse import urlsplit

LENGTH = re.compile(rb"(?i)\r\ncontent-length: *(\d+)")


async def line(host: str, port: int, request: bytes, times: int) -> None:
    reader, writer = await asyncio.open_connection(host, port)
    for _ in range(times):
        writer.write(request)
        head = await reader.readuntil(b"\r\n\r\n")
        assert head.startswith(b"HTTP/1.1 200"), head
        length = LENGTH.search(head)
        assert length, head
        await reader.readexactly(int(length[1]))
    writer.close()


async def knock(url: str, request: bytes, requests: int, connections: int) -> float:
    """Seconds for all of them."""
    parts = urlsplit(url)
    host, port = str(parts.hostname), int(parts.port or 80)
    began = time.perf_counter()
    each = requests // connections
    await asyncio.gather(*(line(host, port, request, each) for _ in range(connections)))
    return time.perf_counter() - began


def request(path: str, key: str, body: str) -> bytes:
    """With either protocol's way to bring a key."""
    headers = (
        f"POST {path} HTTP/1.1",
        "host: localhost",
        f"authorization: Bearer {key}",
        f"x-api-key: {key}",
        "anthropic-version: 2023-06-01",
        "content-type: application/json",
        f"content-length: {len(body.encode())}",
    )
    return ("\r\n".join(headers) + "\r\n\r\n" + body).encode()


if __name__ == "__main__":
    url, path, key, body, requests, connections = sys.argv[1:]
    asked = knock(url, request(path, key, body), int(requests), int(connections))
    print(asyncio.run(asked))
