"""Judges a case of a live run and describes it; a failure of the harness costs only this case."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from harness.model import Pack, Plan
from harness.report.baseline import Baseline
from harness.report.case_data import case_data
from harness.report.case_types import CaseData
from harness.report.unrendered import unrendered_case
from harness.run.session import CaseResult, unjudged
from harness.util.errors import internal_error


def judge_live(
    plan: Plan,
    judge: Callable[[Plan], CaseResult],
    packs: Sequence[Pack],
    baseline: Baseline | None,
    redact: Callable[[str], str],
) -> tuple[CaseResult, CaseData, str]:
    """Return the result of a case, its entry in the report, and the internal error, if any.

    If the harness fails at the case, it is inconclusive.
    """
    try:
        result = judge(plan)
        entry = case_data(result.verdict, result.plan, packs, result.exchanges)
        if baseline and (known := baseline.known_data(entry)):
            entry["known"] = known
    except Exception as error:
        reason = redact(internal_error(error))
        return unjudged(plan, reason), unrendered_case(plan.case, packs, reason), reason
    return result, entry, ""
