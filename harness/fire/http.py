"""Call -> Exchange: one HTTP conversation, redacted as its last deed. May not judge."""

from __future__ import annotations

import logging
import time
from collections.abc import Awaitable, Callable, Mapping
from urllib.request import getproxies

import httpx

from harness.fire import retry, urls
from harness.fire.connection import HttpConnection, Limits, Passing
from harness.fire.redaction.exchange import ExchangeRedactor
from harness.fire.redaction.secrets import find_secrets, redact_url
from harness.fire.request import build_headers, build_url, encode_body
from harness.fire.response_buffer import ResponseBuffer
from harness.model import Attempt, Call, Exchange, Pairs, Target
from harness.util.environment import undisturbed
from harness.util.errors import UsageError

# Waits at least so many seconds, and until the limits allow; False when the run is ending.
Gate = Callable[[float], Awaitable[bool]]


class HttpTransport:
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
        self.began, self.reached = clock(), False
        urls.check(target)
        self.redactor = ExchangeRedactor(find_secrets(target, keys, getproxies().values()), target)
        self.context = urls.context(target)
        self.urls: dict[str, httpx.URL] = {}
        self.peers: dict[str, list[str]] = {}  # origin -> the certificates that it has shown
        for name in ("httpx", "httpcore"):  # their debug lines tell headers, keys included
            logging.getLogger(name).setLevel(logging.WARNING)

    def slot(self) -> HttpConnection:
        """Raises UsageError where the proxy variables make no sense."""
        try:
            known = self.context, not self.target.builtin, self.limits, self.clock
            return undisturbed(lambda: HttpConnection(*known))
        except (ImportError, ValueError, httpx.InvalidURL) as error:
            raise UsageError(f"the proxy variables: {self.redactor.text(str(error))}") from error

    async def send(self, slot: HttpConnection, shot: str, call: Call, gate: Gate) -> Exchange:
        """Sends until something is established; every attempt is written down."""
        request = self.request(call)
        attempts: list[Attempt] = []
        received = ResponseBuffer(0, end="not-sent", note="stopped before it was sent")
        pause: float | None = 0.0
        while pause is not None and await gate(pause):
            began = self.clock()
            received = await slot.ask(request)
            self.met(request.url, received)
            attempts.append(
                Attempt(
                    started=began - self.began,
                    seconds=self.clock() - began,
                    end=received.end,
                    status=received.status,
                    reused=not received.fresh,
                    note=self.redactor.note(received.note),
                )
            )
            pause = self.pause(call, received, len(attempts))
        return self.exchange(shot, request, received, attempts)

    async def forward(
        self, method: str, url: str, headers: Pairs, body: bytes, passing: Passing
    ) -> ResponseBuffer:
        """Sends somebody else's request, once and on a connection of its own."""
        slot = self.slot()
        try:
            pairs = [(raw(name), raw(value)) for name, value in headers]
            request = httpx.Request(method, httpx.URL(url), headers=pairs, content=body or None)
            received = await slot.ask(request, passing)
            self.met(request.url, received)
        except httpx.InvalidURL as error:
            received = ResponseBuffer(0, end="not-sent", note=str(error))
        finally:
            await slot.close()
        return received

    def met(self, url: httpx.URL, received: ResponseBuffer) -> None:
        self.reached = self.reached or received.status is not None
        if received.peer:
            shown = self.peers.setdefault(f"{url.scheme}://{url.netloc.decode()}", [])
            shown += [received.peer] if received.peer not in shown else []

    def pause(self, call: Call, received: ResponseBuffer, attempts: int) -> float | None:
        """Seconds until the next try; None when this answer stands."""
        if received.status is None and received.end == "dropped" and not received.fresh:
            return 0.0 if attempts < self.limits.tries else None
        if call.auth == "limited" or call.reply or received.end not in ("complete", "unreachable"):
            return None
        if received.end == "unreachable" and not self.reached:
            return None
        return retry.again(
            received.status,
            received.headers,
            attempts,
            self.luck(),
            tries=self.limits.tries,
            patience=self.limits.patience,
        )

    def request(self, call: Call) -> httpx.Request:
        endpoint = self.target.endpoints[call.protocol]
        url = build_url(endpoint.base_url, call.path)
        if url not in self.urls:
            self.urls[url] = httpx.URL(url)
        headers = [(raw(k), raw(v)) for k, v in build_headers(endpoint, call, self.keys)]
        return httpx.Request(
            call.method, self.urls[url], headers=headers, content=encode_body(call)
        )

    def exchange(
        self, shot: str, request: httpx.Request, received: ResponseBuffer, attempts: list[Attempt]
    ) -> Exchange:
        sent = tuple((k.decode("latin-1"), v.decode("latin-1")) for k, v in request.headers.raw)
        return self.redactor.exchange(
            Exchange(
                shot=shot,
                method=request.method,
                url=redact_url(str(request.url)),
                request_headers=sent,
                request_body=request.content.decode("utf-8", "surrogatepass"),
                end=received.end,
                status=received.status,
                http_version=received.version,
                headers=received.headers,
                chunks=received.chunks(),
                attempts=tuple(attempts),
                started=attempts[0].started if attempts else 0.0,
                seconds=attempts[-1].seconds if attempts else 0.0,
                note=received.note,
                reason="" if attempts else "stopped",
            )
        )


def raw(text: str) -> bytes:
    """Header text as the bytes that are sent: Latin-1 as HTTP has it, else UTF-8."""
    try:
        return text.encode("latin-1")
    except UnicodeEncodeError:
        return text.encode("utf-8", "replace")
