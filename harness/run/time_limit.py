"""The time limit of a run, for judging as well as for sending."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final, TypeVar

from harness.fire.rate_limiter import RateLimiter

T = TypeVar("T")
JUDGING: Final = 20.0  # seconds for what was sent within the limit; usually one is enough

LEFT: Final = "the remaining cases were not judged"


def within_time(judged: Iterable[T], limiter: RateLimiter) -> Iterator[T]:
    """Yield what to judge until `--max-seconds` are over, and the time to judge what was sent."""
    for each in judged:
        if limiter.seconds_over() > JUDGING:
            budget = limiter.budget
            budget.over = f"--max-seconds {budget.seconds:g} is used up: {LEFT}"
            return
        yield each
