"""A kept-alive connection without a proxy is used again only while it is sound."""

from __future__ import annotations

import asyncio
import socket
import ssl
import threading
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

import httpx
import pytest

from harness.fire.byte_stream import MAX_UNREAD, ByteStream
from harness.fire.direct_transport import DirectTransport
from tests.support.raw_server import OK, answer_with, listen, read_request

Send = Callable[[str], Awaitable[tuple[int, bytes]]]


def use(work: Callable[[Send], Awaitable[None]]) -> int:
    """Gives a function that sends requests on one connection; returns how many were opened."""
    opened = list[str]()

    async def trace(name: str, info: Mapping[str, Any]) -> None:
        opened.append(name)

    async def run() -> None:
        transport = DirectTransport(ssl.create_default_context(), 5.0)

        async def send(url: str) -> tuple[int, bytes]:
            request = httpx.Request("POST", url, content=b"{}", extensions={"trace": trace})
            response = await transport.handle_async_request(request)
            body = await response.aread()
            await response.aclose()
            return response.status_code, body

        await work(send)
        await transport.aclose()

    asyncio.run(run())
    return len(opened)


def test_connection_is_kept_for_the_next_request() -> None:
    async def work(send: Send) -> None:
        assert [await send(url), await send(url)] == [(200, b"{}")] * 2

    with listen(answer_all) as url:
        assert use(work) == 1


def answer_all(sock: socket.socket, number: int) -> None:
    while read_request(sock):
        sock.sendall(OK)


def test_connection_that_the_server_has_closed_is_replaced_before_a_request_is_lost() -> None:
    closed = threading.Event()

    def handler(sock: socket.socket, number: int) -> None:
        read_request(sock)
        sock.sendall(OK)
        sock.shutdown(socket.SHUT_WR)
        closed.set()

    async def work(send: Send) -> None:
        for _ in range(2):
            assert await send(url) == (200, b"{}")
            closed.wait(5)
            closed.clear()

    with listen(handler) as url:
        assert use(work) == 2


def test_another_origin_gets_a_connection_of_its_own() -> None:
    async def work(send: Send) -> None:
        assert await send(first) == (200, b"{}")
        assert await send(second) == (200, b"{}")

    with listen(answer_with(OK)) as first, listen(answer_with(OK)) as second:
        assert use(work) == 2


def test_interim_answers_are_skipped() -> None:
    async def work(send: Send) -> None:
        assert await send(url) == (200, b"{}")

    with listen(answer_with(b"HTTP/1.1 103 Early\r\nlink: x\r\n\r\n" + OK)) as url:
        use(work)


def test_request_that_http_does_not_permit_is_not_sent() -> None:
    async def run() -> None:
        transport = DirectTransport(ssl.create_default_context(), 5.0)
        headers = [(b"x", b"a\r\nb")]
        with pytest.raises(httpx.LocalProtocolError):
            transport.request_bytes(httpx.Request("GET", "http://h/", headers=headers))

    asyncio.run(run())


def test_peer_waits_while_much_is_unread() -> None:
    class Transport:
        def __init__(self) -> None:
            self.calls = list[str]()

        def pause_reading(self) -> None:
            self.calls.append("pause")

        def resume_reading(self) -> None:
            self.calls.append("resume")

    async def run() -> None:
        stream, transport = ByteStream(), Transport()
        stream.transport = transport
        stream.data_received(b"x")
        assert transport.calls == []
        stream.data_received(b"y" * MAX_UNREAD)
        assert transport.calls == ["pause"]
        assert await stream.read() == b"x"
        assert transport.calls == ["pause", "resume"]
        assert await stream.read() == b"y" * MAX_UNREAD

    asyncio.run(run())


def test_what_came_before_a_break_is_read_first() -> None:
    async def run() -> None:
        stream = ByteStream()
        stream.data_received(b"x")
        stream.connection_lost(ConnectionResetError("reset"))
        assert await stream.read() == b"x"
        with pytest.raises(ConnectionResetError):
            await stream.read()

    asyncio.run(run())
