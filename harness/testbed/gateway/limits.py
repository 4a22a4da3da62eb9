"""Key, time -> what is left of its rate limit. May not sleep, and reads no clock but its own."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime


@dataclass(frozen=True, slots=True)
class Budget:
    """What a caller has left. Seconds until it is whole again, and until the next request."""

    limit: int
    remaining: int
    reset: float
    wait: float = 0.0


class Bucket:
    """A token bucket: `size` requests at once, refilled by `rate` a second."""

    def __init__(self, size: int, rate: float, clock: Callable[[], float]) -> None:
        self.size, self.rate, self._clock = size, rate, clock
        self._level, self._seen = float(size), clock()

    def take(self) -> Budget:
        """Takes one request out, or says how long to wait for it."""
        now = self._clock()
        self._level = min(self.size, self._level + (now - self._seen) * self.rate)
        self._seen = now
        wait = 0.0
        if self._level >= 1:
            self._level -= 1
        else:
            wait = (1 - self._level) / self.rate
        reset = math.ceil((self.size - self._level) / self.rate)
        return Budget(self.size, int(self._level), float(reset), wait)


class Roomy:
    """A limit nobody reaches; it depends on nothing, so equal requests get equal answers."""

    size, rate = 4000, 4000 / 60

    def take(self) -> Budget:
        return Budget(self.size, self.size - 1, 1 / self.rate)


def go_duration(seconds: float) -> str:
    """Seconds as Go writes durations: `1h2m3s`, `6m0s`, `1.5s`, `15ms`."""
    milliseconds = math.ceil(seconds * 1000)
    if milliseconds < 1000:
        return f"{milliseconds}ms"
    minutes, rest = divmod(milliseconds, 60_000)
    hours, minutes = divmod(minutes, 60)
    text = f"{rest / 1000:g}s"
    if hours or minutes:
        text = f"{minutes}m{text}"
    return f"{hours}h{text}" if hours else text


def rfc3339(moment: float) -> str:
    """Unix seconds as RFC 3339 writes a moment: `2025-11-01T00:00:01Z`."""
    return datetime.fromtimestamp(math.ceil(moment), UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
