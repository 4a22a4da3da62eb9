"""Sends one script and learns from its answers how the target copes.

A script with a request that got no answer, only an answer of overload or of a proxy, or an internal
error, is sent again at the end of the run with nothing else in flight. Its exchanges are recorded
only then, with all attempts.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from functools import partial
from typing import Final

from harness.fire.alternatives import send_with_alternative
from harness.fire.connection import HttpConnection
from harness.fire.conversation import not_sent, run_script
from harness.fire.dispatch import Dispatcher
from harness.fire.health import Health
from harness.fire.health_check import HealthCheck
from harness.fire.limit_headers import quotas, retry_after
from harness.fire.lone_refusals import LoneRefusals
from harness.fire.rate_limiter import RateLimiter
from harness.fire.response_buffer import ResponseBuffer
from harness.fire.retry import (
    RETRYABLE,
    is_internal_error,
    is_unanswered,
    provokes_failure,
    recovered,
    shots_with,
)
from harness.fire.throttle import Throttle
from harness.model import Call, Exchange, Script, Shot

MAX_TIMEOUTS: Final = 5  # scripts that are sent again; further ones keep their first exchanges
MAX_ERRORS: Final = 10  # scripts that got an internal error again; it is no chance then
Sent = list[Exchange]


class ScriptRunner:
    """Sends scripts within the limits of the target and of the run.

    Attributes:
        earlier_exchange: Returns the exchange that an earlier run has of a shot, if it counts.
        again: The scripts to send again and their first exchanges, by script id.
    """

    def __init__(
        self,
        dispatcher: Dispatcher,
        rate_limiter: RateLimiter,
        record: Callable[[Exchange], None],
        throttle: Throttle,
    ) -> None:
        self.dispatcher, self.rate_limiter, self.record = dispatcher, rate_limiter, record
        self.throttle, self.health = throttle, Health()
        self.health_check = HealthCheck(dispatcher, rate_limiter, throttle, self.health)
        self.earlier_exchange: Callable[[Shot], Exchange | None] = lambda shot: None
        self.again: dict[str, tuple[Script, list[Exchange]]] = {}
        self.timeouts = self.errors = 0
        self.lone = LoneRefusals(self.health_check, rate_limiter)
        dispatcher.transport.on_attempt = self._learn
        dispatcher.transport.is_refused_alone = self.lone.is_alone
        dispatcher.transport.on_data = lambda: self.health.note_data(rate_limiter.clock())

    def is_sent_again(self, scripts: Iterable[Script]) -> bool:
        """Returns whether one of these scripts is sent once more at the end."""
        return any(script.id in self.again for script in scripts)

    async def run(self, connection: HttpConnection, script: Script) -> list[Exchange]:
        """Sends a script. Exchanges of scripts that are sent again later are not recorded yet."""
        try:
            exchanges, sent = await self._send_shots(connection, script)
            if self._needs_another_try(script, sent) and not self.health.stopped:
                self.again[script.id] = (script, exchanges)
            else:
                self._record(sent)
        except Exception as error:
            return self.failure(script, error)
        return exchanges

    async def run_again(self, name: str) -> list[Exchange]:
        """Sends a script again, while nothing else is in flight, and records the result.

        A shot that still has no answer is confirmed if a plain request is answered right after it.
        """
        script, first = self.again.pop(name)
        try:
            if self.timeouts < MAX_TIMEOUTS:
                first = await self._once_more(script, first)
            self._record(first)
        except Exception as error:
            return self.failure(script, error)
        return first

    def _needs_another_try(self, script: Script, sent: Sequence[Exchange]) -> bool:
        """Returns whether chance or load may have caused what came back."""
        failed = shots_with(is_internal_error, script, sent) if self.errors < MAX_ERRORS else ()
        return bool(failed or shots_with(is_unanswered, script, sent))

    def failure(self, script: Script, error: Exception) -> list[Exchange]:
        """Returns the exchanges of a script that an error of the harness kept from being sent."""
        message = f"harness: {type(error).__name__}: {error}"
        note = self.dispatcher.transport.redactor.note(message)
        return [not_sent(shot, note) for shot in script.shots]

    def _record(self, exchanges: Sequence[Exchange]) -> None:
        for exchange in exchanges:
            self.health.recovered += recovered(exchange)
            self.record(exchange)

    async def _once_more(self, script: Script, first: list[Exchange]) -> list[Exchange]:
        transport = self.dispatcher.transport
        tries = 1 if self.lone.is_sure else 2
        connection = transport.connection(transport.limits.for_one_request(tries))
        try:
            while True:
                exchanges, sent = await self._send_shots(connection, script)
                unanswered = shots_with(is_unanswered, script, sent)
                confirmed = bool(unanswered) and await self.health_check.is_answering()
                if any(exchange.status in RETRYABLE for exchange in sent):
                    self.lone.note(confirmed)
                if not unanswered or confirmed or not self._is_worth_waiting(sent):
                    break
        finally:
            await connection.close()
        if any(exchange.reason in ("stopped", "budget") for exchange in sent):
            return first
        self.timeouts += any(exchange.end == "timeout" for exchange in sent)
        self.errors += any(map(is_internal_error, sent))
        attempts = {exchange.shot: exchange.attempts for exchange in first}
        return [
            replace(
                exchange,
                attempts=(*attempts.get(exchange.shot, ()), *exchange.attempts),
                confirmed=confirmed and exchange.shot in unanswered,
            )
            for exchange in exchanges
        ]

    def _is_worth_waiting(self, sent: Sequence[Exchange]) -> bool:
        """Returns whether the target refuses everything for a time, which passes."""
        backoff, now = self.rate_limiter.backoff, self.rate_limiter.clock()
        is_busy = any(exchange.status in RETRYABLE for exchange in sent)
        return is_busy and backoff.refused_since is not None and not backoff.exhausted(now)

    async def _send_shots(self, connection: HttpConnection, script: Script) -> tuple[Sent, Sent]:
        """Returns the exchanges of a script, and those of them that an earlier run has not."""
        sent: Sent = []
        send = partial(self._send, connection, sent)
        return await run_script(script, send, sent.append), sent

    async def _send(
        self, connection: HttpConnection, sent: Sent, shot: Shot, call: Call
    ) -> Exchange:
        if earlier := self.earlier_exchange(shot):
            return earlier
        send = partial(self._send_once, connection, shot)
        exchange = await send_with_alternative(send, call)
        sent.append(exchange)
        await self.health_check.check(exchange)
        return exchange

    async def _send_once(self, connection: HttpConnection, shot: Shot, call: Call) -> Exchange:
        reservation = self.rate_limiter.reserve(call)
        acquire = partial(self.rate_limiter.acquire, reservation)
        self.health.begin(shot.id, self.rate_limiter.clock())
        try:
            exchange = await self.dispatcher.send(connection, shot, call, acquire)
        finally:
            self.health.in_flight.pop(shot.id, None)
        if message := self.dispatcher.transport.large.add(exchange):
            self.health_check.halt(message)
        return self.rate_limiter.settle(reservation, exchange, call, shot.mode)

    def _learn(self, call: Call, started: float, response: ResponseBuffer) -> bool:
        """Learns from an attempt; returns whether the target refuses all requests for a time."""
        now, backoff = self.rate_limiter.clock(), self.rate_limiter.backoff
        is_meant = provokes_failure(call)
        self.health.attempt(response, now - started, not is_meant, now)
        if is_meant:
            return False
        is_busy = response.status in RETRYABLE
        overloaded = is_busy or response.end == "timeout"
        self.throttle.observe(started, now - started, overloaded, now)
        backoff.left(quotas(response.headers, self.rate_limiter.wall_clock), started, now)
        pause = retry_after(response.headers)
        if is_busy and (response.status != 503 or pause is not None):
            concerns_all = backoff.last_answer <= started
            backoff.refused(started, now, pause)
            if message := backoff.exhausted(now):
                self.health_check.stop(message)
            return concerns_all and not message
        if response.status is not None and not is_busy:
            backoff.answered(now)
        return False
