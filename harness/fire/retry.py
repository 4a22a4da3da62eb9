"""Retry policy: decides whether a request is sent again, and after how many seconds."""

from __future__ import annotations

from typing import Final

from harness.fire.connection import Limits
from harness.fire.limit_headers import retry_after
from harness.model import Call, End, Exchange, Pairs

RETRYABLE: Final = (429, 503, 529)
FIRST_DELAY: Final = 0.5  # seconds
MAX_DELAY: Final = 8.0  # seconds
FAILING_REPLIES: Final = {"fail", "raw", "body", "error"}  # keys of the mock provider's replies
NO_ANSWER: Final[tuple[End, ...]] = ("dropped", "timeout", "unreachable")


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


def provokes_failure(call: Call) -> bool:
    """Returns whether a case sends the call to see how it fails: its failure is the answer.

    Such a call has the key with the low limit, or the mock provider fails on purpose.
    """
    reply = call.reply or {}
    fails = FAILING_REPLIES & reply.keys() or reply.get("status", 200) >= 400
    return call.auth == "limited" or bool(fails)


def is_unanswered(exchange: Exchange) -> bool:
    """Returns whether nothing was answered, or only that the target is overloaded."""
    if exchange.end == "complete":
        return exchange.status in RETRYABLE
    return exchange.end in NO_ANSWER
