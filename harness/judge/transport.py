"""The first stage of judging: shots without a complete answer."""

from __future__ import annotations

from collections.abc import Mapping

from harness.judge.state import CaseEvaluation
from harness.model import Cause, Exchange, Shot
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
            if shot.tag != BASE:
                record_missing_answer(evaluation, shot, exchange)


def record_missing_answer(
    evaluation: CaseEvaluation, shot: Shot, exchange: Exchange | None
) -> None:
    if exchange is None:
        evaluation.add_cause("budget", f"{shot.id} was not sent")
    elif exchange.end in CAUSES:
        evaluation.add_cause(CAUSES[exchange.end], exchange.note or exchange.end)
    elif exchange.end in TRANSPORT_ERRORS:
        got = exchange.note or TRANSPORT_ERRORS[exchange.end]
        evaluation.add_failure(shot.id, "transport", "a complete answer", got)
    elif exchange.reason != "missing-capture":
        evaluation.add_cause("budget" if exchange.reason else "harness", exchange.note)
