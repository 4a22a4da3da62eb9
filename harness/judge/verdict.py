"""All that was found -> outcome, evidence and cause. May not find anything more."""

from __future__ import annotations

from collections.abc import Iterable

from harness.judge.state import Docket
from harness.language.behaviours import BY_ID
from harness.model import GRADES, OUTCOMES, Finding, Grade, Outcome, Shot, ShotResult, Verdict
from harness.plan.shots import BASE, PANEL, is_shared


def verdict(docket: Docket) -> Verdict:
    """A case that nothing was asked of has not passed."""
    if not docket.findings and not docket.causes:
        docket.open("harness", "no demand was executed")
    worst = outcome(docket.findings, bool(docket.causes))
    cause, reason = docket.causes[0] if worst == "inconclusive" else (None, "")
    shots = tuple(result(docket, shot) for shot in docket.plan.shots if shot.tag != BASE)
    return Verdict(
        case=docket.plan.case,
        outcome=worst,
        evidence=evidence(docket),
        cause=cause,
        reason=reason,
        seconds=sum(shot.seconds for shot in shots),
        shots=shots,
        findings=tuple(docket.findings),
    )


def outcome(findings: Iterable[Finding], open_questions: bool) -> Outcome:
    seen: set[Outcome] = {"inconclusive"} if open_questions else {"pass"}
    broken = {f.level for f in findings if not f.holds}
    seen |= {"fail"} if "must" in broken else set()
    seen |= {"warn"} if "should" in broken else set()
    return min(seen, key=OUTCOMES.index)


def evidence(docket: Docket) -> Grade:
    """A fail carries the grade of what was found; else the weakest of the case's own shots counts,
    each by the strongest check that it was put to, up to the behaviour's ceiling, which is only
    for those who look from outside.
    """
    broken = [f.grade for f in docket.findings if not f.holds and f.level == "must"]
    if broken:
        return max(broken, key=GRADES.index)
    last = [script.shots[-1] for script in docket.plan.scripts]
    own = [shot.id for shot in last if shot.tag == PANEL or not is_shared(shot.id)]
    speaking = [shot for shot in own if docket.hears(shot)] or own
    grades = [docket.grades.get(shot, "none") for shot in speaking]
    weakest: Grade = min(grades, key=GRADES.index, default="none")
    ceiling: Grade = BY_ID[docket.plan.case.behaviour].ceiling
    return weakest if weakest == "upstream" else min([weakest, ceiling], key=GRADES.index)


def result(docket: Docket, shot: Shot) -> ShotResult:
    mine = [finding for finding in docket.findings if finding.shot == shot.id]
    exchange = docket.exchange(shot.id)
    return ShotResult(
        id=shot.id,
        step=shot.step,
        mode=shot.mode,
        tag=shot.tag,
        value=shot.value,
        outcome=outcome(mine, not mine or shot.id in docket.unsaid),
        evidence=docket.grades.get(shot.id, "none"),
        seconds=exchange.seconds if exchange else 0.0,
    )
