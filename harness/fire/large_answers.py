"""Bounds what large answers cost: the memory of those in flight, and the work of a whole run.

An answer that grows beyond FREE bytes waits until no other is as large, and until there is room for
it. The wait does not count as time of the target. The answers of a run cost bytes, and more for
each line, event and comma, which are what makes an answer expensive to judge. No answer costs more
than 21 million bytes, which take about two seconds, so that a run is not ended by a few of them.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable
from typing import Final

from harness.model import Exchange

MIB: Final = 1024 * 1024
FREE: Final = MIB // 2  # bytes of an answer that never wait
AT_ONCE: Final = 1  # larger answer
POLL: Final = 0.02  # seconds between two looks whether there is room
INFLATION: Final = 1000  # a compressed body becomes at most so many times as large
ALLOWED: Final = 128 * MIB  # cost of all answers of a run, and
ALLOWED_EACH: Final = MIB // 16  # for each answer; a usual one costs a thirtieth of that
# Bytes that each part of an answer costs beside its own, and all of them at most.
COSTS: Final = ((b"\n", 6), (b"data:", 100), (b",", 30))
MOST_PARTS: Final = 12 * MIB
TOO_LARGE_COST: Final = 2 * MIB  # of an answer of which only the start is kept


class LargeAnswers:
    """Counts the large answers in flight and the cost of all answers.

    Attributes:
        is_too_early: Whether a large answer to a request of an item has to wait for memory.
        in_flight: The number of scripts in flight; None while the judge frees memory by itself.
        waiting: How many answers of each item wait.
    """

    def __init__(self) -> None:
        self.is_too_early: Callable[[int], bool] = lambda item: False
        self.in_flight: Callable[[], int | None] = lambda: None
        self.waiting = Counter[int]()
        self.inside = self.cost = self.answers = 0
        self.is_over = False

    def add(self, exchange: Exchange) -> str:
        """Count an answer; return why the run must end, or ""."""
        self.answers += 1
        self.cost += TOO_LARGE_COST if exchange.end == "too-large" else cost_of(exchange.body)
        self.is_over = self.cost > ALLOWED + self.answers * ALLOWED_EACH
        if not self.is_over:
            return ""
        cost = f"{self.cost // MIB:,} MiB, in which lines and values count more than their bytes"
        return f"the answers are too large: {self.answers:,} of them cost {cost}"

    def must_wait(self, item: int) -> bool:
        """Return whether a waiting answer to a request of an item waits on.

        If the judge waits for what cannot be sent before others arrive, the earliest does so.
        """
        if self.is_over or self.inside >= AT_ONCE:
            return True
        if not self.is_too_early(item):
            return False
        in_flight = self.in_flight()
        is_stuck = in_flight is not None and self.waiting.total() >= in_flight
        return not is_stuck or item > min(+self.waiting)


class Room:
    """The room of one answer in flight. `item` is the position of its request in the run."""

    def __init__(self, large: LargeAnswers, item: int) -> None:
        self.large, self.item, self.is_inside = large, item, False

    async def require(self, size: int, timeout: asyncio.Timeout) -> None:
        """Wait for room if the answer becomes large; the time-out is put off by as much.

        When the run ends for its large answers, there is no more room until it has ended.
        """
        if self.is_inside or size <= FREE:
            return
        large, loop = self.large, asyncio.get_running_loop()
        left = (timeout.when() or loop.time()) - loop.time()
        timeout.reschedule(None)
        large.waiting[self.item] += 1
        try:
            while large.must_wait(self.item):
                await asyncio.sleep(POLL)
        finally:
            large.waiting[self.item] -= 1
        large.inside, self.is_inside = large.inside + 1, True
        timeout.reschedule(loop.time() + left)

    def leave(self) -> None:
        """Make room for another answer; a second call does nothing."""
        self.large.inside -= self.is_inside
        self.is_inside = False


def cost_of(body: bytes) -> int:
    """Return the bytes of a body, and more for its lines, events and values."""
    return len(body) + min(MOST_PARTS, sum(body.count(part) * each for part, each in COSTS))
