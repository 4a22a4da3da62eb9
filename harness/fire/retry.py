"""Limits, history, now -> how long to wait; an answer -> whether to send again. May not sleep."""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import datetime
from email.utils import parsedate_to_datetime
from typing import Final

from harness.model import Pairs

MINUTE: Final = 60.0
AGAIN: Final = (429, 503, 529)
SHORTEST: Final = 0.5
LONGEST: Final = 8.0


def wait(
    rpm: float,
    history: Sequence[float],
    now: float,
    *,
    tpm: float = 0.0,
    tokens: Sequence[float] = (),
    next_tokens: float = 0.0,
) -> float:
    """Seconds until the next request may go; 0.0 for now. A limit of 0 is none.

    `history`: when requests were sent, oldest first, on the clock of `now`; `tokens`: what each of
    them cost. No minute sees more than `rpm` requests, and no second more than its share: servers
    enforce 60 a minute as one a second. A request larger than all of `tpm` goes when nothing else
    counts any more.
    """
    waits = [0.0]
    if rpm > 0:
        for seconds in (MINUTE, 1.0):
            waits.append(_until_room(history, now, seconds, max(1, int(rpm * seconds / MINUTE))))
    if tpm > 0:
        waits.append(_until_tokens(history, tokens, now, tpm - next_tokens))
    return max(waits)


def again(
    status: int | None,
    headers: Pairs,
    attempts: int,
    luck: float,
    *,
    tries: int = 4,
    patience: float = 30.0,
    today: float | None = None,
) -> float | None:
    """Seconds until the next try, or None when this answer stands.

    `status` is None where there was no connection. `attempts` have been made, of at most `tries`.
    A server that asks for more than `patience` seconds is not asked again. `luck` (0 to 1) spreads
    the tries. A date in `retry-after` is held against the answer's own date, else against `today`
    (Unix seconds).
    """
    if (status is not None and status not in AGAIN) or attempts >= tries:
        return None
    asked = _asked(headers, today)
    if asked is not None:
        return None if asked > patience else asked * (1 + luck / 10)
    longest = min(LONGEST, SHORTEST * 2.0 ** min(attempts - 1, 10))
    return min(patience, longest * (1 - luck / 4))


def _until_room(history: Sequence[float], now: float, seconds: float, most: int) -> float:
    if len(history) < most:
        return 0.0
    return max(0.0, history[len(history) - most] + seconds - now)


def _until_tokens(
    history: Sequence[float], tokens: Sequence[float], now: float, room: float
) -> float:
    """When enough of the last minute's tokens have grown old."""
    spent = 0.0
    for sent, cost in zip(reversed(history), reversed(tokens), strict=False):
        if sent + MINUTE <= now:
            return 0.0
        spent += cost
        if spent > room:
            return sent + MINUTE - now
    return 0.0


def _asked(headers: Pairs, today: float | None) -> float | None:
    """What the server asks for, in seconds: `retry-after-ms` goes before `retry-after`."""
    named = {name.lower(): value.strip() for name, value in reversed(headers)}
    for name, unit in (("retry-after-ms", 1000.0), ("retry-after", 1.0)):
        seconds = _number(named.get(name, ""))
        if seconds is not None:
            return seconds / unit
    then, now = _date(named.get("retry-after", "")), _date(named.get("date", ""))
    now = now if now is not None else today
    return max(0.0, then - now) if then is not None and now is not None else None


def _number(text: str) -> float | None:
    try:
        number = float(text)
    except ValueError:
        return None
    return number if math.isfinite(number) and number >= 0 else None


def _date(text: str) -> float | None:
    try:
        moment: datetime = parsedate_to_datetime(text)
        return moment.timestamp()
    except (ValueError, TypeError, OverflowError, IndexError):
        return None
