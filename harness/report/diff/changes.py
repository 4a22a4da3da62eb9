"""The differences between two reports: which cases changed, and why.

A case that is new cannot be a regression, and neither can a case that was removed or not run.
A case that was shown before and is not shown now is one, whatever the cause: otherwise a gate would
open for a target that is down.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final, Literal, TypedDict

from harness.model import GRADES, LEVELS, Grade, Level, Outcome
from harness.report.case_types import CaseData, FindingData
from harness.report.compare.grid import Column, make_columns
from harness.report.data import ReportData
from harness.report.diff.times import TimeChange
from harness.report.faults import FaultKey, case_name, fault_key
from harness.report.findings import finding_texts
from harness.report.labels import rule_sentence

Kind = Literal[
    "failing", "worse", "lost", "warned", "passing", "shown",
    "open", "other", "evidence", "added", "removed",
]  # fmt: skip
POSITIVE: Final = ("pass", "warn")
# Kind -> title, and whether it is a regression; in the order of the outputs.
KINDS: Final[Mapping[Kind, tuple[str, bool]]] = {
    "failing": ("Newly failing", True),
    "worse": ("Failing for more reasons", True),
    "lost": ("Shown before, not shown now", True),
    "warned": ("New warnings", False),
    "passing": ("No longer failing", False),
    "shown": ("Shown now, not shown before", False),
    "open": ("Failing before, undecided now", False),
    "other": ("Other findings, the same outcome", False),
    "evidence": ("Other evidence", False),
    "added": ("Added", False),
    "removed": ("Removed, or not run", False),
}


class CaseState(TypedDict):
    """The verdict on a case in one of the reports."""

    outcome: Outcome
    evidence: Grade


class Reason(TypedDict):
    """An assertion whose result differs; `what` says how."""

    what: str
    says: str
    rule: str
    level: Level
    at: str
    shot: str
    expected: str
    got: str


class Change(TypedDict):
    """A case that changed; `reason` is why it has no verdict now."""

    case: str
    row: str
    title: str
    before: CaseState | None
    after: CaseState | None
    weaker: bool
    why: list[Reason]
    reason: str


class Changes(TypedDict):
    """All changes, by kind; kinds without a case are left out."""

    before: Column
    after: Column
    changes: dict[Kind, list[Change]]
    regressions: int
    times: list[TimeChange]


def find_changes(before: ReportData, after: ReportData) -> Changes:
    """The changes from one report to another; `times` is empty, see `find_time_changes`."""
    old, new = ({case_name(case): case for case in report["cases"]} for report in (before, after))
    groups: dict[Kind, list[Change]] = {kind: [] for kind in KINDS}
    for name in dict.fromkeys((*new, *old)):
        if kind := change_kind(old.get(name), new.get(name)):
            groups[kind].append(make_change(name, old.get(name), new.get(name), after))
    columns = make_columns([before, after])
    changes = {kind: cases for kind, cases in groups.items() if cases}
    return {
        "before": columns[0],
        "after": columns[1],
        "changes": changes,
        "regressions": sum(len(cases) for kind, cases in changes.items() if KINDS[kind][1]),
        "times": [],
    }


def change_kind(old: CaseData | None, new: CaseData | None) -> Kind | None:
    """The kind of a change; None if there is none."""
    if old is None or new is None:
        return "added" if old is None else "removed"
    was, now = old["outcome"], new["outcome"]
    if was == now:
        return same_outcome_kind(old, new)
    if now == "fail":
        return "failing"
    if was in POSITIVE:
        return "lost" if now not in POSITIVE else "warned" if now == "warn" else "passing"
    if was == "fail":
        return "passing" if now in POSITIVE else "open"
    return "shown" if now in POSITIVE else "other"


def same_outcome_kind(old: CaseData, new: CaseData) -> Kind | None:
    """The kind of a change that leaves the outcome: other findings, or other evidence."""
    was, now = failed_by_key(old), failed_by_key(new)
    if any(f["level"] == "must" and key not in was for key, f in now.items()):
        return "worse"
    if was.keys() != now.keys():
        return "other"
    return "evidence" if old["evidence"] != new["evidence"] else None


def make_change(name: str, old: CaseData | None, new: CaseData | None, after: ReportData) -> Change:
    case = new or old
    assert case
    return {
        "case": name,
        "row": case["row"],
        "title": case["title"],
        "before": {"outcome": old["outcome"], "evidence": old["evidence"]} if old else None,
        "after": {"outcome": new["outcome"], "evidence": new["evidence"]} if new else None,
        "weaker": is_weaker(old, new),
        "why": [*reasons(old, new)] if old and new else [],
        "reason": missing_verdict(name, new, after) if old else "",
    }


def is_weaker(old: CaseData | None, new: CaseData | None) -> bool:
    """Whether a positive outcome has a weaker grade than before."""
    if not (old and new and {old["outcome"], new["outcome"]} <= {*POSITIVE}):
        return False
    return GRADES.index(new["evidence"]) < GRADES.index(old["evidence"])


def missing_verdict(name: str, new: CaseData | None, after: ReportData) -> str:
    """Why a case has no verdict now."""
    if new is not None:
        return f"{new['cause']}: {new['reason']}" if "cause" in new else new["reason"]
    reasons = {case_name(case): case["reason"] for case in after["not_selected"]}
    return reasons.get(name, "its pack is not in this run, or does not have the case")


def failed_by_key(case: CaseData) -> dict[FaultKey, FindingData]:
    """The failed `must` and `should` findings, each once at its strongest level."""
    failed = [f for f in case["findings"] if not f["holds"] and f["level"] != "may"]
    return {fault_key(f): f for f in sorted(failed, key=lambda f: -LEVELS.index(f["level"]))}


def reasons(old: CaseData, new: CaseData) -> Iterator[Reason]:
    """The assertions that have different results in the two reports."""
    was, now = failed_by_key(old), failed_by_key(new)
    for key in sorted({*was, *now}, key=lambda key: (key not in now, key)):
        one, other = was.get(key), now.get(key)
        if other is None:
            yield make_reason(was[key], resolution(new, was[key]))
        elif one is None:
            checked = any(f["rule"] == other["rule"] for f in old["findings"])
            yield make_reason(other, f"fails now{'' if checked else ', not checked before'}")
        elif one["level"] != other["level"]:
            yield make_reason(other, f"was a {one['level']}, is a {other['level']}")


def make_reason(finding: FindingData, what: str) -> Reason:
    expected, got = finding_texts(finding)
    return {
        "what": what,
        "says": rule_sentence(finding["rule"]),
        "rule": finding["rule"],
        "level": finding["level"],
        "at": finding["at"],
        "shot": finding["shot"],
        "expected": expected,
        "got": got,
    }


def resolution(new: CaseData, finding: FindingData) -> str:
    """What became of a finding that failed before."""
    same = [f for f in new["findings"] if f["rule"] == finding["rule"]]
    if not same:
        return "not checked any more"
    return "recorded only" if any(not f["holds"] for f in same) else "holds now"
