"""Usage of a rate limit: requests and tokens of the last minute, and the tokens of a request."""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Sequence
from typing import Final

from harness.decode import response
from harness.fire.request import encode_body
from harness.model import Call, Exchange, Json, Mode

MINUTE: Final = 60.0
MAX_REMEMBERED: Final = 10_000  # requests
# Assumed tokens of an answer until its usage is known; a lower limit in the request replaces it.
ANSWER_TOKENS: Final = 256
BYTES_PER_TOKEN: Final = 4
LIMIT_KEYS: Final = ("max_tokens", "max_completion_tokens")
# Keys of a usage object in either protocol: the total, or else its parts.
TOTAL_KEYS: Final = ("total_tokens",)
PART_KEYS: Final = (
    *("prompt_tokens", "completion_tokens", "input_tokens", "output_tokens"),
    *("cache_creation_input_tokens", "cache_read_input_tokens"),
)


class UsageWindow:
    """Requests and tokens of the last minutes. `rpm`, `tpm`: limits per minute; 0 for no limit."""

    def __init__(self, rpm: float = 0.0, tpm: float = 0.0) -> None:
        self.rpm, self.tpm = rpm, tpm
        self.times: deque[float] = deque(maxlen=MAX_REMEMBERED)
        self.costs: deque[float] = deque(maxlen=MAX_REMEMBERED)
        self.requests = 0

    def wait(self, now: float, cost: float = 0.0) -> float:
        """Returns the seconds until a request of `cost` tokens may be sent; 0.0 for now."""
        if not (self.rpm or self.tpm):
            return 0.0
        return seconds_until_allowed(
            self.rpm, self.times, now, tpm=self.tpm, costs=self.costs, next_cost=cost
        )

    def reserve(self, now: float, cost: float = 0.0) -> int:
        """Books a request that is sent now; returns its number for `correct`."""
        self.times.append(now)
        self.costs.append(cost)
        self.requests += 1
        return self.requests

    def correct(self, number: int, cost: float | None) -> None:
        """Replaces the booked tokens by the actual ones; None keeps the estimate."""
        index = number - 1 - self.requests  # -1 is the last request
        if cost is not None and -index <= len(self.costs):
            self.costs[index] = cost


def seconds_until_allowed(
    rpm: float,
    times: Sequence[float],
    now: float,
    *,
    tpm: float = 0.0,
    costs: Sequence[float] = (),
    next_cost: float = 0.0,
) -> float:
    """Returns the seconds until the next request may be sent; 0.0 for now.

    No second may have more than its share of `rpm` either, since servers enforce 60 requests per
    minute as one per second. A request larger than `tpm` is sent when the last minute is empty.

    Args:
        rpm: Requests per minute; 0 for no limit.
        times: When the earlier requests were sent, oldest first.
        now: The current time on the same clock.
        tpm: Tokens per minute; 0 for no limit.
        costs: The tokens of each earlier request.
        next_cost: The tokens of the next request.
    """
    waits = [0.0]
    if rpm > 0:
        for seconds in (MINUTE, 1.0):
            waits.append(_until_room(times, now, seconds, max(1, int(rpm * seconds / MINUTE))))
    if tpm > 0:
        waits.append(_until_tokens(times, costs, now, tpm - next_cost))
    return max(waits)


def _until_room(times: Sequence[float], now: float, seconds: float, limit: int) -> float:
    if len(times) < limit:
        return 0.0
    return max(0.0, times[len(times) - limit] + seconds - now)


def _until_tokens(times: Sequence[float], costs: Sequence[float], now: float, room: float) -> float:
    """Returns the seconds until the last minute holds at most `room` tokens."""
    total = 0.0
    for time, cost in zip(reversed(times), reversed(costs), strict=False):
        if time + MINUTE <= now:
            return 0.0
        total += cost
        if total > room:
            return time + MINUTE - now
    return 0.0


def estimate_tokens(call: Call) -> float:
    """Estimates the tokens of a request and its answer before it is sent."""
    if call.client:  # the SDK decides what it sends
        return float(ANSWER_TOKENS)
    data = encode_body(call)
    if data is None:
        return 0.0
    body = call.body if isinstance(call.body, dict) else {}
    limits = [body[key] for key in LIMIT_KEYS if is_token_count(body.get(key))]
    return float(len(data) / BYTES_PER_TOKEN + min([ANSWER_TOKENS, *limits]))


def actual_tokens(exchange: Exchange, call: Call, mode: Mode) -> float | None:
    """Returns the tokens that the answer reports: 0 for an error, None if it reports nothing."""
    if exchange.status is not None and exchange.status >= 400:
        return 0.0
    body = response.read(exchange, call.protocol, mode, call.body).body
    usage = body.get("usage") if isinstance(body, dict) else None
    if not isinstance(usage, dict):
        return None
    for keys in (TOTAL_KEYS, PART_KEYS):
        counts = [usage[key] for key in keys if is_token_count(usage.get(key))]
        if counts:
            return float(sum(counts))
    return None


def is_token_count(value: Json) -> bool:
    """Returns whether a JSON value is a finite number of at least 0."""
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return is_number and math.isfinite(value) and value >= 0
