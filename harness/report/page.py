"""HTML of the report page, handed to pytest-html. Every text is escaped."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final

from harness.language.behaviours import BY_ID
from harness.model.exchanges import AGAIN, SIMPLER
from harness.report import labels
from harness.report.case_types import CaseData, FindingData, ShotData
from harness.report.data import ReportData
from harness.report.evidence import displayed_shots
from harness.report.exchange_views import View
from harness.report.fields import displayed_outcome
from harness.report.findings import finding_texts
from harness.report.headline import headline
from harness.report.labels import rule_sentence
from harness.report.page_data import place, summary_data
from harness.report.rendering import render
from harness.report.text import compact_json
from harness.util.printable import visible

# Labels of requests that were sent only because another one failed.
TAGS: Final = {SIMPLER: "a simpler request", AGAIN: "sent again"}


def title(report: ReportData) -> str:
    """The title of the page: the result in one line."""
    return visible(headline(report))


def summary_html(report: ReportData) -> str:
    """The page above the table of cases, with style and script, for pytest-html's summary."""
    return render("summary.html.jinja2", summary_data(report))


def case_html(case: CaseData, evidence: Mapping[str, View]) -> str:
    """An opened case, for pytest-html's extras; `evidence` may lack shots of the case."""
    labelled = {shot["id"]: shot_label(shot) for shot in case["shots"]}
    outcomes = {shot["id"]: displayed_outcome(shot) for shot in case["shots"]}
    exchanges = [
        {**evidence[shot], "id": shot, "label": labelled[shot], "outcome": outcomes[shot]}
        for shot in displayed_shots(case)
        if shot in evidence
    ]
    data = {
        "case": case,
        "behaviour": BY_ID.get(case["behaviour"]),
        "failed": merge_shots((f for f in case["findings"] if not f["holds"]), labelled),
        "held": merge_shots((f for f in case["findings"] if f["holds"]), labelled),
        "exchanges": exchanges,
        "hidden": len(case["shots"]) - len(exchanges),
    }
    return render("case.html.jinja2", data)


def shot_label(shot: ShotData) -> str:
    """`stream, 1.5` or `plain, answer` or `control`."""
    value = "" if shot["value"] is None else compact_json(shot["value"], 40)
    subject = "control" if shot["control"] else TAGS.get(shot["tag"], value)
    repeat = f"repeat {shot['repeat']}" if "repeat" in shot else ""
    return ", ".join(part for part in (shot["mode"], shot["step"], subject, repeat) if part)


def merge_shots(
    findings: Iterable[FindingData], shot_labels: Mapping[str, str]
) -> list[dict[str, Any]]:
    """The same finding on several shots becomes one entry with the labels of these shots."""
    merged: dict[tuple[str, ...], dict[str, Any]] = {}
    for finding in findings:
        expected, got = finding_texts(finding)
        entry: dict[str, Any] = {
            "rule": finding["rule"],
            "sentence": rule_sentence(finding["rule"]),
            "level": finding["level"],
            "demanded": finding["demanded"],
            "where": place(finding),
            "expected": expected,
            "got": got,
        } | ({"depends_on_model": True} if "depends_on_model" in finding else {})
        shots = merged.setdefault(tuple(map(str, entry.values())), {**entry, "shots": []})["shots"]
        label = shot_labels.get(finding["shot"], finding["shot"])
        if label not in shots:
            shots.append(label)
    return sorted(merged.values(), key=lambda entry: [*labels.LEVELS].index(entry["level"]))
