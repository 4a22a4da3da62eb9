"""Links a blocked case to the cases that report the fault which prevents it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Final

from harness.report.case_types import BlockerData, CaseData, FindingData, ReportedData
from harness.report.causes.members import normalise
from harness.report.faults import case_name, failed_findings

MAX_LINKS: Final = 5
Failures = Mapping[str, Sequence[FindingData]]


def link_blocked(cases: Sequence[CaseData]) -> list[CaseData]:
    """Return the cases; blocked ones have the cases and rules that report the same fault."""
    failures = {case_name(case): failed_findings(case) for case in cases}
    return [link(case, failures) if "blocking" in case else case for case in cases]


def link(case: CaseData, failures: Failures) -> CaseData:
    links = [each for blocker in case["blocking"] for each in reports_of(blocker, failures)]
    first = {each["case"]: each for each in reversed(links)}
    return {**case, "blocked_by": list(reversed(first.values()))[:MAX_LINKS]}


def reports_of(blocker: BlockerData, failures: Failures) -> Iterator[ReportedData]:
    """Yield the case that examines the blocker if it fails; otherwise those that fail alike."""
    if examined := failures.get(blocker["case"], ()):
        first = next((f for f in examined if is_same(blocker, f)), examined[0])
        yield {"case": blocker["case"], "rule": first["rule"]}
        return
    for name, findings in failures.items():
        if same := next((f for f in findings if is_same(blocker, f)), None):
            yield {"case": name, "rule": same["rule"]}


def is_same(blocker: BlockerData, finding: FindingData) -> bool:
    """Whether a finding is about the blocker: the same rule, or the same wrong status."""
    if blocker["rule"] != "status":
        return finding["rule"] == blocker["rule"]
    return finding["at"] == "status" and status_and_words(finding["got"]) == status_and_words(
        blocker["got"]
    )


@lru_cache(maxsize=4096)
def status_and_words(got: str) -> tuple[str, str]:
    """Return the status of an error and its message without ids and numbers, which differ."""
    return got.partition(":")[0], normalise(got)
