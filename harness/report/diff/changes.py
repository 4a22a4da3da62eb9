"""The differences between two reports: which cases changed, and why.

A case that is new cannot be a regression, and neither can a case that was removed or not run.
A case that was shown before and is not shown now is one, whatever the cause: otherwise a gate would
open for a target that is down.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from harness.model import GRADES, LEVELS
from harness.report.case_types import CaseData, FindingData
from harness.report.compare import make_columns
from harness.report.data import ReportData
from harness.report.faults import FaultKey, case_name, fault_key
from harness.report.findings import finding_texts
from harness.report.labels import rule_sentence

Changes = dict[str, Any]
POSITIVE: Final = ("pass", "warn")
# The kinds of changes with their titles, in the order of the outputs.
KINDS: Final = {
    "failing": "Newly failing",
    "worse": "Failing for more reasons",
    "lost": "Shown before, not shown now",
    "warned": "New warnings",
    "passing": "No longer failing",
    "shown": "Shown now, not shown before",
    "open": "Failing before, undecided now",
    "other": "Other findings, the same outcome",
    "evidence": "Other evidence",
    "added": "Added",
    "removed": "Removed, or not run",
}
REGRESSIONS: Final = ("failing", "worse", "lost")


def find_changes(before: ReportData, after: ReportData) -> Changes:
    """The changes from one report to another, by kind; kinds without a case are left out.

    `times` is empty, see `find_time_changes`.
    """
    old, new = ({case_name(case): case for case in report["cases"]} for report in (before, after))
    unselected = {case_name(case): case["reason"] for case in after["not_selected"]}
    groups: dict[str, list[dict[str, Any]]] = {kind: [] for kind in KINDS}
    for name in dict.fromkeys((*new, *old)):
        if kind := change_kind(old.get(name), new.get(name)):
            groups[kind].append(make_change(name, old.get(name), new.get(name), unselected))
    columns = make_columns([before, after])
    return {
        "before": columns[0],
        "after": columns[1],
        "changes": {kind: cases for kind, cases in groups.items() if cases},
        "regressions": sum(len(groups[kind]) for kind in REGRESSIONS),
        "times": [],
    }


def change_kind(old: CaseData | None, new: CaseData | None) -> str | None:
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


def same_outcome_kind(old: CaseData, new: CaseData) -> str | None:
    """The kind of a change that leaves the outcome: other findings, or other evidence."""
    was, now = failed_by_key(old), failed_by_key(new)
    if any(f["level"] == "must" and key not in was for key, f in now.items()):
        return "worse"
    if was.keys() != now.keys():
        return "other"
    return "evidence" if old["evidence"] != new["evidence"] else None


def make_change(
    name: str, old: CaseData | None, new: CaseData | None, unselected: Mapping[str, str]
) -> dict[str, Any]:
    case = new or old
    assert case
    return {
        "case": name,
        "row": case["row"],
        "title": case["title"],
        "before": {"outcome": old["outcome"], "evidence": old["evidence"]} if old else None,
        "after": {"outcome": new["outcome"], "evidence": new["evidence"]} if new else None,
        "weaker": is_weaker(old, new) if old and new else False,
        "why": [*reasons(old, new)] if old and new else [],
        "reason": missing_verdict(name, new, unselected) if old else "",
    }


def is_weaker(old: CaseData, new: CaseData) -> bool:
    """Whether a positive outcome has a weaker grade than before."""
    positive = {old["outcome"], new["outcome"]} <= {*POSITIVE}
    return positive and GRADES.index(new["evidence"]) < GRADES.index(old["evidence"])


def missing_verdict(name: str, new: CaseData | None, unselected: Mapping[str, str]) -> str:
    """Why a case has no verdict now."""
    if new is not None:
        return f"{new['cause']}: {new['reason']}" if "cause" in new else new["reason"]
    return unselected.get(name, "its pack is not in this run, or does not have the case")


def failed_by_key(case: CaseData) -> dict[FaultKey, FindingData]:
    """The failed `must` and `should` findings, each once at its strongest level."""
    failed = [f for f in case["findings"] if not f["holds"] and f["level"] != "may"]
    return {fault_key(f): f for f in sorted(failed, key=lambda f: -LEVELS.index(f["level"]))}


def reasons(old: CaseData, new: CaseData) -> Iterator[dict[str, Any]]:
    """The assertions that have different results in the two reports."""
    was, now = failed_by_key(old), failed_by_key(new)
    checked, states = {f["rule"] for f in old["findings"]}, rule_states(new)
    for key in sorted({*was, *now}, key=lambda key: (key not in now, key)):
        before, after = was.get(key), now.get(key)
        if after is None:
            state = states.get(was[key]["rule"], "not checked any more")
            yield make_reason(was[key], state)
        elif before is None:
            new_check = "" if after["rule"] in checked else ", not checked before"
            yield make_reason(after, f"fails now{new_check}")
        elif before["level"] != after["level"]:
            yield make_reason(after, f"was a {before['level']}, is a {after['level']}")


def make_reason(finding: FindingData, change: str) -> dict[str, Any]:
    expected, got = finding_texts(finding)
    details = {key: finding[key] for key in ("rule", "level", "at", "shot")}
    sentence = rule_sentence(finding["rule"])
    return {"what": change, "says": sentence, **details, "expected": expected, "got": got}


def rule_states(new: CaseData) -> dict[str, str]:
    """Describe the new state of each rule, for findings that failed before and do not now."""
    states: dict[str, str] = {}
    for finding in new["findings"]:
        state = "holds now" if finding["holds"] else "recorded only"
        if states.setdefault(finding["rule"], state) == "holds now":
            states[finding["rule"]] = state
    return states
