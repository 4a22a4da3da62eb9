"""Judges cases and describes them; a failure of the harness costs only the case at which it is."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace

from harness.fire.redaction.results import Hide, hidden_data, hidden_verdict
from harness.fire.redaction.secrets import redact_url
from harness.model import Pack, Plan
from harness.report.baseline import Baseline
from harness.report.case_data import case_data
from harness.report.case_types import CaseData
from harness.report.unrendered import unrendered_case
from harness.run.repeated_case import CaseResult, RepeatedCase, unjudged
from harness.util.errors import UsageError, internal_error


def judge_live(
    repeated: RepeatedCase,
    packs: Sequence[Pack],
    baseline: Baseline | None,
    hide: Hide,
) -> tuple[CaseResult, CaseData, str]:
    """Return the result of a case, its entry in the report, and the internal error, if any.

    If the harness fails at the case, it is inconclusive.
    """
    plan = repeated.plan
    try:
        result = repeated.result()
        result = replace(result, verdict=hidden_verdict(result.verdict, hide))
        entry = case_data(result.verdict, result.plan, packs, result.exchanges)
        entry = hidden_data(entry, hide)
        if baseline and (known := baseline.known_data(entry)):
            entry["known"] = known
    except Exception as error:
        reason = hide(redact_url(internal_error(error)))
        return unjudged(plan, reason), unrendered_case(plan.case, packs, reason), reason
    return result, entry, ""


def judge_again(repeated: RepeatedCase, faulty: Collection[str]) -> CaseResult:
    """Return the result of a recorded case; it is undecided if the harness failed at it live, too.

    Raises UsageError if the harness fails at another case: its recording may be edited.
    """
    try:
        return repeated.result()
    except Exception as error:
        return unjudged(repeated.plan, failure(repeated.plan, error, faulty))


def entry_again(result: CaseResult, packs: Sequence[Pack], faulty: Collection[str]) -> CaseData:
    """Return the entry of a recorded case. Raises UsageError as `judge_again` does."""
    plan, verdict = result.plan, result.verdict
    if verdict.cause == "harness" and plan.case.name in faulty:
        return unrendered_case(plan.case, packs, verdict.reason)
    try:
        return case_data(verdict, plan, packs, result.exchanges)
    except Exception as error:
        return unrendered_case(plan.case, packs, failure(plan, error, faulty))


def failure(plan: Plan, error: Exception, faulty: Collection[str]) -> str:
    reason = internal_error(error)
    if plan.case.name not in faulty:
        raise UsageError(f"{plan.case.name} cannot be judged again: {reason}") from error
    return reason
