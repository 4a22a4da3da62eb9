"""Retry policy: decides whether a request is sent again, and after how many seconds."""

from __future__ import annotations

import math
from contextlib import suppress
from email.utils import parsedate_to_datetime
from typing import Final

from harness.fire.connection import Limits
from harness.model import Pairs

RETRYABLE: Final = (429, 503, 529)
FIRST_DELAY: Final = 0.5  # seconds
MAX_DELAY: Final = 8.0  # seconds


def retry_delay(
    status: int | None,
    headers: Pairs,
    attempts: int,
    jitter: float,
    limits: Limits,
) -> float | None:
    """Returns the seconds until the next attempt, or None if this answer stands.

    `status` is None if no connection was made. `attempts` is the number of attempts that were
    made. `jitter` is a random number between 0 and 1 that spreads the retries.
    """
    if (status is not None and status not in RETRYABLE) or attempts >= limits.tries:
        return None
    requested = retry_after(headers)
    if requested is not None:
        return None if requested > limits.max_retry_after else requested * (1 + jitter / 10)
    delay = min(MAX_DELAY, FIRST_DELAY * 2.0 ** min(attempts - 1, 10))
    return min(limits.max_retry_after, delay * (1 - jitter / 4))


def retry_after(headers: Pairs) -> float | None:
    """Returns the pause that the server asks for in seconds; `retry-after-ms` takes precedence."""
    values = {name.lower(): value.strip() for name, value in reversed(headers)}
    for name, unit in (("retry-after-ms", 1000.0), ("retry-after", 1.0)):
        with suppress(ValueError):
            number = float(values.get(name, ""))
            if math.isfinite(number) and number >= 0:
                return number / unit
    until, now = _parse_date(values.get("retry-after", "")), _parse_date(values.get("date", ""))
    return max(0.0, until - now) if until is not None and now is not None else None


def _parse_date(text: str) -> float | None:
    try:
        return parsedate_to_datetime(text).timestamp()
    except (ValueError, TypeError, OverflowError, IndexError):
        return None
