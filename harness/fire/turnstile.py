"""Requests -> each in its turn, as the limits allow. Sleeps; may not send by itself."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress

from harness.fire.meter import Meter, estimate, spent
from harness.fire.wire import Gate
from harness.model import Call, Exchange, Mode


class Turnstile:
    """Every try of every request goes through it, until it is closed."""

    def __init__(
        self, rpm: float = 0.0, tpm: float = 0.0, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self.meter, self.clock = Meter(rpm, tpm), clock
        self.closed, self.news = False, asyncio.Event()

    async def through(
        self, send: Callable[[Gate], Awaitable[Exchange]], call: Call, mode: Mode
    ) -> Exchange:
        """What it costs is guessed before, and known, where the answer tells, afterwards."""
        metered = self.meter.tpm > 0
        cost = estimate(call) if metered else 0.0
        tries: list[int] = []

        async def gate(pause: float) -> bool:
            return await self.turn(pause, cost, tries)

        exchange = await send(gate)
        if metered and tries and not call.client:
            self.meter.mend(tries[-1], spent(exchange, call, mode))
            self.stir()
        return exchange

    def close(self) -> None:
        """Nobody goes through any more."""
        self.closed = True
        self.stir()

    def stir(self) -> None:
        """Whoever rests looks again: there may be room."""
        self.news.set()
        self.news.clear()

    async def turn(self, pause: float, cost: float, tries: list[int]) -> bool:
        """Holds a request back: so many seconds, and while what a minute allows is used up."""
        due = self.clock() + pause
        while not self.closed:
            now = self.clock()
            left = max(due - now, self.meter.wait(now, cost))
            if left <= 0:
                tries.append(self.meter.book(now, cost))
                return True
            await self.rest(left)
        return False

    async def rest(self, seconds: float) -> None:
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self.news.wait()
