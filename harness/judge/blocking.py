"""Failures that another fault explains, because a simpler request is not answered either.

A case whose request is refused shows something about its field only if the same request without
the field is answered. Otherwise the case is inconclusive, and its reason names the request that
is not answered and what came back. The same holds for a refusal that a case requires: a target that
refuses the request without the bad value as well does not show that it rejects the value.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import Final

from harness.judge.state import CaseEvaluation
from harness.language.checks.status import (
    OK,
    REFUSED,
    describe_answer,
    expected_status,
    mentions,
)
from harness.model import Blocker, Exchange, Finding, Plan, Prerequisite, Shot

ADDED_BY_MODE: Final = ("stream_options",)
REFUSING: Final = ("rejected", "required")  # behaviours of which a refusal is the effect
Blocking = tuple[str, Blocker]  # the simpler request and what came of it


def is_answered(exchange: Exchange | None) -> bool:
    """Return whether a request has a complete answer with a success status."""
    return exchange is not None and exchange.end == "complete" and exchange.status in OK


def failed_shots(findings: Collection[Finding]) -> list[str]:
    """Return the shots of which an assertion fails that decides the outcome."""
    failed = (f.shot for f in findings if f.status == "fails" and f.level != "may" and f.shot)
    return list(dict.fromkeys(failed))


def required_refusals(plan: Plan, exchanges: Mapping[str, Exchange]) -> list[str]:
    """Return the shots that are refused, if the behaviour of the case is to refuse them."""
    if plan.case.behaviour not in REFUSING:
        return []
    return [name for name, exchange in exchanges.items() if is_refused(exchange)]


def is_refused(exchange: Exchange) -> bool:
    return exchange.end == "complete" and (exchange.status or 0) in REFUSED


def judge_blocked(evaluation: CaseEvaluation) -> None:
    """Leave the shots undecided of which another fault prevents the failure or the refusal."""
    shots = {shot.id: shot for shot in evaluation.plan.shots}
    for name in failed_shots(evaluation.findings):
        follows = withdraw_what_follows(evaluation, shots[name])
        unanswered = not is_answered(evaluation.exchange(name))
        if unanswered and not follows and block_refused(evaluation, shots[name]):
            withdraw(evaluation, name)
    for name in required_refusals(evaluation.plan, evaluation.answers.exchanges):
        if name in shots and name not in evaluation.undecided:
            block(evaluation, shots[name])


def block_refused(evaluation: CaseEvaluation, shot: Shot) -> bool:
    """Leave a shot undecided if something else than its own field is refused.

    A field that only the mode of the request adds is reported by the case about that field.
    """
    added = refused_addition(evaluation, shot)
    if not added:
        return block(evaluation, shot)
    spec = evaluation.plan.case.spec
    if added in f"{spec['row']} {spec.get('field')}":
        return False
    got = describe_status(evaluation, shot)
    evaluation.block(shot.id, f"the field {added} got {got}", Blocker("status", got))
    return True


def refused_addition(evaluation: CaseEvaluation, shot: Shot) -> str:
    """Return the field that the mode adds to a request, and its refusal names; "" if none."""
    answer = evaluation.answers[shot.id]
    if answer.status not in REFUSED or not isinstance(shot.call.body, Mapping):
        return ""
    message = describe_answer(answer)
    return next((f for f in ADDED_BY_MODE if f in shot.call.body and mentions(message, f)), "")


def block(evaluation: CaseEvaluation, shot: Shot) -> bool:
    """Leave a shot undecided if a simpler request is not answered; return whether that is so."""
    blocker = next(blockers(evaluation, shot), None)
    if blocker:
        request, fault = blocker
        evaluation.block(shot.id, f"{request} got {fault.got}", fault)
    unsent = "" if blocker else why_unsent(evaluation, shot)
    if unsent:
        evaluation.add_cause("budget", unsent)
        evaluation.undecided.add(shot.id)
    return bool(blocker or unsent)


def why_unsent(evaluation: CaseEvaluation, shot: Shot) -> str:
    """Return why a simpler request was not sent, since the run had ended; "" if all were sent."""
    needed = (p for p in evaluation.plan.prerequisites if shot.id in p.shots and not p.forms)
    exchanges = (evaluation.exchange(each.script.shots[-1].id) for each in needed)
    return next((e.note or e.end for e in exchanges if e and e.end == "not-sent"), "")


def withdraw(evaluation: CaseEvaluation, shot: str, kept: tuple[str, ...] = ()) -> None:
    """Remove the failed findings of a shot, apart from those of rules that begin with `kept`.

    What reached the provider counts whatever the answer was.
    """
    evaluation.findings = [
        f
        for f in evaluation.findings
        if f.shot != shot
        or f.status != "fails"
        or f.level == "may"
        or f.grade == "upstream"
        or f.rule.startswith(kept)
    ]


def withdraw_what_follows(evaluation: CaseEvaluation, shot: Shot) -> bool:
    """Remove failures after a stream that breaks the same rule as another request's stream.

    Returns:
        Whether there were any.
    """
    script = next(each for each in evaluation.plan.scripts if shot in each.shots)
    compared = len({each.call.protocol for each in script.shots}) > 1
    others = script.shots if compared else script.shots[: script.shots.index(shot) + 1]
    violated = next(filter(None, (evaluation.distorted.get(each.id) for each in others)), None)
    if violated and evaluation.plan.case.spec.get("modes") != ["stream"]:
        before = len(evaluation.findings)
        withdraw(evaluation, shot.id, ("schema", "stream.", "events", "headers"))
        if len(evaluation.findings) < before:
            evaluation.block(shot.id, *violated)
            return True
    return False


def blockers(evaluation: CaseEvaluation, shot: Shot) -> Iterator[Blocking]:
    """Yield the simpler requests that are not answered either."""
    for prerequisite in evaluation.plan.prerequisites:
        if shot.id in prerequisite.shots and not prerequisite.forms:
            is_error = prerequisite.script.panel_entry == "error"
            yield from (failed_refusal if is_error else unanswered)(evaluation, prerequisite, shot)


def unanswered(
    evaluation: CaseEvaluation, prerequisite: Prerequisite, shot: Shot
) -> Iterator[Blocking]:
    """Yield a simpler request if it has no answer with a success status."""
    simpler = prerequisite.script.shots[-1]
    exchange = evaluation.exchange(simpler.id)
    if exchange is not None and exchange.end != "not-sent" and not is_answered(exchange):
        got = exchange.note or exchange.end
        if exchange.end == "complete":
            got = describe_status(evaluation, simpler)
        yield prerequisite.label, Blocker("status", got, prerequisite.reported_by)


def describe_status(evaluation: CaseEvaluation, shot: Shot) -> str:
    """Return the status and the message of a refusal, as the check `status` reports them."""
    return describe_answer(evaluation.answers[shot.id])


def expects_refusal(evaluation: CaseEvaluation, shot: Shot) -> bool:
    """Return whether a case asserts that a shot is refused."""
    return any(
        assertion.stage == "status" and 400 in expected_status(assertion.args)[0]
        for assertion in evaluation.plan.assertions
        if assertion.check == "status" and shot.id in assertion.shots
    )


def failed_refusal(
    evaluation: CaseEvaluation, prerequisite: Prerequisite, shot: Shot
) -> Iterator[Blocking]:
    """Yield the pack's bad request if it gets a server error, as a shot does that is refused."""
    bad = prerequisite.script.shots[-1]
    own, other = evaluation.exchange(shot.id), evaluation.exchange(bad.id)
    both_failed = own and other and (own.status or 0) >= 500 <= (other.status or 0)
    if both_failed and expects_refusal(evaluation, shot):
        got = describe_status(evaluation, bad)
        yield prerequisite.label, Blocker("status", got)
