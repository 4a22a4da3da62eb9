"""Rate limiter: delays requests so that a target's limits and a run's budget are kept."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import Final

from harness.fire.backoff import Backoff
from harness.fire.retry import provokes_failure
from harness.fire.usage import MINUTE, Usage, UsageWindow, actual_tokens, estimate_tokens
from harness.model import Call, Exchange, Mode

USED_UP: Final = "is used up: the remaining requests were not sent"


@dataclass(slots=True)
class Budget:
    """Limits of a whole run: requests, tokens and seconds; 0 for no limit."""

    requests: int = 0
    tokens: float = 0.0
    seconds: float = 0.0
    over: str = ""  # the message of the first limit that was reached
    used: float = field(default=0.0, init=False)  # tokens of answers
    pending: float = field(default=0.0, init=False)  # estimated tokens of requests in flight

    def seconds_left(self, elapsed: float) -> float:
        """Returns the seconds until the time is used up; infinite without such a limit."""
        return self.seconds - elapsed if self.seconds else float("inf")

    def allows(self, requests: int, cost: float, elapsed: float) -> bool:
        """Returns whether a request may be sent after `requests` others in `elapsed` seconds."""
        if self.over:
            return False
        if self.requests and requests >= self.requests:
            self.over = f"--max-requests {self.requests} {USED_UP}"
        elif self.tokens and self.used + cost > self.tokens:
            self.over = f"--max-tokens {self.tokens:g} {USED_UP}"
        elif self.seconds and elapsed >= self.seconds:
            self.over = f"--max-seconds {self.seconds:g} {USED_UP}"
        return not self.over

    def must_wait(self, cost: float) -> bool:
        """Returns whether only the answers in flight can show if `cost` tokens are left."""
        return bool(self.tokens) and self.used + self.pending + cost > self.tokens

    def settle(self, estimated: float, actual: float | None) -> None:
        """Replaces the estimated tokens of a request by the actual ones, if those are known."""
        self.pending -= estimated
        self.used += estimated if actual is None else actual


@dataclass(slots=True)
class Reservation:
    """The estimated tokens of one request, and the usage of each of its attempts.

    The backoff has no effect on an `exempt` one, which is about the limit itself.
    """

    cost: float
    exempt: bool = False
    attempts: list[Usage] = field(default_factory=list)


class RateLimiter:
    """Every attempt of every request acquires its turn here. `clock` returns seconds."""

    def __init__(
        self,
        rpm: float = 0.0,
        tpm: float = 0.0,
        clock: Callable[[], float] = time.monotonic,
        budget: Budget | None = None,
    ) -> None:
        self.window, self.clock = UsageWindow(rpm, tpm), clock
        self.budget = budget or Budget()
        self.counts_tokens = tpm > 0 or self.budget.tokens > 0
        self.backoff, self.wall_clock = Backoff(), time.time
        self.start: float | None = None  # when the first request came
        self.closed, self.changed = False, asyncio.Event()

    def reserve(self, call: Call) -> Reservation:
        """Returns the reservation of a request, with which its attempts acquire their turns."""
        cost = estimate_tokens(call) if self.counts_tokens else 0.0
        return Reservation(cost, provokes_failure(call))

    async def acquire(self, reservation: Reservation, delay: float) -> bool:
        """Waits `delay` seconds and for the limits; False if nothing more must be sent."""
        cost, due = reservation.cost, self.clock() + delay
        while not self.closed:
            now = self.clock()
            self.start = now if self.start is None else self.start
            elapsed = now - self.start
            if not self.budget.allows(self.window.requests, cost, elapsed):
                return False
            backoff = 0.0 if reservation.exempt else self.backoff.wait(now)
            wait = max(due - now, self.window.wait(now, cost), backoff)
            must_wait = self.budget.must_wait(cost)
            if wait <= 0 and not must_wait:
                reservation.attempts.append(self.window.reserve(now, cost))
                self.budget.pending += cost
                if not reservation.exempt:
                    self.backoff.reserve(now)
                return True
            await self.pause(min(MINUTE if must_wait else wait, self.budget.seconds_left(elapsed)))
        return False

    def settle(
        self, reservation: Reservation, exchange: Exchange, call: Call, mode: Mode
    ) -> Exchange:
        """Books the actual tokens; notes in the exchange if the budget kept it from being sent."""
        attempts = reservation.attempts
        if self.counts_tokens and attempts:
            actual = None if call.client else actual_tokens(exchange, call, mode)
            attempts[-1].tokens = attempts[-1].tokens if actual is None else actual
            self.budget.settle(reservation.cost * len(attempts), actual)
            self.notify()
        if self.budget.over and not attempts and exchange.end == "not-sent":
            return replace(exchange, note=f"stopped: {self.budget.over}", reason="budget")
        return exchange

    def seconds_over(self) -> float:
        """Returns the seconds since the time of the run was used up; negative before that."""
        start = self.clock() if self.start is None else self.start
        return -self.budget.seconds_left(self.clock() - start)

    def close(self) -> None:
        self.closed = True
        self.notify()

    def notify(self) -> None:
        """Wakes waiting requests so that they check the limits again."""
        self.changed.set()
        self.changed.clear()

    async def pause(self, seconds: float) -> None:
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self.changed.wait()
