"""A request -> what came of it: one client, one connection at a time. May not send again."""

from __future__ import annotations

import asyncio
import hashlib
import os
import ssl
from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import aclosing
from dataclasses import dataclass
from http.cookiejar import CookieJar
from typing import Any, Final, Protocol, cast

import httpx

from harness.fire.response_buffer import ResponseBuffer
from harness.model import End, Pairs

CONNECT: Final = 10.0  # seconds for a connection; an answer has its own time, and all of it
Pieces = AsyncGenerator[bytes, None]
# httpx has no class of its own for a connection that is closed by the other side.
DROPPED: Final = ("Server disconnected", "peer closed connection")


@dataclass(frozen=True, slots=True)
class Limits:
    """What an answer may cost: seconds in all, bytes of body, tries where nothing came."""

    timeout: float = 60.0
    body: int = 8 * 1024 * 1024
    tries: int = 4
    patience: float = 30.0


class Passing(Protocol):
    """Who else takes the answer as it comes, byte for byte; False when nobody does any more."""

    async def head(self, status: int, headers: Pairs) -> bool: ...
    async def piece(self, data: bytes) -> bool: ...


class NoCookies(CookieJar):
    """What one answer sets must not colour the next shot."""

    def extract_cookies(self, response: Any, request: Any) -> None:
        return


class HttpConnection:
    """Owns a client, so that no slot waits for another's pool."""

    def __init__(
        self, context: ssl.SSLContext, trust_env: bool, limits: Limits, clock: Callable[[], float]
    ) -> None:
        self.limits, self.clock = limits, clock
        self.client = httpx.AsyncClient(
            verify=context,
            timeout=httpx.Timeout(None, connect=min(CONNECT, limits.timeout)),
            limits=httpx.Limits(max_connections=1),
            cookies=NoCookies(),
            follow_redirects=False,
            trust_env=trust_env,
        )

    async def close(self) -> None:
        await self.client.aclose()

    async def ask(self, request: httpx.Request, passing: Passing | None = None) -> ResponseBuffer:
        """Whatever the other side does becomes part of what was received; `passing` has it too."""
        received = ResponseBuffer(self.limits.body)

        async def trace(name: str, info: Mapping[str, Any]) -> None:
            if name == "connection.connect_tcp.started":
                received.fresh = True

        request.extensions["trace"] = trace
        try:
            async with asyncio.timeout(self.limits.timeout):
                await self.receive(request, received, passing)
        except TimeoutError:
            received.end, received.note = "timeout", f"no end after {self.limits.timeout:g} s"
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            received.end, received.note = ended(error), f"{type(error).__name__}: {why(error)}"
        return received

    async def receive(
        self, request: httpx.Request, received: ResponseBuffer, passing: Passing | None
    ) -> None:
        began = self.clock()
        response = await self.client.send(request, stream=True)
        try:
            pairs = ((k.decode("latin-1"), v.decode("latin-1")) for k, v in response.headers.raw)
            received.head(response.status_code, response.http_version, tuple(pairs))
            received.peer = peer(response) if received.fresh else ""
            if passing and not await passing.head(response.status_code, received.headers):
                return
            async with aclosing(cast(Pieces, response.aiter_raw())) as pieces:
                async for piece in pieces:
                    if not received.feed(self.clock() - began, piece):
                        break
                    if passing and not await passing.piece(piece):
                        return
            received.finish()
        finally:
            if not response.is_closed:
                await response.aclose()


def peer(response: httpx.Response) -> str:
    """The fingerprint of the other side's certificate, as browsers show it; empty without TLS."""
    stream = response.extensions.get("network_stream")
    tls = stream.get_extra_info("ssl_object") if stream else None
    shown = tls.getpeercert(binary_form=True) if tls else None
    return f"sha256:{hashlib.sha256(shown).hexdigest()}" if shown else ""


def ended(error: Exception) -> End:
    """How a conversation ended: no connection, or a fault of the other side."""
    match error:
        case httpx.ConnectError() | httpx.ConnectTimeout() | httpx.ProxyError():
            return "unreachable"
        case httpx.TimeoutException():
            return "timeout"
        case httpx.LocalProtocolError() | httpx.UnsupportedProtocol():
            return "not-sent"
        case httpx.RemoteProtocolError() if str(error).startswith(DROPPED):
            return "dropped"
        case httpx.NetworkError():
            return "dropped"
    return "malformed"


def why(error: BaseException) -> str:
    """The system's own words, which httpx and its helpers keep behind their own."""
    if isinstance(error, httpx.ConnectTimeout):
        return "no connection in time"
    inner: BaseException | None = error
    while inner is not None:
        if isinstance(inner, OSError) and inner.errno:
            known = inner.errno > 0 and not isinstance(inner, ssl.SSLError)
            return os.strerror(inner.errno) if known else str(inner.strerror)
        inner = inner.__cause__ or inner.__context__
    return str(error)
