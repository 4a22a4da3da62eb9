"""The data that the templates of the report page lay out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from harness.report.case_data import ANSWER_OR_REFUSAL
from harness.report.case_types import CaseData, FindingData, UnselectedData
from harness.report.causes.rule_list import rule_url
from harness.report.clients import client_lines
from harness.report.credit import is_refused
from harness.report.data import FieldData, ObservationData, ReportData
from harness.report.fault_types import FaultData
from harness.report.findings import describe_status
from harness.report.headline import (
    evidence_counts,
    extended_packs,
    join_words,
    known_cases,
    result_key,
    subject,
    summary_sentences,
)
from harness.report.lead import lead_sentence
from harness.report.limits import limit_sentences
from harness.report.signals import alive_signals, dead_signals
from harness.report.text import compact_json
from harness.util.jsonpath import readable_place

Gap = CaseData | UnselectedData | FieldData  # without a verdict


def summary_data(report: ReportData) -> dict[str, Any]:
    """Everything above the table of cases."""
    return {
        "report": report,
        "subject": join_words(subject(report)),
        "packs": sorted(report["packs"], key=lambda pack: pack["id"] in extended_packs(report)),
        "result": result_key(report),
        "sentences": summary_sentences(report),
        "lead": lead_sentence(report),
        "limits": limit_sentences(report),
        "clients": client_lines(report),
        "refused": sum(map(is_refused, report["cases"])),
        "facts": facts(report),
        "faults": fault_views(report),
        "observations": observations_by_row(report["observations"]),
        "groups": field_groups(report["fields"]),
        "row_counts": Counter(row["outcome"] for row in report["fields"]),
        "dead_signals": dead_signals(report),
        "alive_signals": alive_signals(report),
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
    """A time of a report for people; any other text as it is."""
    try:
        return datetime.fromisoformat(text).strftime("%Y-%m-%d %H:%M:%S %Z").strip()
    except ValueError:
        return text


def format_duration(started: str, finished: str) -> str:
    """`12 s`, `under 1 s` or `4 min 5 s`; empty if a time is unknown. Times have whole seconds."""
    try:
        span = datetime.fromisoformat(finished) - datetime.fromisoformat(started)
    except (ValueError, TypeError):
        return ""
    seconds = span.total_seconds()
    if seconds < 60:
        return f"{seconds:g} s" if seconds >= 1 else "under 1 s"
    return f"{int(seconds // 60)} min {int(seconds % 60)} s"


def fault_views(report: ReportData) -> list[dict[str, Any]]:
    """The report's faults, each with its readable place in the answer and the page of its rule."""
    return [
        {**fault, "where": place(fault), "rule_url": rule_url(fault["rule"])}
        for fault in report["faults"]
    ]


def place(finding: FaultData | FindingData) -> str:
    """Where in the answer it is, unless the rule's sentence says so."""
    at, rule = readable_place(finding["at"]), finding["rule"]
    return "" if at in ("status", "transport", "body") or f" {rule}".endswith(f" {at}") else at


def field_groups(rows: Iterable[FieldData]) -> dict[tuple[str, str], list[FieldData]]:
    """The field-support table by pack and location, in the order of the rows."""
    groups: dict[tuple[str, str], list[FieldData]] = {}
    for row in rows:
        groups.setdefault((row["pack"], row["location"]), []).append(row)
    return groups


def gaps(report: ReportData) -> dict[str, list[tuple[str, list[Gap]]]]:
    """Cases without a verdict and rows without a test, by outcome and by reason."""
    by_outcome: dict[str, list[Gap]] = {
        "inconclusive": [case for case in report["cases"] if case["outcome"] == "inconclusive"],
        "skip": [case for case in report["cases"] if case["outcome"] == "skip"],
        "not-selected": [*report["not_selected"]],
        "not-testable": [row for row in report["fields"] if row["outcome"] == "not-testable"],
    }
    return {outcome: group_by_reason(items) for outcome, items in by_outcome.items() if items}


def group_by_reason(items: Iterable[Gap]) -> list[tuple[str, list[Gap]]]:
    groups: dict[str, list[Gap]] = {}
    for item in items:
        cause = item.get("cause")
        text = str(item["reason"])
        reason = f"{cause}: {text}" if cause and not text.startswith(f"{cause} ") else text
        groups.setdefault(reason, []).append(item)
    return sorted(groups.items(), key=lambda group: -len(group[1]))


def observations_by_row(
    observations: Iterable[ObservationData],
) -> dict[tuple[str, str], list[dict[str, Any]]]:
    """The observations of each row, by pack and row."""
    groups: dict[tuple[str, str], list[dict[str, Any]]] = {}
    for each in observations:
        pack = each["case"].partition("/")[0]
        groups.setdefault((pack, each["row"]), []).append(observation_view(each))
    return groups


def observation_view(observation: ObservationData) -> dict[str, Any]:
    at, got, value = observation["at"], observation["got"], observation["value"]
    either = observation["expected"] == ANSWER_OR_REFUSAL
    text = describe_status(got) if either or observation["rule"] == "status" else f"{at} {got}"
    if either and text.startswith("refused"):
        text += ", which is permitted"
    return {
        "case": observation["case"],
        "modes": observation["modes"],
        "seen": text.strip(),
        "sent": "" if value is None else compact_json(value),
    }
