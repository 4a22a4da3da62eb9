"""A server that says any bytes it likes, and a way to ask it through the harness's wire."""

from __future__ import annotations

import asyncio
import socket
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from typing import Any

from harness.fire.connection import Limits
from harness.fire.http import HttpTransport
from harness.model import Call, Endpoint, Exchange, Pairs, Target

Talk = Callable[[socket.socket, int], None]
HELLO = Call("openai", "POST", "/chat/completions", body={"model": "m", "messages": []})
OK = b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}"
CHUNKED = b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n"


@contextmanager
def raw(talk: Talk) -> Iterator[str]:
    """The base URL of a server that hands each connection, with its number, to `talk`."""
    server = socket.create_server(("127.0.0.1", 0))
    threads: list[threading.Thread] = []
    open_ones: list[socket.socket] = []

    def serve(sock: socket.socket, number: int) -> None:
        with sock, suppress(OSError):
            talk(sock, number)

    def accept() -> None:
        with suppress(OSError):
            while True:
                sock, _ = server.accept()
                open_ones.append(sock)
                thread = threading.Thread(target=serve, args=(sock, len(threads)), daemon=True)
                threads.append(thread)
                thread.start()

    listener = threading.Thread(target=accept, daemon=True)
    listener.start()
    try:
        yield f"http://127.0.0.1:{server.getsockname()[1]}"
    finally:
        with suppress(OSError):
            server.shutdown(socket.SHUT_RDWR)
        server.close()
        listener.join(5)
        for sock in open_ones:
            with suppress(OSError):
                sock.shutdown(socket.SHUT_RDWR)
        for thread in threads:
            thread.join(5)


def heard(sock: socket.socket) -> bytes:
    """One whole request; empty when the other side has gone."""
    data = b""
    while b"\r\n\r\n" not in data:
        if not (piece := sock.recv(65536)):
            return b""
        data += piece
    head, _, body = data.partition(b"\r\n\r\n")
    lengths = [line for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:")]
    length = int(lengths[0].split(b":")[1]) if lengths else 0
    while len(body) < length:
        body += sock.recv(65536)
    return head + b"\r\n\r\n" + body


def understood(request: bytes) -> dict[str, Any]:
    """A request as the builtin gateway takes it."""
    head, _, body = request.partition(b"\r\n\r\n")
    line, *lines = head.decode().split("\r\n")
    method, path, _ = line.split()
    headers = [tuple(one.split(": ", 1)) for one in lines]
    return {"method": method, "path": path, "headers": headers, "body": body}


def as_bytes(reply: Mapping[str, Any]) -> bytes:
    """Its reply, framed by its length."""
    body = b"".join(reply["chunks"])
    lines = [f"HTTP/1.1 {reply['status']} x", f"content-length: {len(body)}"]
    lines += [f"{name}: {value}" for name, value in reply["headers"]]
    return "\r\n".join([*lines, "", ""]).encode() + body


def says(answer: bytes) -> Talk:
    """Hears one request, says this, and hangs up."""

    def talk(sock: socket.socket, number: int) -> None:
        heard(sock)
        sock.sendall(answer)

    return talk


def until_gone(sock: socket.socket) -> None:
    """Holds the line until the other side hangs up."""
    with suppress(OSError):
        while sock.recv(65536):
            pass


def closed_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])


class Asked:
    """What came of the calls, and how long the wire would have paused before each attempt."""

    def __init__(self) -> None:
        self.exchanges: list[Exchange] = []
        self.pauses: list[float] = []

    @property
    def last(self) -> Exchange:
        return self.exchanges[-1]


def wire_to(
    base_url: str,
    keys: Mapping[str, str] | None = None,
    limits: Limits | None = None,
    headers: Pairs = (),
) -> HttpTransport:
    endpoint = Endpoint("openai", base_url, model="m", headers=headers)
    target = Target("raw", {"openai": endpoint}, ())
    return HttpTransport(target, keys or {}, limits or Limits(timeout=20.0), lambda: 0.0)


def ask(transport: HttpTransport, calls: Sequence[Call] = (HELLO,)) -> Asked:
    """Sends the calls one after the other over one slot, without ever pausing."""
    asked = Asked()

    async def gate(pause: float) -> bool:
        asked.pauses.append(pause)
        return True

    async def run() -> None:
        connection = transport.connection()
        for number, call in enumerate(calls):
            asked.exchanges.append(await transport.send(connection, f"shot/{number}", call, gate))
        await connection.close()

    asyncio.run(run())
    return asked
