"""Checks with one plain request whether the target still answers, and ends the run if not."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace

from harness.fire.dispatch import Dispatcher
from harness.fire.health import Health
from harness.fire.rate_limiter import RateLimiter
from harness.fire.throttle import Throttle
from harness.model import Exchange, Script


class HealthCheck:
    """Sends the plain request while no other request is started.

    Attributes:
        script: The plain request; None before the first answer, when nothing is checked.
        keeps_going: The run does not end, whatever the target does.
        on_stop: Is called when the target has stopped answering.
    """

    def __init__(
        self, dispatcher: Dispatcher, rate_limiter: RateLimiter, throttle: Throttle, health: Health
    ) -> None:
        self.dispatcher, self.rate_limiter = dispatcher, rate_limiter
        self.throttle, self.health = throttle, health
        self.script: Script | None = None
        self.keeps_going = False
        self.on_stop: Callable[[], None] = lambda: None
        self.lock = asyncio.Lock()

    async def check(self, exchange: Exchange) -> None:
        """Sends the plain request if the target may have stopped answering with this exchange."""
        self.health.ended(exchange)
        if self.script is None or not self._may_have_stopped(exchange):
            return
        async with self.lock:
            if not self.health.stopped and self._may_have_stopped(exchange):
                await self.is_answering()

    def _may_have_stopped(self, exchange: Exchange) -> bool:
        return self.health.may_have_stopped(exchange, self.rate_limiter.clock())

    async def is_answering(self) -> bool:
        """Returns whether a plain request is answered; if it is not, the run stops."""
        if self.script is None:
            return False
        since = self.rate_limiter.clock()
        held, self.throttle.held = self.throttle.held, True
        try:
            answer = await self._send(self.script)
        finally:
            self.throttle.held = held
        is_whole = answer.end != "timeout" and answer.status is not None
        if not is_whole and self.health.last_complete < since:
            self.stop(self.health.message())
        return answer.end == "complete" and answer.status is not None and answer.status < 300

    async def is_free(self) -> bool:
        """Returns whether a plain request is answered at once; nothing else depends on it."""
        if self.script is None:
            return False
        answer = await self._send(self.script, tries=1)
        return answer.end == "complete" and answer.status is not None and answer.status < 300

    def stop(self, message: str) -> None:
        """Ends the run, unless it goes on in any case."""
        if self.script is not None and not self.health.stopped and not self.keeps_going:
            self.health.stopped = message
            self.on_stop()

    def halt(self, message: str) -> None:
        """Ends the run in any case."""
        self.health.stopped = self.health.stopped or message
        self.on_stop()

    async def _send(self, script: Script, tries: int = 2) -> Exchange:
        transport, shot = self.dispatcher.transport, script.shots[0]
        seconds = self.health.probe_seconds(transport.limits.timeout)
        connection = transport.connection(
            replace(transport.limits.for_one_request(tries), timeout=seconds)
        )

        async def acquire(delay: float) -> bool:
            await asyncio.sleep(delay)
            self.rate_limiter.window.reserve(self.rate_limiter.clock())
            return not self.rate_limiter.closed

        try:
            named = replace(shot, id="probe")
            return await self.dispatcher.send(connection, named, shot.call, acquire)
        finally:
            await connection.close()
