"""Measures how fast a server answers the same request, with raw bytes on kept-alive connections.

A client library costs more time than the mock provider, so it would dominate the measurement.
Run: python benchmarks/raw_client.py http://HOST:PORT PATH KEY BODY REQUESTS CONNECTIONS
"""

from __future__ import annotations

import asyncio
import re
import sys
import time
from urllib.parse import urlsplit

LENGTH = re.compile(rb"(?i)\r\ncontent-length: *(\d+)")


async def send_requests(host: str, port: int, request: bytes, times: int) -> None:
    reader, writer = await asyncio.open_connection(host, port)
    for _ in range(times):
        writer.write(request)
        head = await reader.readuntil(b"\r\n\r\n")
        assert head.startswith(b"HTTP/1.1 200"), head
        length = LENGTH.search(head)
        assert length, head
        await reader.readexactly(int(length[1]))
    writer.close()


async def measure_seconds(url: str, request: bytes, requests: int, connections: int) -> float:
    """Send the requests over several connections. Returns the seconds for all of them."""
    parts = urlsplit(url)
    host, port = str(parts.hostname), int(parts.port or 80)
    start = time.perf_counter()
    each = requests // connections
    await asyncio.gather(*(send_requests(host, port, request, each) for _ in range(connections)))
    return time.perf_counter() - start


def http_request(path: str, key: str, body: str) -> bytes:
    """Return the bytes of a POST request with the key headers of both protocols."""
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
    data = http_request(path, key, body)
    print(asyncio.run(measure_seconds(url, data, int(requests), int(connections))))
