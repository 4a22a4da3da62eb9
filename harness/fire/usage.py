"""Usage of a rate limit: requests and tokens of the last minute, and the tokens of a request."""

from __future__ import annotations

import math
from collections import deque
from dataclasses import dataclass
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
USAGE_KEYS: Final = (
    ("total_tokens",),
    (
        *("prompt_tokens", "completion_tokens", "input_tokens", "output_tokens"),
        *("cache_creation_input_tokens", "cache_read_input_tokens"),
    ),
)


@dataclass(slots=True)
class Usage:
    """One request: when it was sent, and its tokens; estimated until the answer reports them."""

    time: float
    tokens: float


class UsageWindow:
    """Requests and tokens of the last minutes. `rpm`, `tpm`: limits per minute; 0 for no limit."""

    def __init__(self, rpm: float = 0.0, tpm: float = 0.0) -> None:
        self.rpm, self.tpm = rpm, tpm
        self.sent: deque[Usage] = deque(maxlen=MAX_REMEMBERED)  # oldest first
        self.requests = 0

    def reserve(self, now: float, tokens: float = 0.0) -> Usage:
        """Books a request that is sent now."""
        self.sent.append(Usage(now, tokens))
        self.requests += 1
        return self.sent[-1]

    def wait(self, now: float, tokens: float = 0.0) -> float:
        """Returns the seconds until a request of so many tokens may be sent; 0.0 for now.

        No second may have more than its share of `rpm` either, since servers enforce 60 requests
        per minute as one per second. A request larger than `tpm` is sent when the last minute is
        empty.
        """
        waits = [0.0]
        for seconds in (MINUTE, 1.0) if self.rpm > 0 else ():
            limit = max(1, int(self.rpm * seconds / MINUTE))
            if len(self.sent) >= limit:
                waits.append(self.sent[-limit].time + seconds - now)
        for usage in reversed(self.sent) if self.tpm > 0 else ():
            tokens += usage.tokens
            if tokens > self.tpm or usage.time + MINUTE <= now:
                waits.append(usage.time + MINUTE - now)
                break
        return max(waits)


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
    for keys in USAGE_KEYS:
        if counts := [usage[key] for key in keys if is_token_count(usage.get(key))]:
            return float(sum(counts))
    return None


def is_token_count(value: Json) -> bool:
    """Returns whether a JSON value is a finite number of at least 0."""
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return is_number and math.isfinite(value) and value >= 0
