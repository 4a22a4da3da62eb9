"""The stages of judging a case, in order.

A stage that fails for a shot suppresses the later stages on that shot: an error answer, for
example, shows nothing about a field.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import filterfalse
from typing import Final

from harness.judge.cut_calls import judge_cut_calls
from harness.judge.forwarding import judge_consequences, judge_forwarded
from harness.judge.overflow import judge_overflow
from harness.judge.prerequisites import (
    block_by_status,
    is_needed,
    may_be_refused,
    missing_value,
)
from harness.judge.proof import REPLACED, is_proved, proves
from harness.judge.refusals import OVERLOADED, note_refusals
from harness.judge.shapes import judge_shapes
from harness.judge.state import CaseEvaluation
from harness.judge.transport import judge_transport
from harness.judge.unforced_calls import judge_unforced_calls
from harness.language.checks.status import status_codes
from harness.model import LEVELS, Cause, PlannedAssertion, Script
from harness.model.exchanges import is_shared


def judge_statuses(evaluation: CaseEvaluation) -> None:
    """Evaluate status assertions, the strictest level first.

    A failed `must` suppresses the shot. If a `must` holds, the status is a permitted one, and a
    failed `should` suppresses only assertions of its own level and weaker ones.
    """
    permitted: set[str] = set()
    for assertion in sorted(evaluation.assertions("status"), key=lambda a: LEVELS.index(a.level)):
        for shot in assertion.shots:
            active = evaluation.is_active(shot, assertion.level)
            if not active or record_overload(evaluation, assertion, shot):
                continue
            findings = evaluation.check(assertion, [shot])
            if findings[0].status == "fails" and is_needed(assertion):
                block_by_status(evaluation, assertion, shot, findings[0].got)
            else:
                evaluation.record(assertion, shot, findings)
            if findings[0].status == "fails":
                evaluation.suppress(shot, assertion.level if shot in permitted else "must")
            elif assertion.level == "must":
                permitted.add(shot)


def record_overload(evaluation: CaseEvaluation, assertion: PlannedAssertion, shot: str) -> bool:
    """Treat a rate limit or an overload as undecided, unless the assertion names that status.

    A confirmed one is an answer to this request: a plain request was answered right after it.
    """
    exchange = evaluation.exchange(shot)
    status = (exchange and exchange.status) or 0
    if exchange is None or status not in OVERLOADED or status in status_codes(assertion.args):
        return False
    if exchange.confirmed:
        return False
    tries = len(exchange.attempts)
    reason = f"{shot}: {status}{f', {tries} times' if tries > 1 else ''}"
    evaluation.add_cause(OVERLOADED[status], reason)
    evaluation.suppress(shot)
    return True


# What is missing if an assumption fails; otherwise the model did not do what the case needs.
ASSUMED: Final[Mapping[str, Cause]] = {"provoked": "environment", "more_than": "signal"}


def judge_assumptions(evaluation: CaseEvaluation) -> None:
    """Check that the model did what the case needs; if not, the dependent shots are undecided.

    The same holds if a control has no usable answer.
    """
    for assertion in evaluation.assertions("assume"):
        for shots, dependent in dependent_shots(evaluation, assertion):
            if evaluation.refused.issuperset(shots):
                continue  # a permitted refusal needs no effort of the model
            active = [shot for shot in shots if evaluation.is_active(shot)]
            first = evaluation.check(assertion, active)[0] if active else None
            unanswered = not any(map(evaluation.is_answered, active))
            if first and first.status == "fails" and (assertion.check == "status" or unanswered):
                evaluation.add_cause("blocked", f"{active[0]} is not answered as this case needs")
            elif first and first.status == "fails":
                cause = ASSUMED.get(assertion.check, "model")
                reason = f"assumed {first.at} {first.expected}; got {first.got}"
                evaluation.add_cause(cause, reason)
            elif first and first.status == "undecided":
                dead = first.cause == "signal"
                reason = first.got if dead else f"assumed {assertion.rule}: {first.got}"
                evaluation.add_cause(first.cause, reason)
            failed = first is not None and first.status in ("fails", "undecided")
            if failed or len(active) < len(shots):
                evaluation.undecided |= dependent
                for shot in dependent:
                    evaluation.suppress(shot)


def dependent_shots(
    evaluation: CaseEvaluation, assertion: PlannedAssertion
) -> Iterator[tuple[Sequence[str], set[str]]]:
    """Yield shots of an assumption with the shots that depend on them.

    All shots of a mode depend on its control; an answer of the case itself affects only itself.
    """
    shots = {shot.id: shot for shot in evaluation.plan.shots}
    if is_shared(assertion.shots[0]):
        mode = shots[assertion.shots[0]].mode
        yield assertion.shots, {shot.id for shot in shots.values() if shot.mode == mode}
    elif assertion.check == "provoked":
        yield assertion.shots, set(assertion.shots)
    else:
        yield from (((shot,), {shot}) for shot in assertion.shots)


def judge_remaining(evaluation: CaseEvaluation) -> None:
    """Evaluate the case's own assertions."""
    rest = [*evaluation.assertions("rest")]
    for assertion in filter(proves, rest):
        evaluation.evaluate(assertion)
        decided = {finding.shot for finding in evaluation.findings if finding.grade == "upstream"}
        evaluation.proved.update(decided.intersection(assertion.shots))
    for assertion in filterfalse(proves, rest):
        evaluation.evaluate(assertion)
    if is_proved(evaluation.plan, evaluation.proved):
        evaluation.causes = [each for each in evaluation.causes if each[0] not in REPLACED]
        evaluation.undecided -= evaluation.proved
    for script in evaluation.plan.scripts:
        judge_prerequisite(evaluation, script)


def judge_prerequisite(evaluation: CaseEvaluation, script: Script) -> None:
    """Leave a step undecided if no earlier answer gave what it needs."""
    failed = {f.shot for f in evaluation.findings if not f.holds and f.level == "must"}
    for index, shot in enumerate(script.shots):
        exchange = evaluation.exchange(shot.id)
        if exchange is not None and exchange.reason == "missing-capture":
            earlier = [shot.id for shot in script.shots[:index]]
            if refused := [shot for shot in earlier if shot in evaluation.refused]:
                if may_be_refused(evaluation, shot.id):  # so is what it goes on from
                    evaluation.refused.add(shot.id)
                    return
                reason = f"{refused[0]} was refused, which is permitted"
                evaluation.add_cause("blocked", reason)
                evaluation.undecided.add(shot.id)
                return
            is_sound = failed.isdisjoint(earlier) and all(map(evaluation.is_active, earlier))
            missing = missing_value(script, exchange.note)
            if is_sound and shot.id not in evaluation.undecided:
                evaluation.block(shot.id, missing)
            elif is_sound and not evaluation.causes:
                # The case assumes something about this step, which is not there to examine.
                evaluation.add_cause("model", missing)
            return


STAGES = (
    judge_forwarded,  # a wrong request to the provider fails, whatever its answer is
    judge_transport,  # incomplete answers fail or are inconclusive
    judge_overflow,  # a prompt that is too long for the model is inconclusive
    judge_statuses,  # an unexpected status fails
    note_refusals,  # a refusal that is permitted shows no effect
    judge_shapes,  # an invalid body or stream fails
    judge_cut_calls,  # a forced call that is missing in an answer that was cut is inconclusive
    judge_unforced_calls,  # a call that could not be forced, and was not made, is inconclusive
    judge_assumptions,  # a model that does not cooperate is inconclusive
    judge_remaining,  # the case's own assertions fail or hold
    judge_consequences,  # a refusal by the provider is the consequence of a wrong request
)
