"""A run whose target limits its rate without stating the limit says how long it takes."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from harness.fire.rate_limiter import RateLimiter
from harness.run.forecast import announcing_time_left, time_left


class Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.mark.parametrize(
    ("limited", "rpm", "lines"),
    [
        (
            True,
            0.0,
            ["the target limits the rate: 40 requests in the last minute; about 0 s left"],
        ),
        (True, 60.0, []),
        (
            True,
            4000.0,
            ["the target limits the rate: 40 requests in the last minute; about 0 s left"],
        ),
        (False, 0.0, []),
    ],
)
def test_rate_that_a_target_limits_unsaid_is_announced_once(
    limited: bool, rpm: float, lines: list[str]
) -> None:
    clock, announced = Clock(), list[str]()
    limiter = RateLimiter(clock=clock)
    limiter.backoff.interval, limiter.backoff.rpm = float(limited), rpm

    def judged() -> Iterator[None]:
        for second in range(100):
            clock.now = 1.5 * second
            limiter.window.reserve(clock.now)
            yield None

    plans = announcing_time_left(judged(), [], limiter, 1, announced.append)
    assert len(list(plans)) == 100
    assert announced == lines


def test_time_left_follows_from_the_rate_of_the_last_minute() -> None:
    limiter = RateLimiter(clock=lambda: 100.0)
    for second in range(100):
        limiter.window.reserve(float(second))
    text = "the target limits the rate: 59 requests in the last minute; about 2 min 0 s left"
    assert time_left(limiter, 218) == text
