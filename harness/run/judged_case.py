"""Judges a case of a live run and describes it; a failure of the harness costs only this case."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from harness.model import Plan
from harness.report.case_data import case_data
from harness.report.unrendered import unrendered_case
from harness.run.session import CaseResult, unjudged
from harness.util.errors import internal_error

if TYPE_CHECKING:
    from harness.run.live_session import LiveSession


def judge_live(session: LiveSession, plan: Plan, judge: Callable[[Plan], CaseResult]) -> CaseResult:
    """Return the result of a case and keep its entry.

    If the harness fails at it, the case is inconclusive, and the session has the problem.
    """
    packs = session.packs.values()
    try:
        result = judge(plan)
        entry = case_data(result.verdict, result.plan, packs, result.exchanges)
        if session.baseline and (known := session.baseline.known_data(entry)):
            entry["known"] = known
    except Exception as error:
        reason = session.redact(internal_error(error))
        result, entry = unjudged(plan, reason), unrendered_case(plan.case, packs, reason)
        session.faulty.append(plan.case.name)
        session.problems.append(f"{plan.case.name}: {reason}")
    session.entries[plan.case.name] = entry
    return result
