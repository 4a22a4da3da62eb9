"""A server that sends arbitrary bytes, and a way to send calls to it over the HTTP transport."""

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

# Handles one connection; receives its socket and its number, counted from 0.
Handler = Callable[[socket.socket, int], None]
HELLO = Call("openai", "POST", "/chat/completions", body={"model": "m", "messages": []})
OK = b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}"
CHUNKED = b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n"


@contextmanager
def listen(handler: Handler) -> Iterator[str]:
    """Runs a server for the time of the block; gives its base URL."""
    server = socket.create_server(("127.0.0.1", 0))
    threads: list[threading.Thread] = []
    sockets: list[socket.socket] = []

    def serve(sock: socket.socket, number: int) -> None:
        with sock, suppress(OSError):
            handler(sock, number)

    def accept() -> None:
        with suppress(OSError):
            while True:
                sock, _ = server.accept()
                sockets.append(sock)
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
        for sock in sockets:
            with suppress(OSError):
                sock.shutdown(socket.SHUT_RDWR)
        for thread in threads:
            thread.join(5)


def read_request(sock: socket.socket) -> bytes:
    """Reads one request; empty if the other side has closed the connection."""
    data = b""
    while b"\r\n\r\n" not in data:
        if not (piece := sock.recv(65536)):
            return b""
        data += piece
    head, _, body = data.partition(b"\r\n\r\n")
    lengths = [line for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:")]
    length = int(lengths[0].split(b":")[1]) if lengths else 0
    while len(body) < length:
        if not (piece := sock.recv(65536)):
            return b""
        body += piece
    return head + b"\r\n\r\n" + body


def parse_request(request: bytes) -> dict[str, Any]:
    """Returns a request in the form that the reference gateway takes."""
    head, _, body = request.partition(b"\r\n\r\n")
    line, *lines = head.decode().split("\r\n")
    method, path, _ = line.split()
    headers = [tuple(line.split(": ", 1)) for line in lines]
    return {"method": method, "path": path, "headers": headers, "body": body}


def encode_reply(reply: Mapping[str, Any]) -> bytes:
    """Returns a reply of the reference gateway as bytes with a content-length."""
    body = b"".join(reply["chunks"])
    lines = [f"HTTP/1.1 {reply['status']} x", f"content-length: {len(body)}"]
    lines += [f"{name}: {value}" for name, value in reply["headers"]]
    return "\r\n".join([*lines, "", ""]).encode() + body


def answer_with(answer: bytes) -> Handler:
    """Returns a handler that reads one request, sends these bytes and closes the connection."""

    def handler(sock: socket.socket, number: int) -> None:
        read_request(sock)
        sock.sendall(answer)

    return handler


def wait_for_close(sock: socket.socket) -> None:
    """Keeps the connection open until the other side closes it."""
    with suppress(OSError):
        while sock.recv(65536):
            pass


def closed_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])


class Responses:
    """The exchanges of some calls, and the delay that was asked for before each attempt."""

    def __init__(self) -> None:
        self.exchanges: list[Exchange] = []
        self.delays: list[float] = []

    @property
    def last(self) -> Exchange:
        return self.exchanges[-1]


def transport_to(
    base_url: str,
    keys: Mapping[str, str] | None = None,
    limits: Limits | None = None,
    headers: Pairs = (),
) -> HttpTransport:
    endpoint = Endpoint("openai", base_url, model="m", headers=headers)
    target = Target("raw", {"openai": endpoint}, ())
    return HttpTransport(target, keys or {}, limits or Limits(timeout=20.0), lambda: 0.0)


def send_calls(transport: HttpTransport, calls: Sequence[Call] = (HELLO,)) -> Responses:
    """Sends the calls one after the other over one connection, without any delay."""
    responses = Responses()

    async def acquire(delay: float) -> bool:
        responses.delays.append(delay)
        return True

    async def run() -> None:
        connection = transport.connection()
        for number, call in enumerate(calls):
            exchange = await transport.send(connection, f"shot/{number}", call, acquire)
            responses.exchanges.append(exchange)
        await connection.close()

    asyncio.run(run())
    return responses
