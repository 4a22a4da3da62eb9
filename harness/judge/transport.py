"""The first stage of judging: shots without a complete answer.

A dropped connection counts against a case only if it is confirmed: the same request was dropped
each time, the last time with nothing else in flight, and a plain request was answered after it.
"""

from __future__ import annotations

from collections.abc import Mapping

from harness.judge.state import CaseEvaluation
from harness.model import Cause, Exchange, Shot
from harness.model.exchanges import AGAIN, SIMPLER
from harness.plan.shots import BASE

CAUSES: Mapping[str, Cause] = {
    "unreachable": "transport",
    "timeout": "timeout",
    "environment": "environment",
}
TRANSPORT_ERRORS = {
    "dropped": "the connection was dropped after the request was sent",
    "too-large": "the answer exceeds the size limit of the harness",
    "malformed": "the answer is not valid HTTP",
}


def judge_transport(evaluation: CaseEvaluation) -> None:
    """Suppress shots without a complete answer; record the reason as a failure or a cause."""
    assertions = [a for a in evaluation.plan.assertions if a.check == "error_signalled_by"]
    failing = {shot for assertion in assertions for shot in assertion.shots}
    for shot in evaluation.plan.shots:
        exchange = evaluation.exchange(shot.id)
        if exchange and exchange.end == "dropped" and exchange.status and shot.id in failing:
            continue  # The case expects that the answer fails, and a dropped connection is one way.
        if exchange is None or exchange.end != "complete":
            evaluation.suppress(shot.id)
            if shot.tag not in (BASE, SIMPLER, AGAIN):
                record_missing_answer(evaluation, shot, exchange)


def record_missing_answer(
    evaluation: CaseEvaluation, shot: Shot, exchange: Exchange | None
) -> None:
    if exchange is None:
        evaluation.add_cause("budget", f"{shot.id} was not sent")
    elif exchange.end == "dropped" and not exchange.confirmed:
        reason = exchange.note or TRANSPORT_ERRORS["dropped"]
        evaluation.add_cause("transport", reason + tried(exchange))
    elif exchange.end in CAUSES:
        reason = (exchange.note or exchange.end) + tried(exchange)
        evaluation.add_cause(CAUSES[exchange.end], reason)
    elif exchange.end in TRANSPORT_ERRORS:
        got = exchange.note or TRANSPORT_ERRORS[exchange.end]
        evaluation.add_failure(shot.id, "transport", "a complete answer", got + tried(exchange))
    elif exchange.reason != "missing-capture":
        evaluation.add_cause("budget" if exchange.reason else "harness", exchange.note)


def tried(exchange: Exchange) -> str:
    """Return how often the request was sent, if it was more than once."""
    times = len(exchange.attempts)
    if times < 2:
        return ""
    alone = "; a plain request was answered right after the last" if exchange.confirmed else ""
    return f" ({times} attempts{alone})"
