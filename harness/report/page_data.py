"""The data that the templates of the report page lay out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, TypedDict

from harness.report import labels
from harness.report.case_types import CaseData, FindingData, UnselectedData
from harness.report.data import FaultData, FieldData, ObservationData, ReportData
from harness.report.findings import describe_status, expected_and_got
from harness.report.headline import (
    evidence_counts,
    known_cases,
    split_packs,
    subject,
    summary_sentences,
)
from harness.report.headline import join_words as join
from harness.report.labels import rule_sentence
from harness.report.text import compact_json


class FaultView(TypedDict):
    """A fault as reports show it; `share` is the percentage of the cases that it affects."""

    cases: list[str]
    rule: str
    sentence: str
    where: str
    level: str
    expected: str
    got: list[str]
    shots: int
    alone: int
    share: int


class FieldGroup(TypedDict):
    """The rows of a pack at one location; `twins` are the paths of several rows."""

    pack: str
    location: str
    title: str
    rows: list[FieldData]
    twins: set[str]


class Gap(TypedDict):
    """A reason for a missing verdict; `names` are pairs of a text and a case's name or ""."""

    reason: str
    names: list[tuple[str, str]]


def summary_data(report: ReportData) -> dict[str, Any]:
    """Everything above the table of cases."""
    return {
        "report": report,
        "result": labels.RESULTS[report["result"]],
        "subject": join(subject(report)),
        "packs": [pack for group in split_packs(report) for pack in group],
        "sentences": summary_sentences(report),
        "facts": facts(report),
        "faults": fault_views(report),
        "observations": [observation_view(one) for one in report["observations"]],
        "groups": field_groups(report["fields"]),
        "row_counts": count_outcomes([row["outcome"] for row in report["fields"]], labels.ALL),
        "case_counts": count_outcomes(
            [case["outcome"] for case in report["cases"]], labels.OUTCOMES
        ),
        "gaps": gaps(report),
        "known": known_cases(report),
    }


def facts(report: ReportData) -> list[tuple[str, str]]:
    """Labels and values of the facts of the run that are known."""
    target = report["target"]
    urls = [(f"Base URL, {e['protocol']}", e["base_url"]) for e in target.get("fronts", ())]
    grades = ", ".join(f"{number} {grade}" for grade, number in evidence_counts(report).items())
    pairs = [
        *(urls if len(urls) > 1 else [("Base URL", target["base_url"])]),
        ("Model", target["model"]),
        ("Started", format_time(report["started"])),
        ("Duration", format_duration(report["started"], report["finished"])),
        ("Requests", f"{report['requests']:,}"),
        ("Evidence", grades),
        ("Unexpected at the provider", "; ".join(report.get("unexpected", ()))),
        ("Harness", report["harness"]),
    ]
    return [(label, value) for label, value in pairs if value]


def format_time(text: str) -> str:
    try:
        return datetime.fromisoformat(text).strftime("%Y-%m-%d %H:%M:%S %Z").strip()
    except ValueError:
        return text


def format_duration(started: str, finished: str) -> str:
    """`12.3 s` or `4 min 5 s`; empty if a time is unknown."""
    try:
        span = datetime.fromisoformat(finished) - datetime.fromisoformat(started)
    except (ValueError, TypeError):
        return ""
    seconds = span.total_seconds()
    if seconds < 60:
        return f"{seconds:.1f} s"
    return f"{int(seconds // 60)} min {int(seconds % 60)} s"


def fault_views(report: ReportData) -> list[FaultView]:
    """The report's faults in words, in the same order."""
    return [fault_view(fault, len(report["cases"])) for fault in report["faults"]]


def fault_view(fault: FaultData, cases: int) -> FaultView:
    pairs = [expected_and_got(fault["at"], fault["expected"], got) for got in fault["got"]]
    return {
        "cases": fault["cases"],
        "rule": fault["rule"],
        "sentence": rule_sentence(fault["rule"]),
        "where": place(fault),
        "level": fault["level"],
        "expected": pairs[0][0],
        "got": list(dict.fromkeys(got for _, got in pairs if got)),
        "shots": fault["shots"],
        "alone": fault["alone"],
        "share": max(1, round(100 * len(fault["cases"]) / max(cases, 1))),
    }


def place(finding: FaultData | FindingData) -> str:
    """Where in the answer it is, unless the rule's sentence says so."""
    return "" if finding["at"] in ("status", "transport", finding["rule"]) else finding["at"]


def field_groups(rows: Iterable[FieldData]) -> list[FieldGroup]:
    """The field-support table by pack and location, in the order of the rows."""
    members: dict[tuple[str, str], list[FieldData]] = {}
    for row in rows:
        members.setdefault((row["pack"], row["location"]), []).append(row)
    return [
        {
            "pack": pack,
            "location": location,
            "title": labels.location(location),
            "rows": group,
            "twins": {path for path, n in Counter(row["path"] for row in group).items() if n > 1},
        }
        for (pack, location), group in members.items()
    ]


def count_outcomes(outcomes: Sequence[str], names: Mapping[str, Any]) -> list[tuple[str, int]]:
    return [(name, outcomes.count(name)) for name in names]


def gaps(report: ReportData) -> list[tuple[str, list[Gap]]]:
    """Cases without a verdict and rows without a test, by outcome and by reason."""
    by_outcome: dict[str, list[CaseData | UnselectedData | FieldData]] = {
        "inconclusive": [case for case in report["cases"] if case["outcome"] == "inconclusive"],
        "skip": [case for case in report["cases"] if case["outcome"] == "skip"],
        "not-selected": [*report["not_selected"]],
        "not-testable": [row for row in report["fields"] if row["outcome"] == "not-testable"],
    }
    return [(outcome, group_by_reason(items)) for outcome, items in by_outcome.items() if items]


def group_by_reason(items: Iterable[CaseData | UnselectedData | FieldData]) -> list[Gap]:
    found: dict[str, Gap] = {}
    for item in items:
        cause = item.get("cause")
        reason = f"{cause}: {item['reason']}" if cause else item["reason"]
        gap = found.setdefault(reason, {"reason": reason, "names": []})
        gap["names"].append(name_and_link(item))
    return sorted(found.values(), key=lambda gap: -len(gap["names"]))


def name_and_link(item: Mapping[str, Any]) -> tuple[str, str]:
    """(text, the name of the case if the page has it)."""
    if "path" in item:
        return str(item["path"]), ""
    name = f"{item['pack']}/{item['id']}"
    return name, name if "outcome" in item else ""


def observation_view(one: ObservationData) -> dict[str, Any]:
    status = one["rule"] == "status"
    seen = describe_status(one["got"]) if status else f"{one['at']} {one['got']}".strip()
    sent = "" if one["value"] is None else compact_json(one["value"])
    return {"case": one["case"], "modes": one["modes"], "seen": seen, "sent": sent}
