"""Adaptive concurrency: how many scripts may be in flight, between 1 and a ceiling.

It starts low, unless the caller states what the target can take. While answers come quickly it
rises by one for each answer until the first sign of load, and afterwards by one for each full round
of answers. It is halved by a timeout, by an overload status (429, 503, 529) and by an answer that
took more than half of the timeout.
"""

from __future__ import annotations

import asyncio
from typing import Final

START: Final = 4
QUICK: Final = 1 / 6  # of the timeout: an answer that comes sooner lets the limit rise
SLOW: Final = 1 / 2  # of the timeout: an answer that takes longer halves the limit


class Throttle:
    """Counts the scripts in flight. `timeout` is that of one answer, in seconds."""

    def __init__(self, ceiling: int, timeout: float) -> None:
        self.ceiling, self.timeout = ceiling, timeout
        self.limit = float(min(START, ceiling))
        self.in_flight, self.held, self.is_loaded = 0, False, False
        self.last_fall = float("-inf")
        self.changed = asyncio.Event()

    def start_at_ceiling(self) -> None:
        """Lets as many begin at once as may be in flight; signs of load still lower the number."""
        self.limit = float(self.ceiling)

    def has_room(self) -> bool:
        """Returns whether one more script may begin."""
        return not self.held and self.in_flight < int(self.limit)

    def begin(self) -> None:
        self.in_flight += 1

    def end(self) -> None:
        self.in_flight -= 1
        self.changed.set()

    async def change(self) -> None:
        """Waits until something has changed that may give room."""
        self.changed.clear()
        await self.changed.wait()

    async def hold(self) -> None:
        """Lets nothing begin any more, and waits until nothing is in flight."""
        self.held = True
        while self.in_flight:
            await self.change()

    def release(self) -> None:
        self.held = False
        self.changed.set()

    def observe(self, started: float, seconds: float, overloaded: bool, now: float) -> None:
        """Takes account of one attempt, which began at `started` and lasted so many seconds.

        Requests that were in flight at the last fall show the load of that time, and not that of
        the lower limit, so that they do not lower it again.
        """
        if overloaded or seconds > self.timeout * SLOW:
            if started >= self.last_fall:
                self.limit, self.last_fall = max(1.0, self.limit / 2), now
            self.is_loaded = True
        elif seconds < self.timeout * QUICK:
            step = 1 / self.limit if self.is_loaded else 1.0
            self.limit = min(float(self.ceiling), self.limit + step)
