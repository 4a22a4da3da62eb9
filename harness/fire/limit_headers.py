"""Rate limit headers of both protocols. Whatever is not as documented is ignored.

OpenAI: `x-ratelimit-{limit,remaining,reset}-{requests,tokens}`, a reset as a duration (`1s`,
`6m0s`, `20ms`). Anthropic: `anthropic-ratelimit-{requests,tokens,input-tokens,output-tokens}-
{limit,remaining,reset}`, a reset as an RFC 3339 time. Gateways also send a reset as seconds.
"""

from __future__ import annotations

import math
import re
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from email.utils import parsedate_to_datetime
from functools import lru_cache
from typing import Final

from harness.model import Pairs

UNITS: Final = ("requests", "tokens", "input-tokens", "output-tokens")
NAMES: Final = ("x-ratelimit-{part}-{unit}", "anthropic-ratelimit-{unit}-{part}")
# Of each limit: its unit, and the names of its headers.
LIMITS: Final = tuple(
    (unit, *(name.format(part=part, unit=unit) for part in ("limit", "remaining", "reset")))
    for name in NAMES
    for unit in UNITS
)
MAX_NUMBER: Final = 10**12
MAX_LENGTH: Final = 64  # characters of a value
MINUTE: Final = 60.0
DURATION: Final = re.compile(r"(?:\d{1,9}(?:\.\d{1,9})?(?:ms|[smhd]))+")
PART: Final = re.compile(r"(\d{1,9}(?:\.\d{1,9})?)(ms|[smhd])")
SECONDS: Final = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0}


@dataclass(frozen=True, slots=True)
class Quota:
    """One limit: how much it allows, how much is left, and the seconds until it is reset."""

    unit: str
    limit: float
    remaining: float
    reset: float | None


def quotas(headers: Pairs, now: Callable[[], float]) -> list[Quota]:
    """Returns the limits that the headers state completely. `now` returns Unix seconds."""
    values = {name.lower(): value.strip() for name, value in reversed(headers)}
    if not any("ratelimit-" in name for name in values):
        return []
    date = unix_time(values.get("date", ""))
    stated = []
    for unit, *names in LIMITS:
        limit, remaining, reset = (values.get(name, "") for name in names)
        numbers = number(limit), number(remaining)
        if numbers[0] is not None and numbers[1] is not None:
            seconds = reset_seconds(reset, now() if date is None else date)
            stated.append(Quota(unit, numbers[0], numbers[1], seconds))
    return stated


def requests_per_minute(stated: Sequence[Quota]) -> float:
    """Returns the limit of requests per minute; 0.0 if no header states one.

    A limit whose reset is more than a minute away is one of a day, for example.
    """
    for quota in stated:
        if quota.unit == "requests" and quota.limit >= 1 and 0 < (quota.reset or 0) <= MINUTE:
            return quota.limit
    return 0.0


def number(text: str) -> float | None:
    """Returns a decimal number from 0 on; None for anything else."""
    if not text or len(text) > MAX_LENGTH or not re.fullmatch(r"[0-9]+(?:\.[0-9]+)?", text):
        return None
    value = float(text)
    return value if math.isfinite(value) and value <= MAX_NUMBER else None


def reset_seconds(text: str, now: float) -> float | None:
    """Returns the seconds until a reset, from now on; None if they are not known or are over."""
    if len(text) > MAX_LENGTH:
        return None
    plain = number(text)
    if plain is not None:
        return plain
    if DURATION.fullmatch(text):
        return sum(float(count) * SECONDS[unit] for count, unit in PART.findall(text))
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    if moment.tzinfo is None:
        return None
    seconds = moment.timestamp() - now
    return seconds if seconds > 0 else None


@lru_cache(maxsize=64)
def unix_time(text: str) -> float | None:
    """Returns the Unix seconds of an HTTP date; None for anything else."""
    try:
        return parsedate_to_datetime(text).timestamp()
    except (ValueError, TypeError, OverflowError, IndexError):
        return None


def retry_after(headers: Pairs, clock: Callable[[], float] = time.time) -> float | None:
    """Returns the pause that the server asks for in seconds; `retry-after-ms` takes precedence.

    `clock` returns Unix seconds, for a `retry-after` with a date in an answer without one.
    """
    values: Mapping[str, str] = {name.lower(): value.strip() for name, value in reversed(headers)}
    for name, unit in (("retry-after-ms", 1000.0), ("retry-after", 1.0)):
        try:
            seconds = float(values.get(name, ""))
        except ValueError:
            continue
        if math.isfinite(seconds) and seconds >= 0:
            return seconds / unit
    until, now = unix_time(values.get("retry-after", "")), unix_time(values.get("date", ""))
    if until is None:
        return None
    if now is not None:
        return max(0.0, until - now)
    return until - clock() if until > clock() else None  # a past date: the clocks differ
