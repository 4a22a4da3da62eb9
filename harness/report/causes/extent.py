"""The extent of a fault: its consequences, its place, and the cases it fails or prevents."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from harness.report.case_types import CaseData
from harness.report.causes.group import Group
from harness.report.causes.places import canonical
from harness.report.fault_types import ConsequenceData
from harness.report.faults import case_name, failed_findings

MAX_ALSO: Final = 12


def consequences(group: Group) -> list[ConsequenceData]:
    """Return the other rules that fail in the same answers or for the same cause."""
    answers: dict[tuple[str, str], set[tuple[str, str]]] = {}
    for member in group.members:
        for finding in (member.finding, *member.also):
            key = finding["rule"], canonical(finding["at"])
            answers.setdefault(key, set()).add(member.answer)
    root = group.members[0].rule
    counted = [(rule, at, len(shots)) for (rule, at), shots in answers.items() if rule != root]
    counted.sort(key=lambda each: (-each[2], each[0], each[1]))
    return [{"rule": rule, "at": at, "count": n} for rule, at, n in counted[:MAX_ALSO]]


def common_place(group: Group) -> str:
    """Return the place of the findings; `*` stands for an index that varies."""
    places = {member.finding["at"] for member in group.members}
    return places.pop() if len(places) == 1 else canonical(group.members[0].finding["at"])


def cleared(group: Group) -> int:
    """Return how many cases fail and would not if the findings of a fault were not there."""
    removed = {id(f) for member in group.members for f in (member.finding, *member.also)}
    cases = {id(m.case): m.case for m in group.members if m.case["outcome"] == "fail"}.values()
    return sum(
        all(id(f) in removed for f in failed_findings(case) if f["level"] == "must")
        for case in cases
    )


def prevented(group: Group, cases: Iterable[CaseData]) -> list[str]:
    """Return the names of the inconclusive cases that the fault prevents."""
    reported = {(m.case_name, f["rule"]) for m in group.members for f in (m.finding, *m.also)}
    return [
        case_name(case)
        for case in cases
        if case["outcome"] == "inconclusive"
        and any((by["case"], by["rule"]) in reported for by in case.get("blocked_by", ()))
    ]
