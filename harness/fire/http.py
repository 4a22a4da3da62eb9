"""HTTP transport: sends a call to the target, again where needed, and returns the exchange."""

from __future__ import annotations

import logging
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import replace
from functools import cache
from urllib.request import getproxies

import httpx

from harness.fire import urls
from harness.fire.connection import HttpConnection, Limits
from harness.fire.interfaces import STOPPED, Acquire, ResponseSink
from harness.fire.large_answers import LargeAnswers
from harness.fire.redaction.exchange import make_redactor
from harness.fire.redaction.secrets import redact_url
from harness.fire.request import (
    build_headers,
    build_url,
    decode_headers,
    encode_body,
    encode_headers,
)
from harness.fire.response_buffer import ResponseBuffer
from harness.fire.retry import is_of_connection, provokes_failure, retry_delay
from harness.model import Attempt, Call, Exchange, Pairs, Target
from harness.util.environment import retry_on_change
from harness.util.errors import UsageError

OnAttempt = Callable[[Call, float, ResponseBuffer], bool]
IsAlone = Callable[[Sequence[Attempt]], Awaitable[bool]]


class HttpTransport:
    """Sends calls to one target and redacts what it returns.

    Args:
        keys: API keys by use (`key`, `limited`).
        jitter: Returns a random number between 0 and 1; spreads the retries.
        clock: Returns seconds; times of exchanges are relative to its value now.
        trust: Which certificates of the target are accepted.
        packs: Packs of the run, by name or folder; a key that is a word in them is not hidden.

    Raises:
        UsageError: A base URL of the target or a certificate file is invalid.
    """

    def __init__(
        self,
        target: Target,
        keys: Mapping[str, str],
        limits: Limits,
        jitter: Callable[[], float],
        clock: Callable[[], float] = time.monotonic,
        trust: urls.Trust = urls.DEFAULT_TRUST,
        packs: Sequence[str] = (),
    ) -> None:
        self.target, self.keys, self.limits = target, keys, limits
        self.jitter, self.clock = jitter, clock
        self.start_time, self.has_answered = clock(), False
        self.large = LargeAnswers()
        urls.check_base_urls(target)
        self.redactor = make_redactor(target, keys, getproxies().values(), packs)
        self.context = urls.ssl_context(target, trust)
        self.parse_url = cache(httpx.URL)
        self.peers: dict[str, list[str]] = {}  # origin -> digests of its certificates
        # Receives every attempt: the call, when it was sent, and the response. Returns whether the
        # target refuses all requests at the moment, so that waiting for it is no waste.
        self.on_attempt: OnAttempt = lambda call, started, response: False
        self.on_data: Callable[[], None] = lambda: None  # is called for every piece of an answer
        self.is_refused_alone: IsAlone | None = None
        for name in ("httpx", "httpcore"):  # their debug messages contain headers, keys included
            logging.getLogger(name).setLevel(logging.WARNING)

    def connection(self, limits: Limits | None = None) -> HttpConnection:
        """Returns a new connection. Raises UsageError if a proxy variable is invalid.

        Args:
            limits: The limits of the requests on it; those of the transport by default.
        """
        arguments = (self.context, not self.target.builtin, limits or self.limits, self.clock)
        try:
            connection = retry_on_change(lambda: HttpConnection(*arguments))
        except (ImportError, ValueError, httpx.InvalidURL) as error:
            message = self.redactor.text(str(error))
            raise UsageError(f"invalid proxy variables: {message}") from error
        connection.on_data, connection.large = lambda: self.on_data(), self.large
        return connection

    async def send(
        self, connection: HttpConnection, shot: str, call: Call, acquire: Acquire
    ) -> Exchange:
        """Sends a call until an answer stands, and records every attempt."""
        request = self._request(call)
        attempts: list[Attempt] = []
        response = ResponseBuffer(0, end="not-sent", note=STOPPED)
        delay: float | None = 0.0
        with connection.keeping_room():
            while delay is not None and await acquire(delay):
                start = self.clock()
                response = await connection.send(request)
                attempts.append(self._attempt(start, response))
                self._remember_peer(request.url, response)
                refuses_all = self.on_attempt(call, start, response)
                limits = connection.limits
                if refuses_all:
                    limits = replace(limits, tries=max(limits.tries, limits.rate_limited_tries))
                delay = self._retry_delay(call, response, attempts, limits)
                if delay and limits.checks_refusals and self.is_refused_alone:
                    delay = None if await self.is_refused_alone(attempts) else delay
            return await self.redactor.redact(exchange(shot, request, response, attempts))

    async def forward(
        self, method: str, url: str, headers: Pairs, body: bytes, sink: ResponseSink
    ) -> ResponseBuffer:
        """Sends the request of an SDK once, on a connection of its own."""
        connection = self.connection()
        try:
            request = httpx.Request(
                method, url, headers=encode_headers(headers), content=body or None
            )
            response = await connection.send(request, sink)
            self._remember_peer(request.url, response)
        except httpx.InvalidURL as error:
            response = ResponseBuffer(0, end="not-sent", note=str(error))
        finally:
            await connection.close()
        return response

    def _request(self, call: Call) -> httpx.Request:
        endpoint = self.target.endpoints[call.protocol]
        url = self.parse_url(build_url(endpoint.base_url, call.path))
        headers = encode_headers(build_headers(endpoint, call, self.keys))
        return httpx.Request(call.method, url, headers=headers, content=encode_body(call))

    def _attempt(self, start: float, response: ResponseBuffer) -> Attempt:
        return Attempt(
            started=start - self.start_time,
            seconds=self.clock() - start,
            end=response.end,
            status=response.status,
            reused=not response.fresh,
            note=self.redactor.note(response.note),
        )

    def _remember_peer(self, url: httpx.URL, response: ResponseBuffer) -> None:
        self.has_answered = self.has_answered or response.status is not None
        if response.certificate:
            digests = self.peers.setdefault(f"{url.scheme}://{url.netloc.decode()}", [])
            if response.certificate not in digests:
                digests.append(response.certificate)

    def _retry_delay(
        self, call: Call, response: ResponseBuffer, attempts: Sequence[Attempt], limits: Limits
    ) -> float | None:
        count = len(attempts)
        if is_of_connection(attempts[-1]):
            return 0.0 if count < limits.tries else None
        if response.end == "dropped":
            is_first = sum(not is_of_connection(attempt) for attempt in attempts) == 1
            return 0.0 if is_first and count < limits.tries else None
        if provokes_failure(call):
            return None
        if response.end == "complete" or (response.end == "unreachable" and self.has_answered):
            return retry_delay(response.status, response.headers, count, self.jitter(), limits)
        return None


def exchange(
    shot: str, request: httpx.Request, response: ResponseBuffer, attempts: list[Attempt]
) -> Exchange:
    """Returns the exchange of a request and its last response, not yet redacted."""
    return Exchange(
        shot=shot,
        method=request.method,
        url=redact_url(str(request.url)),
        request_headers=decode_headers(request.headers.raw),
        request_body=request.content.decode("utf-8", "surrogatepass"),
        end=response.end,
        status=response.status,
        http_version=response.version,
        headers=response.headers,
        chunks=response.chunks(),
        attempts=tuple(attempts),
        started=attempts[0].started if attempts else 0.0,
        seconds=attempts[-1].seconds if attempts else 0.0,
        note=response.note,
        reason="" if attempts else "stopped",
        digest=response.digest,
    )
