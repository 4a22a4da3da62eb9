"""One HTTP connection to a target: sends a request once and reads whatever comes back."""

from __future__ import annotations

import asyncio
import hashlib
import os
import ssl
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterator, Mapping
from contextlib import aclosing, contextmanager
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, Final, cast
from urllib.request import getproxies

import httpx

from harness.fire.interfaces import ResponseSink
from harness.fire.large_answers import LargeAnswers, Room
from harness.fire.proxy_transport import ProxyTransport
from harness.fire.request import decode_headers
from harness.fire.response_buffer import ResponseBuffer
from harness.model import End

CONNECT_TIMEOUT: Final = 10.0  # seconds; not part of the time that an answer may take
Pieces = AsyncGenerator[bytes, None]
# httpx raises RemoteProtocolError for a closed connection too: only the message distinguishes them.
CLOSED_BY_PEER: Final = ("Server disconnected", "peer closed connection")


@dataclass(frozen=True, slots=True)
class Limits:
    """Limits of one request."""

    timeout: float = 60.0  # seconds for a whole answer
    body: int = 8 * 1024 * 1024  # bytes of an answer's body
    tries: int = 4
    kept: int = 64 * 1024  # bytes of a larger body that are kept
    rate_limited_tries: int = 6  # while the target refuses all requests for their rate
    max_retry_after: float = 90.0  # seconds; a target that asks for more is not tried again
    checks_refusals: bool = True  # whether a plain request shows if only one request is refused

    def for_one_request(self, tries: int = 2) -> Limits:
        """Returns the limits of a request whose sender decides what a refusal means."""
        return replace(self, tries=tries, rate_limited_tries=tries, checks_refusals=False)


class HttpConnection:
    """A transport with one connection: a shared pool is slow with many requests in flight."""

    def __init__(
        self, context: ssl.SSLContext, trust_env: bool, limits: Limits, clock: Callable[[], float]
    ) -> None:
        self.limits, self.clock = limits, clock
        self.large, self.item = LargeAnswers(), -1  # the item is that of the request
        self.room = Room(self.large, self.item)  # of the last answer
        self.on_data: Callable[[], None] = lambda: None  # is called for every piece of an answer
        through_proxy = trust_env and bool(getproxies())
        make = ProxyTransport if through_proxy else httpx.AsyncHTTPTransport
        self.transport = make(verify=context, limits=httpx.Limits(max_connections=1))

    async def close(self) -> None:
        self.room.leave()
        await self.transport.aclose()

    @contextmanager
    def keeping_room(self) -> Iterator[None]:
        """Lets the answers that come in the block keep their room until its end."""
        try:
            yield
        finally:
            self.room.leave()

    async def send(
        self, request: httpx.Request, sink: ResponseSink | None = None
    ) -> ResponseBuffer:
        """Sends a request once and copies the response to `sink`; records failures.

        A large answer keeps its room until the next one, or the end of `keeping_room` or `close`.
        """
        response = ResponseBuffer(self.limits.body, self.limits.kept)
        self.room.leave()
        self.room = Room(self.large, self.item)

        async def trace(name: str, info: Mapping[str, Any]) -> None:
            if name == "connection.connect_tcp.started":
                response.fresh = True

        connect_timeout = min(CONNECT_TIMEOUT, self.limits.timeout)
        request.extensions = {"trace": trace, "timeout": {"connect": connect_timeout}}
        try:
            async with asyncio.timeout(self.limits.timeout) as timeout:
                need = partial(self.room.require, timeout=timeout)
                await self._exchange(request, response, need, sink)
        except TimeoutError:
            response.expire(self.limits.timeout)
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            response.end = classify_error(error)
            response.note = f"{type(error).__name__}: {error_message(error)}"
        return response

    async def _exchange(
        self,
        request: httpx.Request,
        buffer: ResponseBuffer,
        need: Callable[[int], Awaitable[None]],
        sink: ResponseSink | None,
    ) -> None:
        start = self.clock()
        response = await self.transport.handle_async_request(request)
        try:
            check_location(response)
            headers = decode_headers(response.headers.raw)
            buffer.set_head(response.status_code, response.http_version, headers)
            self.on_data()
            buffer.certificate = certificate_digest(response) if buffer.fresh else ""
            if sink and not await sink.send_head(response.status_code, buffer.headers):
                return
            async with aclosing(pieces_of(response)) as pieces:
                async for piece in pieces:
                    self.on_data()
                    await need(buffer.size_with(piece))
                    if not buffer.feed(self.clock() - start, piece):
                        break
                    if sink and not await sink.send_data(piece):
                        return
            buffer.finish()
        finally:
            if not response.is_closed:
                await response.aclose()


def pieces_of(response: httpx.Response) -> Pieces:
    """Returns the pieces of the body as they come, also while it is compressed."""
    return cast(Pieces, aiter(cast(httpx.AsyncByteStream, response.stream)))


def check_location(response: httpx.Response) -> None:
    """Raises RemoteProtocolError for a redirect to no URL, though none is followed."""
    if response.has_redirect_location:
        try:
            httpx.URL(response.headers["location"])
        except httpx.InvalidURL as error:
            raise httpx.RemoteProtocolError(f"Invalid URL in location header: {error}.") from error


def certificate_digest(response: httpx.Response) -> str:
    """Returns the SHA-256 of the server's certificate as browsers show it; empty without TLS."""
    stream = response.extensions.get("network_stream")
    tls = stream.get_extra_info("ssl_object") if stream else None
    certificate = tls.getpeercert(binary_form=True) if tls else None
    return f"sha256:{hashlib.sha256(certificate).hexdigest()}" if certificate else ""


def classify_error(error: Exception) -> End:
    """Returns how an exchange ended that httpx gave up with `error`."""
    match error:
        case httpx.ConnectError() | httpx.ConnectTimeout() | httpx.ProxyError():
            return "unreachable"
        case httpx.TimeoutException():
            return "timeout"
        case httpx.LocalProtocolError() | httpx.UnsupportedProtocol():
            return "not-sent"
        case httpx.NetworkError():
            return "dropped"
        case httpx.RemoteProtocolError() if str(error).startswith(CLOSED_BY_PEER):
            return "dropped"
    return "malformed"


def error_message(error: BaseException) -> str:
    """Returns the operating system's message, which httpx hides behind its own, or httpx's."""
    if isinstance(error, httpx.ConnectTimeout):
        return "no connection in time"
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, OSError) and cause.errno:
            is_system_error = cause.errno > 0 and not isinstance(cause, ssl.SSLError)
            return os.strerror(cause.errno) if is_system_error else str(cause.strerror)
        cause = cause.__cause__ or cause.__context__
    return str(error)
