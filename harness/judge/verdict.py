"""Conclusion of a case: findings and causes become an outcome and an evidence grade."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from harness.judge.blocking import judge_blocked
from harness.judge.refusals import refused_part
from harness.judge.silence import judge_silence
from harness.judge.spent import judge_spent
from harness.judge.state import CaseEvaluation
from harness.language.behaviours import BY_ID
from harness.model import (
    GRADES,
    OUTCOMES,
    Cause,
    Finding,
    Grade,
    Outcome,
    Shot,
    ShotResult,
    Verdict,
    max_grade,
)
from harness.model.exchanges import AGAIN, PANEL, is_shared
from harness.plan.shots import BASE

FAILED: Mapping[str, Outcome] = {"must": "fail", "should": "warn"}


def conclude(evaluation: CaseEvaluation) -> Verdict:
    """Return the verdict. A case of which no assertion was evaluated is inconclusive."""
    judge_spent(evaluation)
    judge_silence(evaluation)
    judge_blocked(evaluation)
    judge_open(evaluation)
    judge_claim(evaluation)
    if not evaluation.findings and not evaluation.causes:
        evaluation.add_cause("harness", "no assertion was evaluated")
    outcome = worst_outcome(evaluation.findings, bool(evaluation.causes))
    cause, reason = main_cause(evaluation) if outcome == "inconclusive" else (None, "")
    shots = tuple(shot_result(evaluation, s) for s in evaluation.plan.shots if s.tag != BASE)
    return Verdict(
        case=evaluation.plan.case,
        outcome=outcome,
        evidence=evidence(evaluation),
        cause=cause,
        reason=reason,
        seconds=sum(shot.seconds for shot in shots),
        shots=shots,
        findings=tuple(evaluation.findings),
        blocked_by=tuple(dict.fromkeys(evaluation.blocked_by)) if cause == "blocked" else (),
        refused=refused_part(evaluation, own_shots(evaluation)),
    )


def main_cause(evaluation: CaseEvaluation) -> tuple[Cause, str]:
    """Return the first cause; what another fault prevents comes before what follows from that."""
    blocked = (each for each in evaluation.causes if each[0] == "blocked")
    return next(blocked, evaluation.causes[0])


def judge_open(evaluation: CaseEvaluation) -> None:
    """Leave a case undecided if all that could show an effect is undecided.

    Assertions that only warn count here too: that a request is answered does not show what
    they examine. A refusal that is permitted leaves nothing to examine.
    """
    if evaluation.open and not evaluation.refused:
        shown = GRADES.index(evidence(evaluation)) > GRADES.index("accepted")
        if not shown and worst_outcome(evaluation.findings, undecided=False) == "pass":
            evaluation.causes += evaluation.open


def judge_claim(evaluation: CaseEvaluation) -> None:
    """Add a finding about the target's claim to deviate, unless the case is inconclusive.

    A confirmed claim is a warning, a false one a failure.
    """
    claim = evaluation.plan.claim
    failed = (f for f in evaluation.findings if not f.holds and f.level == "must")
    refuting = next(failed, None)
    if claim is None or (evaluation.causes and not refuting):
        return
    claimed = f"{claim.behaviour}, as claimed"
    evaluation.findings.append(
        Finding(
            rule="claim.untrue" if refuting else "claim.deviates",
            level="must" if refuting else "should",
            grade=refuting.grade if refuting else "none",
            shot=refuting.shot if refuting else "",
            place=claim.place,
            at=evaluation.plan.case.row,
            expected=claimed if refuting else claim.declared,
            got=refuting.rule if refuting else f"{claimed}: {claim.because}",
        )
    )


def worst_outcome(findings: Iterable[Finding], undecided: bool) -> Outcome:
    outcomes: set[Outcome] = {"inconclusive"} if undecided else {"pass"}
    failed_levels = {finding.level for finding in findings if not finding.holds}
    outcomes.update(FAILED[level] for level in failed_levels & FAILED.keys())
    return min(outcomes, key=OUTCOMES.index)


def evidence(evaluation: CaseEvaluation) -> Grade:
    """Return the grade of a failure, or the weakest grade among the case's own shots.

    A shot has the grade of the strongest check on it. The ceiling of the behaviour applies only
    to what was observed from outside, not to requests that were seen at the upstream.
    """
    failed = [f.grade for f in evaluation.findings if not f.holds and f.level == "must"]
    if failed:
        return max_grade(failed)
    own = own_shots(evaluation)
    active = [shot for shot in own if evaluation.is_active(shot)] or own
    grades = [shot_grade(evaluation, shot) for shot in active]
    weakest: Grade = min(grades, key=GRADES.index, default="none")
    ceiling: Grade = BY_ID[evaluation.plan.case.behaviour].ceiling
    return weakest if weakest == "upstream" else min([weakest, ceiling], key=GRADES.index)


def own_shots(evaluation: CaseEvaluation) -> list[str]:
    """Return the last shot of each script that the case is about: no control."""
    last = [script.shots[-1] for script in evaluation.plan.scripts]
    own = [shot for shot in last if shot.tag == PANEL or not is_shared(shot.id)]
    return [shot.id for shot in own if shot.tag != AGAIN]


def shot_grade(evaluation: CaseEvaluation, shot: str) -> Grade:
    """Return the strongest evidence of a shot, up to its ceiling."""
    grade = evaluation.grades.get(shot, "none")
    return min([grade, evaluation.ceilings.get(shot, grade)], key=GRADES.index)


def shot_result(evaluation: CaseEvaluation, shot: Shot) -> ShotResult:
    findings = [finding for finding in evaluation.findings if finding.shot == shot.id]
    exchange = evaluation.exchange(shot.id)
    return ShotResult(
        id=shot.id,
        step=shot.step,
        mode=shot.mode,
        tag=shot.tag,
        value=shot.value,
        outcome=worst_outcome(findings, not findings or shot.id in evaluation.undecided),
        evidence=shot_grade(evaluation, shot.id),
        seconds=exchange.seconds if exchange else 0.0,
        refused=shot.id in evaluation.refused,
    )
