"""Retry policy: decides whether a request is sent again, and after how many seconds."""

from __future__ import annotations

import math
from contextlib import suppress
from email.utils import parsedate_to_datetime
from typing import Final

from harness.model import Pairs

RETRYABLE: Final = (429, 503, 529)
FIRST_DELAY: Final = 0.5  # seconds
MAX_DELAY: Final = 8.0  # seconds


def retry_delay(
    status: int | None,
    headers: Pairs,
    attempts: int,
    jitter: float,
    *,
    tries: int = 4,
    max_retry_after: float = 30.0,
    today: float | None = None,
) -> float | None:
    """Returns the seconds until the next attempt, or None if this answer stands.

    Args:
        status: The answer's status; None if no connection was made.
        headers: The answer's headers.
        attempts: The number of attempts that were made.
        jitter: A random number between 0 and 1 that spreads the retries.
        tries: The largest number of attempts.
        max_retry_after: Seconds; a server that asks for a longer pause is not tried again.
        today: Unix time to which a date in `retry-after` is compared if the answer has no date.
    """
    if (status is not None and status not in RETRYABLE) or attempts >= tries:
        return None
    requested = retry_after(headers, today)
    if requested is not None:
        return None if requested > max_retry_after else requested * (1 + jitter / 10)
    delay = min(MAX_DELAY, FIRST_DELAY * 2.0 ** min(attempts - 1, 10))
    return min(max_retry_after, delay * (1 - jitter / 4))


def retry_after(headers: Pairs, today: float | None) -> float | None:
    """Returns the pause that the server asks for in seconds; `retry-after-ms` takes precedence."""
    values = {name.lower(): value.strip() for name, value in reversed(headers)}
    for name, unit in (("retry-after-ms", 1000.0), ("retry-after", 1.0)):
        with suppress(ValueError):
            number = float(values.get(name, ""))
            if math.isfinite(number) and number >= 0:
                return number / unit
    until, now = _parse_date(values.get("retry-after", "")), _parse_date(values.get("date", ""))
    now = now if now is not None else today
    return max(0.0, until - now) if until is not None and now is not None else None


def _parse_date(text: str) -> float | None:
    try:
        return parsedate_to_datetime(text).timestamp()
    except (ValueError, TypeError, OverflowError, IndexError):
        return None
