"""Measures the peak memory and the time of runs against targets that send too much.

Run: python benchmarks/hostile.py [NAME ...]. The memory is that of the whole process tree, read
from /proc while the command runs (Linux). It prints a section for results.md.
"""

from __future__ import annotations

import gzip
import json
import os
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
MB = 1_000_000
RIGHT: dict[str, Any] = {
    "id": "chatcmpl-1",
    "object": "chat.completion",
    "created": 1,
    "model": "m",
    "choices": [
        {
            "index": 0,
            "message": {"role": "assistant", "content": "ready"},
            "logprobs": None,
            "finish_reason": "stop",
        }
    ],
    "usage": {"prompt_tokens": 9, "completion_tokens": 1, "total_tokens": 10},
}
HEAD = b"HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-type: %b\r\n%b\r\n"


def whole(body: bytes, kind: bytes = b"application/json", headers: bytes = b"") -> bytes:
    return HEAD % (kind, b"content-length: %d\r\n" % len(body) + headers) + body


def answer(content: str) -> bytes:
    choice = {**RIGHT["choices"][0], "message": {"role": "assistant", "content": content}}
    return whole(json.dumps({**RIGHT, "choices": [choice]}, ensure_ascii=False).encode())


def endless(kind: bytes, start: bytes, piece: bytes) -> Iterator[bytes]:
    yield HEAD % (kind, b"") + start
    piece *= max(1, 65_536 // len(piece))
    while True:
        yield piece


def stream(event: bytes, size: int = 8 * MB) -> bytes:
    return whole(event * (size // len(event)), b"text/event-stream")


def chunk() -> bytes:
    delta = {"index": 0, "delta": {"role": "assistant", "content": "x"}, "finish_reason": None}
    event = {**RIGHT, "object": "chat.completion.chunk", "choices": [delta]}
    return (
        b"data: " + json.dumps({k: v for k, v in event.items() if k != "usage"}).encode() + b"\n\n"
    )


# name -> the answer to every request but the first, as pieces
TARGETS: dict[str, Callable[[], Iterable[bytes]]] = {
    "8 MB good answers": lambda: [answer("x" * 8 * MB)],
    "8 MB good answers, four bytes a character": lambda: [answer("x" + "\U0001f600" * 2 * MB)],
    "8 MB good streams": lambda: [stream(chunk())],
    "endless bodies": lambda: endless(b"application/json", b'{"x":"', b"x"),
    "endless streams": lambda: endless(b"text/event-stream", b"", chunk()),
    "endless blank lines": lambda: endless(b"text/event-stream", b"", b"\n"),
    "endless comments": lambda: endless(b"text/event-stream", b"", b": x\n"),
    "endless headers": lambda: endless(b"text/plain\r\nx: y", b"", b"x: y\r\n"),
    "8 MB of wrong events": lambda: [stream(b'data: {"a":1}\n\n')],
    "8 MB of events that are no JSON": lambda: [stream(b"data: x\n\n")],
    "gzip bombs": lambda: [
        whole(gzip.compress(b"[" + b" " * 200 * MB, 1), headers=b"content-encoding: gzip\r\n")
    ],
    "8 MB of numbers": lambda: [whole(b"[" + b"1," * (4 * MB - 9) + b"1]")],
    "8 MB of numbers, nested": lambda: [whole(b"[" * 100 + b"1," * 90_000 + b"1" + b"]" * 100)],
    "8 MB of empty objects": lambda: [whole(b"[" + b"{}," * (2 * MB) + b"1]")],
    "0.2 MB of keys": lambda: [
        whole(b"{" + b",".join(b'"k%d":1' % i for i in range(20_000)) + b',"k0":1}')
    ],
    "models without end": lambda: [
        whole(b'{"object":"list","data":[' + b'{"id":"a"},' * 700_000 + b'{"id":"b"}]}')
    ],
    "20,000 tool calls": lambda: [
        stream(
            b'data: {"choices":[{"index":0,"delta":{"tool_calls":['
            + b",".join(b'{"index":%d,"id":"%d"}' % (i, i) for i in range(20_000))
            + b"]}}]}\n\n",
            1,
        )
    ],
}


@contextmanager
def serving(pieces: Callable[[], Iterable[bytes]], right: int) -> Iterator[str]:
    """Serve on a socket; the first `right` answers are right."""
    ready, first = pieces(), answer("ready")
    again = ready if isinstance(ready, list) else None
    with socket.create_server(("127.0.0.1", 0), backlog=64) as server:
        count = iter(range(sys.maxsize))

        def serve(sock: socket.socket) -> None:
            with sock, suppress(OSError):
                data = b""
                while b"\r\n\r\n" not in data:
                    data += sock.recv(65_536)
                head, _, body = data.partition(b"\r\n\r\n")
                length = [h for h in head.lower().split(b"\r\n") if h.startswith(b"content-length")]
                left = int(length[0].partition(b":")[2]) - len(body) if length else 0
                while left > 0:
                    left -= len(sock.recv(65_536))
                for piece in [first] if next(count) < right else again or pieces():
                    sock.sendall(piece)

        def accept() -> None:
            with suppress(OSError):
                while True:
                    sock, _ = server.accept()
                    threading.Thread(target=serve, args=(sock,), daemon=True).start()

        threading.Thread(target=accept, daemon=True).start()
        yield f"http://127.0.0.1:{server.getsockname()[1]}/v1"
        server.close()


def tree(root: int) -> set[int]:
    """Return a process and its descendants."""
    parents = {}
    for entry in Path("/proc").iterdir():
        with suppress(OSError, ValueError, IndexError):
            parents[int(entry.name)] = int(
                (entry / "stat").read_text().rpartition(")")[2].split()[1]
            )
    pids = {root}
    while more := {pid for pid, parent in parents.items() if parent in pids} - pids:
        pids |= more
    return pids


def resident(pids: Iterable[int]) -> int:
    """Return the bytes that processes have in memory together."""
    total = 0
    for pid in pids:
        with suppress(OSError):
            total += int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    return total * os.sysconf("SC_PAGE_SIZE")


def run(url: str, folder: Path, *arguments: str) -> tuple[float, float, int, str]:
    """Return the seconds of a run, its peak memory in MB, its exit code and last line."""
    command = [sys.executable, "-m", "harness", "run", url, "--model", "m", "--out", str(folder)]
    env = {**os.environ, "PYTHONPATH": str(ROOT)}
    with (folder.parent / "output.txt").open("wb") as out:
        start, peak = time.perf_counter(), 0
        process = subprocess.Popen([*command, *arguments], env=env, stdout=out, stderr=out)
        while process.poll() is None:
            peak = max(peak, resident(tree(process.pid)))
            time.sleep(0.05)
    lines = (folder.parent / "output.txt").read_text("utf-8", "replace").strip().splitlines()
    return time.perf_counter() - start, peak / MB, process.returncode, lines[-1] if lines else ""


def main() -> None:
    names = sys.argv[1:] or list(TARGETS)
    print("\n## Hostile targets: one pack, 32 in flight; peak memory of the process tree\n")
    print("| target | seconds | peak memory | exit code |\n| --- | --- | --- | --- |")
    for name in names:
        with tempfile.TemporaryDirectory() as folder, serving(TARGETS[name], 60) as url:
            seconds, megabytes, code, _ = run(url, Path(folder) / "out", "--pack", "openai-compat")
        print(f"| {name} | {seconds:.1f} s | {megabytes:.0f} MB | {code} |", flush=True)


if __name__ == "__main__":
    main()
