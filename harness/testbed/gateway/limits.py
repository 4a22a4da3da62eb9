"""Rate limits of the reference gateway."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime


@dataclass(frozen=True, slots=True)
class Budget:
    """Requests and tokens that remain of a caller's limit.

    `reset`: seconds until the limit is restored. `wait`: seconds until the next request is allowed.
    """

    limit: int
    remaining: int
    reset: float
    wait: float = 0.0


class Bucket:
    """A token bucket of `size` requests, refilled by `rate` requests per second."""

    def __init__(self, size: int, rate: float, clock: Callable[[], float]) -> None:
        self.size, self.rate, self._clock = size, rate, clock
        self._level, self._updated = float(size), clock()

    def take(self) -> Budget:
        """Takes one request out of the bucket, or returns how long to wait for it."""
        now = self._clock()
        self._level = min(self.size, self._level + (now - self._updated) * self.rate)
        self._updated = now
        wait = 0.0
        if self._level >= 1:
            self._level -= 1
        else:
            wait = (1 - self._level) / self.rate
        reset = math.ceil((self.size - self._level) / self.rate)
        return Budget(self.size, int(self._level), float(reset), wait)


class Unlimited:
    """A limit that is never reached. It is constant, so that equal requests get equal responses."""

    size, rate = 4000, 4000 / 60

    def take(self) -> Budget:
        return Budget(self.size, self.size - 1, 1 / self.rate)


def go_duration(seconds: float) -> str:
    """Formats seconds as Go formats durations: `1h2m3s`, `6m0s`, `1.5s`, `15ms`."""
    milliseconds = math.ceil(seconds * 1000)
    if milliseconds < 1000:
        return f"{milliseconds}ms"
    minutes, remainder = divmod(milliseconds, 60_000)
    hours, minutes = divmod(minutes, 60)
    text = f"{remainder / 1000:g}s"
    if hours or minutes:
        text = f"{minutes}m{text}"
    return f"{hours}h{text}" if hours else text


def rfc3339(seconds: float) -> str:
    """Formats Unix seconds as an RFC 3339 timestamp: `2025-11-01T00:00:01Z`."""
    return datetime.fromtimestamp(math.ceil(seconds), UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
