"""A claim, after all is heard -> shown (a warning) or untrue (a fail). May not excuse."""

from __future__ import annotations

from harness.judge.state import Docket
from harness.model import Finding


def claims(docket: Docket) -> None:
    """Of a claim that could not be judged nothing is said: the case is inconclusive."""
    claim = docket.plan.claim
    if claim is None:
        return
    untrue = next((f for f in docket.findings if not f.holds and f.level == "must"), None)
    if docket.causes and not untrue:
        return
    docket.findings.append(
        Finding(
            rule="claim.untrue" if untrue else "claim.deviates",
            level="must" if untrue else "should",
            holds=False,
            grade=untrue.grade if untrue else "none",
            shot=untrue.shot if untrue else "",
            demanded=str(claim.place),
            at=docket.plan.case.row,
            expected=f"{claim.behaviour}, as was claimed" if untrue else claim.declared,
            got=untrue.rule if untrue else f"{claim.behaviour}, as was claimed: {claim.because}",
        )
    )
