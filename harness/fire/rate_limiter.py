"""Requests -> each in its turn, as the limits allow. Sleeps; may not send by itself."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import replace

from harness.fire.budget import Budget
from harness.fire.http import Gate
from harness.fire.retry import MINUTE
from harness.fire.usage import UsageWindow, estimate, spent
from harness.model import Call, Exchange, Mode


class RateLimiter:
    """Every try of every request goes through it, until it is closed."""

    def __init__(
        self,
        rpm: float = 0.0,
        tpm: float = 0.0,
        clock: Callable[[], float] = time.monotonic,
        budget: Budget | None = None,
    ) -> None:
        self.meter, self.clock = UsageWindow(rpm, tpm), clock
        self.began: float | None = None  # when the first one came
        self.budget = budget or Budget()
        self.closed, self.news = False, asyncio.Event()

    async def through(
        self, send: Callable[[Gate], Awaitable[Exchange]], call: Call, mode: Mode
    ) -> Exchange:
        """What it costs is guessed before, and known, where the answer tells, afterwards."""
        metered = self.meter.tpm > 0 or self.budget.tokens > 0
        cost = estimate(call) if metered else 0.0
        tries: list[int] = []

        async def gate(pause: float) -> bool:
            return await self.turn(pause, cost, tries)

        exchange = await send(gate)
        if metered and tries:
            told = None if call.client else spent(exchange, call, mode)
            self.meter.mend(tries[-1], told)
            self.budget.settle(cost * len(tries), told)
            self.stir()
        if self.budget.over and not tries and exchange.end == "not-sent":
            return replace(exchange, note=f"stopped: {self.budget.over}", reason="budget")
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
            self.began = now if self.began is None else self.began
            if not self.budget.allows(self.meter.requests, cost, now - self.began):
                return False
            left = max(due - now, self.meter.wait(now, cost))
            crowded = self.budget.waits(cost)
            if left <= 0 and not crowded:
                tries.append(self.meter.reserve(now, cost))
                self.budget.guessed += cost
                return True
            up = self.budget.left(now - self.began)
            await self.rest(min(MINUTE if crowded else left, up))
        return False

    async def rest(self, seconds: float) -> None:
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self.news.wait()
