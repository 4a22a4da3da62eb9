"""Bounds what large answers cost: the memory of those in flight, and the work of a whole run.

An answer that grows beyond FREE bytes waits until few others are as large, and until there is room
for it. The wait does not count as time of the target. The answers of a run cost bytes, and more for
each line and each comma, which are what makes an answer expensive to judge.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Final

from harness.model import Exchange

MIB: Final = 1024 * 1024
FREE: Final = MIB // 2  # bytes of an answer that never wait
AT_ONCE: Final = 2  # larger answers
POLL: Final = 0.02  # seconds between two looks whether there is room
INFLATION: Final = 1000  # a compressed body becomes at most so many times as large
ALLOWED: Final = 40 * MIB  # cost of all answers of a run, and
ALLOWED_EACH: Final = MIB // 16  # for each answer; a usual one costs a thirtieth of that
LINES, LINE_COST = 2_000, 100  # lines of an answer that cost nothing more; bytes for each other
COMMAS, COMMA_COST = 20_000, 30
TOO_LARGE_COST: Final = 2 * MIB  # of an answer of which only the start is kept


class LargeAnswers:
    """Counts the large answers in flight and the cost of all answers.

    Attributes:
        is_too_early: Whether a large answer to a request of an item has to wait for memory.
    """

    def __init__(self) -> None:
        self.is_too_early: Callable[[int], bool] = lambda item: False
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
        while large.is_over or large.inside >= AT_ONCE or large.is_too_early(self.item):
            await asyncio.sleep(POLL)
        large.inside, self.is_inside = large.inside + 1, True
        timeout.reschedule(loop.time() + left)

    def leave(self) -> None:
        """Make room for another answer; a second call does nothing."""
        self.large.inside -= self.is_inside
        self.is_inside = False


def cost_of(body: bytes) -> int:
    """Return the bytes of a body, and more for a body of very many lines or values."""
    lines, commas = body.count(b"\n") - LINES, body.count(b",") - COMMAS
    return len(body) + max(0, lines) * LINE_COST + max(0, commas) * COMMA_COST
