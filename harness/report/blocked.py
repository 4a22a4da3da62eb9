"""Links a blocked case to the cases that report the fault which prevents it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

from harness.report.case_types import CaseData
from harness.report.faults import case_name, failed_findings

MAX_LINKS: Final = 5


def link_blocked(cases: Sequence[CaseData]) -> list[CaseData]:
    """Return the cases; blocked ones have the names of the cases that report the same refusal."""
    reported = [
        (case_name(case), {text for f in failed_findings(case) for text in (f["got"], f["rule"])})
        for case in cases
    ]
    return [link(case, reported) if "blocking" in case else case for case in cases]


def link(case: CaseData, reported: Iterable[tuple[str, set[str]]]) -> CaseData:
    names = [name for name, texts in reported if not texts.isdisjoint(case["blocking"])]
    return {**case, "blocked_by": names[:MAX_LINKS]}
