"""A target that is right until a certain request comes, and ways to misbehave then."""

from __future__ import annotations

import json
import socket
import struct
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from itertools import repeat
from typing import Any

from tests.support import pack_on_disk
from tests.support.raw_server import encode_reply, listen, parse_request, read_request

# Answers one request, whose parsed form it gets, in its own way.
Misbehave = Callable[[socket.socket, Mapping[str, Any]], None]
# Decides whether the misbehaviour begins: gets the request, and how many came before it.
When = Callable[[bytes, int], bool]
# Returns how a request is answered, in the same way; None for a right answer.
Choose = Callable[[bytes, int], Misbehave | None]
HEAD = b"HTTP/1.1 200 OK\r\ncontent-type: "
JSON, STREAM = HEAD + b"application/json\r\n", HEAD + b"text/event-stream\r\n"
CHUNKED = b"transfer-encoding: chunked\r\n\r\n"


def seed(request: bytes, earlier: int) -> bool:
    """The request contains the field `seed`."""
    return b'"seed"' in request


def first_seed(request: bytes, earlier: int) -> bool:
    """The request contains the first value of the field `seed`: two requests of a run do."""
    return b'"seed": 7' in request


def models(request: bytes, earlier: int) -> bool:
    """The request asks for the list of models."""
    return b"/models " in request.split(b"\r\n", 1)[0]


def after(count: int) -> When:
    """So many requests were answered."""
    return lambda request, earlier: earlier >= count


def between(first: int, last: int) -> When:
    """The target returns after a while."""
    return lambda request, earlier: first <= earlier < last


def is_stream(request: Mapping[str, Any]) -> bool:
    """Return whether a stream is asked for."""
    return b'"stream": true' in request["body"] or b'"stream":true' in request["body"]


def send(*pieces: bytes) -> Misbehave:
    """Send these bytes and close the connection."""
    return lambda sock, request: sock.sendall(b"".join(pieces))


def send_json(body: bytes, *headers: bytes, status: bytes = b"200 OK") -> Misbehave:
    """Send a body as JSON, and as the only event of a stream."""

    def misbehave(sock: socket.socket, request: Mapping[str, Any]) -> None:
        streamed = is_stream(request) and status.startswith(b"200")
        data = b"data: " + body + b"\n\ndata: [DONE]\n\n" if streamed else body
        send_body(sock, data, streamed, headers, status)

    return misbehave


def send_stream(*pieces: bytes, plain: bytes = b"{}") -> Misbehave:
    """Send a whole stream if one is asked for, and otherwise a plain answer."""

    def misbehave(sock: socket.socket, request: Mapping[str, Any]) -> None:
        send_body(sock, b"".join(pieces) if is_stream(request) else plain, is_stream(request))

    return misbehave


def send_body(
    sock: socket.socket,
    data: bytes,
    streamed: bool,
    headers: Iterable[bytes] = (),
    status: bytes = b"200 OK",
) -> None:
    """Send a complete answer."""
    kind = b"text/event-stream" if streamed else b"application/json"
    size = b"content-length: %d" % len(data)
    lines = [b"HTTP/1.1 " + status, b"content-type: " + kind, size, *headers, b"", b""]
    sock.sendall(b"\r\n".join(lines) + data)


def send_forever(head: bytes, piece: bytes, pause: float = 0.0, count: int = 0) -> Misbehave:
    """Send a piece until the other side closes, or so many times."""

    def misbehave(sock: socket.socket, request: Mapping[str, Any]) -> None:
        sock.sendall(head)
        for _ in repeat(None, count) if count else repeat(None):
            sock.sendall(piece)
            if pause:
                time.sleep(pause)

    return misbehave


def reset(sock: socket.socket, request: Mapping[str, Any]) -> None:
    """Close the connection with a reset."""
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


def keep_silent(sock: socket.socket, request: Mapping[str, Any]) -> None:
    """Send nothing until the other side closes."""
    while sock.recv(65536):
        pass


def change(edit: Callable[[dict[str, Any]], None], *headers: tuple[str, str]) -> Misbehave:
    """Send the right answer with another body, or each event of the right stream changed."""
    right = pack_on_disk.correct_gateway()

    def edited(text: bytes) -> bytes:
        document = json.loads(text)
        edit(document)
        return json.dumps(document).encode()

    def misbehave(sock: socket.socket, request: Mapping[str, Any]) -> None:
        reply = right(request)
        body = b"".join(reply["chunks"])
        if is_stream(request) and reply["status"] == 200:
            lines = body.split(b"\n")
            body = b"\n".join(
                b"data: " + edited(line[6:]) if line.startswith(b"data: {") else line
                for line in lines
            )
        else:
            body = edited(body)
        sock.sendall(
            encode_reply({**reply, "chunks": [body], "headers": [*reply["headers"], *headers]})
        )

    return misbehave


def change_events(edit: Callable[[list[bytes]], Iterable[bytes]]) -> Misbehave:
    """Send the right stream with other events; a plain answer is right."""
    right = pack_on_disk.correct_gateway()

    def misbehave(sock: socket.socket, request: Mapping[str, Any]) -> None:
        reply = right(request)
        if not is_stream(request):
            sock.sendall(encode_reply(reply))
            return
        events = b"".join(reply["chunks"]).removesuffix(b"\n\n").split(b"\n\n")
        data = b"".join(event + b"\n\n" for event in edit(events))
        sock.sendall(encode_reply({**reply, "chunks": [data]}))

    return misbehave


@dataclass
class HostileServer:
    """A server with the reference gateway behind it.

    Attributes:
        url: The base URL.
        elsewhere: The base URL of another server, which counts its connections.
        fetched: The number of connections to the other server.
    """

    url: str
    elsewhere: str = ""
    fetched: list[int] = field(default_factory=list)


def when_then(when: When, act: Misbehave) -> Choose:
    """Misbehave in one way in certain answers."""
    return lambda request, earlier: act if when(request, earlier) else None


@contextmanager
def hostile_server(choose: Callable[[str], Choose]) -> Iterator[HostileServer]:
    """Run a target that misbehaves in certain answers, and another that no one should contact.

    Args:
        choose: Gets the base URL of the other server.
    """
    right, lock, count = pack_on_disk.correct_gateway(), threading.Lock(), [0]
    fetched: list[int] = []
    chosen: list[Choose] = []

    def handler(sock: socket.socket, number: int) -> None:
        while request := read_request(sock):
            with lock:
                earlier = count[0]
                count[0] += 1
            if act := chosen[0](request, earlier):
                with suppress(OSError):
                    act(sock, parse_request(request))
                return
            sock.sendall(encode_reply(right(parse_request(request))))

    with listen(lambda sock, number: fetched.append(number)) as elsewhere:
        chosen.append(choose(elsewhere))
        with listen(handler) as url:
            yield HostileServer(f"{url}/v1", elsewhere, fetched)
