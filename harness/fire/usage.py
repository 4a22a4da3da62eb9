"""What was sent when, and what it cost -> how long the next request waits. Reads no clock."""

from __future__ import annotations

import math
from collections import deque
from typing import Final

from harness.decode import response
from harness.fire import retry
from harness.fire.request import encode_body
from harness.model import Call, Exchange, Json, Mode

REMEMBERED: Final = 10_000
# Until its usage is known, an answer is taken for so long, or for its limit where that is less.
ANSWER: Final = 256
BYTES: Final = 4  # of a request, in one token
LIMITS: Final = ("max_tokens", "max_completion_tokens")
# Of a usage object, in either protocol: the whole, or else what it is made of.
WHOLE: Final = ("total_tokens",)
PARTS: Final = (
    *("prompt_tokens", "completion_tokens", "input_tokens", "output_tokens"),
    *("cache_creation_input_tokens", "cache_read_input_tokens"),
)


class UsageWindow:
    """Requests and tokens of the last minutes; a limit of 0 is none."""

    def __init__(self, rpm: float = 0.0, tpm: float = 0.0) -> None:
        self.rpm, self.tpm = rpm, tpm
        self.sent: deque[float] = deque(maxlen=REMEMBERED)
        self.costs: deque[float] = deque(maxlen=REMEMBERED)
        self.requests = 0

    def wait(self, now: float, cost: float = 0.0) -> float:
        """Seconds until a request that costs so many tokens may go; 0.0 for now."""
        if not (self.rpm or self.tpm):
            return 0.0
        return retry.wait(
            self.rpm, self.sent, now, tpm=self.tpm, tokens=self.costs, next_tokens=cost
        )

    def reserve(self, now: float, cost: float = 0.0) -> int:
        """It goes now; gives its number, by which what it cost is mended."""
        self.sent.append(now)
        self.costs.append(cost)
        self.requests += 1
        return self.requests

    def mend(self, number: int, cost: float | None) -> None:
        """What it came to in the end; None where nobody knows."""
        place = number - 1 - self.requests  # -1: the last one
        if cost is not None and -place <= len(self.costs):
            self.costs[place] = cost


def estimate(call: Call) -> float:
    """What a request will cost in tokens, as far as can be told before it is sent."""
    if call.client:  # what an SDK makes of it is not known here
        return float(ANSWER)
    sent = encode_body(call)
    if sent is None:
        return 0.0
    body = call.body if isinstance(call.body, dict) else {}
    longest = min([ANSWER, *(body[key] for key in LIMITS if counts(body.get(key)))])
    return float(len(sent) / BYTES + longest)


def spent(exchange: Exchange, call: Call, mode: Mode) -> float | None:
    """What it cost, by its own words; nothing where it was refused, None where it does not tell."""
    if exchange.status is not None and exchange.status >= 400:
        return 0.0
    body = response.read(exchange, call.protocol, mode, call.body).body
    usage = body.get("usage") if isinstance(body, dict) else None
    if not isinstance(usage, dict):
        return None
    for keys in (WHOLE, PARTS):
        told = [usage[key] for key in keys if counts(usage.get(key))]
        if told:
            return float(sum(told))
    return None


def counts(value: Json) -> bool:
    number = isinstance(value, int | float) and not isinstance(value, bool)
    return number and math.isfinite(value) and value >= 0
