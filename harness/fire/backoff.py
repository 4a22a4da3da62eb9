"""The backoff that all connections share: it delays requests while the target limits their rate.

A refusal for the rate (429 or 529, or 503 with `retry-after`) stops everything for the pause that
the target asks for, and lowers the rate of the requests after it. Each answer then raises the rate
by a few percent until the next refusal. Headers that state that no request is left stop everything
until the limit is reset.

All of it comes from an untrusted target, so that each pause is bounded, and after MAX_REFUSING
seconds of nothing but refusals there is no further pause.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence
from typing import Final

from harness.fire.limit_headers import Quota, requests_per_minute

MAX_PAUSE: Final = 90.0  # seconds
LONG_PAUSES: Final = 3  # refusals in a row that ask for more
MAX_REFUSING: Final = 150.0  # seconds of nothing but refusals
FIRST_PAUSE: Final = 0.5  # seconds, after a refusal without `retry-after`
KEPT_RATE: Final = 0.7  # of the rate, after a refusal
UNKNOWN_INTERVAL: Final = 1.0  # longest seconds between requests if the target asks for no pause
SPEED_UP: Final = 0.95  # factor of the interval for each answer
ANNOUNCED: Final = 10.0  # seconds; the first pause that is longer is announced
NO_INTERVAL: Final = 0.005  # seconds; a shorter interval has no effect
MEASURED: Final = 20  # answers whose times show the rate before the first refusal


class Backoff:
    """All times are in seconds of the caller's clock."""

    def __init__(self) -> None:
        self.until = self.interval = self.interval_before = 0.0
        self.last_request = self.last_answer = self.slowed = float("-inf")
        self.refused_since: float | None = None
        self.refusals = 0  # pauses without an answer since
        self.long_pause, self.long_pauses = 0.0, 0  # that are longer than MAX_PAUSE
        self.answers: deque[float] = deque(maxlen=MEASURED)
        self.rpm = 0.0  # requests per minute that the headers allow; 0 if they state nothing
        self.believes_headers, self.stopped_at = True, float("-inf")
        self.on_pause: Callable[[str], None] = lambda message: None
        self.has_announced = False
        self.check_from: float | None = None  # the end of the last pause for used up headers

    def wait(self, now: float) -> float:
        """Returns the seconds until the next request may be sent; 0.0 or less for now."""
        return max(self.until, self.last_request + self.interval) - now

    def reserve(self, now: float) -> None:
        self.last_request = now

    def exhausted(self, now: float) -> str:
        """Returns why it is in vain to wait for the target any longer; empty if it is not."""
        if self.long_pauses >= LONG_PAUSES:
            return f"the target refuses every request and asks to wait {self.long_pause:.0f} s"
        if self.refused_since is not None and now - self.refused_since > MAX_REFUSING:
            return f"the target has refused every request for {MAX_REFUSING:.0f} s"
        return ""

    def answered(self, now: float) -> None:
        """Takes account of an answer other than a refusal: the rate rises."""
        self.last_answer, self.refused_since = now, None
        self.refusals = self.long_pauses = 0
        self.answers.append(now)
        self.interval = self.interval * SPEED_UP if self.interval > NO_INTERVAL else 0.0

    def refused(self, started: float, now: float, pause: float | None) -> None:
        """Takes account of a refusal of a request that was sent at `started`.

        Args:
            pause: Seconds that the target asks for, if it does.
        """
        self.refused_since = now if self.refused_since is None else self.refused_since
        if started < self.slowed:  # it was sent before the last pause
            return
        if pause is not None and pause > MAX_PAUSE:
            self.long_pause, self.long_pauses, pause = pause, self.long_pauses + 1, None
        doubled = 2.0 ** min(self.refusals, 10)
        waits = FIRST_PAUSE * doubled if pause is None else max(pause, min(1.0, doubled / 20))
        if not self.refusals:
            self.interval_before = self.interval
        slower = max(self.interval / KEPT_RATE, 2 * self._usual(), min(1.0, pause or 0.0))
        self.interval = min(slower, UNKNOWN_INTERVAL if pause is None else pause)
        self.until = max(self.until, now + min(MAX_PAUSE, waits))
        self.slowed, self.refusals = now, self.refusals + 1
        if waits > ANNOUNCED and not self.has_announced:
            self.has_announced = True
            wait = min(MAX_PAUSE, waits)
            self.on_pause(f"the target refuses requests for their rate: waiting {wait:.0f} s")

    def resume(self) -> None:
        """Ends the pause: only one request is refused, and not the rate."""
        self.until, self.interval = float("-inf"), min(self.interval, self.interval_before)

    def _usual(self) -> float:
        """Returns the seconds between two answers before the first refusal."""
        if self.interval or len(self.answers) < 2:
            return 0.0
        return (self.answers[-1] - self.answers[0]) / (len(self.answers) - 1)

    def left(self, quotas: Sequence[Quota], started: float, now: float) -> None:
        """Stops until the reset of a quota that is used up, if what the headers state is plausible.

        If nothing is left even after such a pause, the headers are ignored from then on.
        """
        self.rpm = requests_per_minute(quotas) or self.rpm
        empty = [q.reset for q in quotas if q.limit > 1 and q.remaining == 0 and q.reset]
        pause = max((seconds for seconds in empty if seconds <= MAX_PAUSE), default=0.0)
        if self.check_from is not None and started >= self.check_from:
            self.believes_headers, self.check_from = not pause, None
        if pause and self.believes_headers and started >= self.stopped_at:
            self.stopped_at = now
            self.until = self.check_from = max(self.until, now + pause)
