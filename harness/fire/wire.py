"""Call -> Exchange: one HTTP conversation, redacted as its last deed. May not judge."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import httpx

from harness import pace
from harness.model import Attempt, Call, End, Exchange, Front, Pairs, Target
from harness.redact import Redactor

WRONG_KEY = "sk-wrong-0000000000000000"
AGENT = "llm-gateway-conformance"


@dataclass(frozen=True, slots=True)
class Limits:
    """What an answer may cost: seconds in all, bytes of body, tries where nothing came."""

    timeout: float = 60.0
    body: int = 8 * 1024 * 1024
    tries: int = 4
    patience: float = 30.0


@dataclass(slots=True)
class Received:
    """What has come so far; kept when the connection breaks."""

    status: int | None = None
    version: str = ""
    headers: Pairs = ()
    chunks: list[tuple[float, bytes]] = field(default_factory=list)
    fresh: bool = False
    end: End = "complete"
    note: str = ""


class Wire:
    """Sends calls to a target. Each slot owns a client, so that none waits for another's pool."""

    def __init__(
        self,
        target: Target,
        keys: Mapping[str, str],
        limits: Limits,
        luck: Callable[[], float],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.target, self.keys, self.limits = target, keys, limits
        self.luck, self.clock = luck, clock
        self.began = clock()
        self.redactor = Redactor({f"caller:{n}" if n != "key" else "caller": k for n, k in keys.items()})
        self.context = httpx.create_ssl_context()

    def slot(self) -> httpx.AsyncClient:
        return httpx.AsyncClient(
            verify=self.context,
            timeout=httpx.Timeout(self.limits.timeout),
            limits=httpx.Limits(max_connections=1),
            follow_redirects=False,
        )

    async def send(
        self, client: httpx.AsyncClient, shot: str, call: Call, gate: Callable[[], Awaitable[None]]
    ) -> Exchange:
        """Sends until something is established; every attempt is written down."""
        request = self.request(client, call)
        attempts: list[Attempt] = []
        while True:
            await gate()
            began = self.clock()
            received = await self.once(client, request, began)
            spent = self.clock() - began
            attempts.append(
                Attempt(began - self.began, spent, received.end, received.status, not received.fresh, received.note)
            )
            pause = self.pause(call, received, attempts)
            if pause is None:
                return self.exchange(shot, request, received, attempts)
            await asyncio.sleep(pause)

    def pause(self, call: Call, received: Received, attempts: list[Attempt]) -> float | None:
        """Seconds until the next try; None when this answer stands."""
        nothing = received.status is None and received.end == "dropped"
        if nothing and not received.fresh and len(attempts) < self.limits.tries:
            return 0.0
        if call.auth == "limited" or received.end not in ("complete", "unreachable"):
            return None
        return pace.again(
            received.status,
            received.headers,
            len(attempts),
            self.luck(),
            tries=self.limits.tries,
            patience=self.limits.patience,
        )

    def request(self, client: httpx.AsyncClient, call: Call) -> httpx.Request:
        front = self.target.fronts[call.protocol]
        content = call.raw if call.raw is not None else None
        if call.raw is None and call.body is not None:
            content = json.dumps(call.body, ensure_ascii=False)
        given = {name.lower() for name, _ in call.headers}
        headers = [("accept", "application/json"), ("accept-encoding", "identity"), ("user-agent", AGENT)]
        if content is not None:
            headers.append(("content-type", "application/json"))
        headers += [*front.headers, *authorization(front, call.auth, self.keys)]
        headers = [pair for pair in headers if pair[0].lower() not in given] + list(call.headers)
        url = front.base_url.rstrip("/") + call.path
        body = None if content is None else content.encode("utf-8", "surrogatepass")
        return client.build_request(call.method, url, headers=headers, content=body)

    async def once(self, client: httpx.AsyncClient, request: httpx.Request, began: float) -> Received:
        received = Received()

        async def trace(name: str, info: Mapping[str, Any]) -> None:
            received.fresh = received.fresh or name == "connection.connect_tcp.started"

        request.extensions["trace"] = trace
        try:
            async with asyncio.timeout(self.limits.timeout):
                await self.receive(client, request, received, began)
        except TimeoutError:
            received.end, received.note = "timeout", f"no end after {self.limits.timeout:g} s"
        except httpx.HTTPError as error:
            received.end = ended(error)
            received.note = f"{type(error).__name__}: {error}"[:300]
        return received

    async def receive(
        self, client: httpx.AsyncClient, request: httpx.Request, received: Received, began: float
    ) -> None:
        size = 0
        response = await client.send(request, stream=True)
        try:
            received.status, received.version = response.status_code, response.http_version
            received.headers = tuple(
                (k.decode("latin-1"), v.decode("latin-1")) for k, v in response.headers.raw
            )
            async for piece in response.aiter_bytes():
                received.chunks.append((self.clock() - began, piece))
                size += len(piece)
                if size > self.limits.body:
                    received.end = "too-large"
                    received.note = f"more than {self.limits.body} bytes"
                    break
        finally:
            await response.aclose()

    def exchange(
        self, shot: str, request: httpx.Request, received: Received, attempts: list[Attempt]
    ) -> Exchange:
        hide = self.redactor
        sent = tuple((k.decode("latin-1"), v.decode("latin-1")) for k, v in request.headers.raw)
        return Exchange(
            shot=shot,
            method=request.method,
            url=hide.text(str(request.url)),
            request_headers=hide.pairs(sent),
            request_body=hide.text(request.content.decode("utf-8", "surrogatepass")),
            end=received.end,
            status=received.status,
            http_version=received.version,
            headers=hide.pairs(received.headers),
            chunks=hide.chunks(tuple(received.chunks)),
            attempts=tuple(replace(a, note=hide.text(a.note)) for a in attempts),
            started=attempts[0].started,
            seconds=attempts[-1].seconds,
            note=hide.text(received.note),
        )


def authorization(front: Front, auth: str, keys: Mapping[str, str]) -> list[tuple[str, str]]:
    """The header that carries the key; none for `none`, or where there is no key."""
    if auth == "none":
        return []
    key = WRONG_KEY if auth == "wrong" else keys.get("limited" if auth == "limited" else "key")
    key = key or keys.get("key")
    if not key:
        return []
    if front.auth == "x-api-key":
        return [("x-api-key", key)]
    return [("authorization", f"Bearer {key}")]


def ended(error: httpx.HTTPError) -> End:
    """How a conversation ended: no connection, or a fault of the other side."""
    match error:
        case httpx.ConnectError() | httpx.ConnectTimeout() | httpx.ProxyError():
            return "unreachable"
        case httpx.TimeoutException():
            return "timeout"
        case httpx.LocalProtocolError() | httpx.UnsupportedProtocol():
            return "not-sent"
        case httpx.RemoteProtocolError() if "disconnected" in str(error) or "peer" in str(error):
            return "dropped"
        case httpx.NetworkError():
            return "dropped"
    return "malformed"
