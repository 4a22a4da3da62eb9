"""Retry policy: decides whether a request is sent again, and after how many seconds."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

from harness.fire.connection import Limits
from harness.fire.limit_headers import retry_after
from harness.model import Attempt, Call, End, Exchange, Pairs, Script

RETRYABLE: Final = (429, 503, 529)
# A proxy has no answer of its server. The last ones are those of a well-known content network.
PROXY_ERRORS: Final = (502, 504, 520, 521, 522, 523, 524)
PROXY_TRIES: Final = 2  # a gateway can have one of these as its answer, so that more are a waste
FIRST_DELAY: Final = 0.5  # seconds
MAX_DELAY: Final = 8.0  # seconds
FAILING_REPLIES: Final = {"fail", "raw", "body", "error"}  # keys of the mock provider's replies
INTERNAL_ERROR: Final = 500
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
    tries = PROXY_TRIES if status in PROXY_ERRORS else limits.tries
    if status not in (None, *RETRYABLE, *PROXY_ERRORS) or attempts >= tries:
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
    """Returns whether nothing was answered, or only that the target is overloaded or away."""
    if exchange.end == "complete":
        return exchange.status in (*RETRYABLE, *PROXY_ERRORS)
    return exchange.end in NO_ANSWER


def is_internal_error(exchange: Exchange) -> bool:
    """Returns whether the answer is an error of the server, which may not be about the request."""
    return exchange.end == "complete" and exchange.status == INTERNAL_ERROR


def recovered(exchange: Exchange) -> bool:
    """Returns whether a server error came first, and another answer when it was sent again."""
    errors = (INTERNAL_ERROR, *PROXY_ERRORS)
    before = (attempt.status for attempt in exchange.attempts[:-1])
    return exchange.status not in errors and any(status in errors for status in before)


def is_of_connection(attempt: Attempt) -> bool:
    """Returns whether an attempt failed because of what came before on its connection.

    The server closed an idle connection, or sent more bytes than belong to its last answer. Neither
    shows anything about the request.
    """
    return attempt.end in ("dropped", "malformed") and attempt.reused and attempt.status is None


def shots_with(
    test: Callable[[Exchange], bool], script: Script, exchanges: Sequence[Exchange]
) -> set[str]:
    """Returns the shots whose exchange passes a test, apart from those that are meant to fail."""
    meant = {shot.id for shot in script.shots if provokes_failure(shot.call)}
    return {each.shot for each in exchanges if each.shot not in meant and test(each)}
