"""One kept-alive connection to an origin without a proxy: a transport of httpx on asyncio and h11.

httpx's own transport, with a pool of one connection, takes four times as long for a request.
"""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator
from typing import Any, Final

import h11
import httpx

from harness.fire.byte_stream import ByteStream

MAX_HEAD: Final = 100 * 1024  # bytes of the head of an answer, or of a chunk's
HAPPY_EYEBALLS_DELAY: Final = 0.25  # seconds, RFC 8305
PORTS: Final = {"http": 80, "https": 443}
Origin = tuple[str, str, int]  # scheme, host, port


class DirectTransport(httpx.AsyncBaseTransport):
    """Sends one request at a time; its answer is closed before the next one is sent."""

    def __init__(self, context: ssl.SSLContext, connect_timeout: float) -> None:
        self.context, self.connect_timeout = context, connect_timeout
        context.set_alpn_protocols(["http/1.1"])
        self.origin: Origin = ("", "", 0)
        self.stream = ByteStream()
        self.http = h11.Connection(h11.CLIENT, MAX_HEAD)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Sends a request and reads the head of its answer. Raises httpx.HTTPError."""
        url = request.url
        origin = (url.scheme, url.raw_host.decode("ascii"), url.port or PORTS[url.scheme])
        if origin != self.origin or not self.stream.is_idle():
            await self.connect(origin, request.extensions["trace"])
        try:
            self.stream.transport.write(self.request_bytes(request))
            head = await self.head()
        except BaseException:
            self.end_answer()
            raise
        extensions = {
            "http_version": b"HTTP/" + head.http_version,
            "network_stream": self.stream.transport,
        }
        headers = head.headers.raw_items()  # as they were written, not in small letters
        return httpx.Response(
            head.status_code, headers=headers, stream=Body(self), extensions=extensions
        )

    async def connect(self, origin: Origin, trace: Any) -> None:
        """Opens a connection and closes the earlier one."""
        self.close()
        self.http, self.stream = h11.Connection(h11.CLIENT, MAX_HEAD), ByteStream()
        await trace("connection.connect_tcp.started", {})
        scheme, host, port = origin
        is_tls = scheme == "https"
        try:
            async with asyncio.timeout(self.connect_timeout):
                await asyncio.get_running_loop().create_connection(
                    lambda: self.stream,
                    host,
                    port,
                    ssl=self.context if is_tls else None,
                    server_hostname=host if is_tls else None,
                    happy_eyeballs_delay=HAPPY_EYEBALLS_DELAY,
                )
        except TimeoutError as error:
            raise httpx.ConnectTimeout("") from error
        except OSError as error:
            several = "All connection attempts failed"  # to several addresses of the host
            raise httpx.ConnectError(str(error) if error.errno else several) from error
        self.origin = origin

    def request_bytes(self, request: httpx.Request) -> bytes:
        """Returns what is sent. Raises LocalProtocolError for headers that HTTP does not permit."""
        try:
            target, headers = request.url.raw_path, request.headers.raw
            head = h11.Request(method=request.method, target=target, headers=headers)
            events = (head, h11.Data(data=request.content), h11.EndOfMessage())
            return b"".join(self.http.send(event) or b"" for event in events)
        except h11.LocalProtocolError as error:
            raise httpx.LocalProtocolError(str(error)) from error

    async def head(self) -> h11.Response | h11.InformationalResponse:
        """Returns the head of the answer; interim ones are skipped, except a change of protocol."""
        while True:
            event = await self.event()
            if isinstance(event, h11.Response):
                return event
            if isinstance(event, h11.InformationalResponse) and event.status_code == 101:
                return event

    async def event(self) -> Any:
        """Returns the next event of the answer. Raises RemoteProtocolError, ReadError."""
        try:
            while (event := self.http.next_event()) is h11.NEED_DATA:
                data = await self.stream.read()
                if not data and self.http.their_state is h11.SEND_RESPONSE:
                    raise httpx.RemoteProtocolError("Server disconnected without an answer.")
                self.http.receive_data(data)
        except h11.RemoteProtocolError as error:
            raise httpx.RemoteProtocolError(str(error)) from error
        except OSError as error:
            raise httpx.ReadError(str(error)) from error
        return event

    def end_answer(self) -> None:
        """Keeps the connection if the answer was read to its end."""
        if self.http.our_state is self.http.their_state is h11.DONE:
            self.http.start_next_cycle()
        else:
            self.close()

    def close(self) -> None:
        self.origin = ("", "", 0)
        self.stream.close()

    async def aclose(self) -> None:
        self.close()


class Body(httpx.AsyncByteStream):
    """The body of an answer, in the pieces in which it comes."""

    def __init__(self, connection: DirectTransport) -> None:
        self.connection, self.is_open = connection, True

    async def __aiter__(self) -> AsyncIterator[bytes]:
        while isinstance(event := await self.connection.event(), h11.Data):
            yield bytes(event.data)

    async def aclose(self) -> None:
        if self.is_open:
            self.is_open = False
            self.connection.end_answer()
