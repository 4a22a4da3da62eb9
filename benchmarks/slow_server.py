"""A Chat Completions server that answers correctly after a fixed time; parses lengths only.

Run: python benchmarks/slow_server.py SECONDS
It prints its address when it is ready and ends when its standard input closes.
"""

from __future__ import annotations

import asyncio
import json
import re
import sys

LENGTH = re.compile(rb"(?im)^content-length: *(\d+)")
MODELS = {
    "object": "list",
    "data": [{"id": "slow-1", "object": "model", "created": 1, "owned_by": "x"}],
}
COMPLETION = {
    "id": "chatcmpl-slow",
    "object": "chat.completion",
    "created": 1_700_000_000,
    "model": "slow-1",
    "choices": [
        {
            "index": 0,
            "message": {"role": "assistant", "content": "ready", "refusal": None},
            "logprobs": None,
            "finish_reason": "stop",
        }
    ],
    "usage": {"prompt_tokens": 9, "completion_tokens": 1, "total_tokens": 10},
}


def reply(body: object) -> bytes:
    text = json.dumps(body).encode()
    head = (
        f"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {len(text)}\r\n\r\n"
    )
    return head.encode() + text


async def serve(seconds: float) -> None:
    async def respond(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while True:
                head = await reader.readuntil(b"\r\n\r\n")
                length = LENGTH.search(head)
                await reader.readexactly(int(length[1]) if length else 0)
                if head.startswith(b"GET"):
                    writer.write(reply(MODELS))
                else:
                    await asyncio.sleep(seconds)
                    writer.write(reply(COMPLETION))
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            writer.close()

    server = await asyncio.start_server(respond, "127.0.0.1", 0, backlog=256)
    print(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}", flush=True)
    await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)
    server.close()


if __name__ == "__main__":
    asyncio.run(serve(float(sys.argv[1])))
