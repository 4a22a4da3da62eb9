"""Judging of a target's claim to deviate from the document.

A confirmed claim is a warning, a false one a failure.
"""

from __future__ import annotations

from harness.judge.state import CaseEvaluation
from harness.model import Finding


def judge_claim(evaluation: CaseEvaluation) -> None:
    """Add a finding about the case's claim, unless the case is inconclusive."""
    claim = evaluation.plan.claim
    if claim is None:
        return
    failed = (f for f in evaluation.findings if not f.holds and f.level == "must")
    refuting = next(failed, None)
    if evaluation.causes and not refuting:
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
