"""Several reports as one grid: a column for each report, a row for each field of their packs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Literal, NotRequired, TypedDict

from harness.model import Grade, Json, Level, Outcome
from harness.report.case_types import CaseData
from harness.report.data import FieldData, ReportData, Result, RowOutcome, Totals
from harness.report.faults import case_name
from harness.report.findings import finding_texts
from harness.report.labels import rule_sentence
from harness.report.page_data import evidence_counts

Key = tuple[str, str]
# Outcomes that neither agree nor differ: nothing was shown.
NOT_SHOWN = ("not-testable", "not-selected", "skip", "inconclusive", "absent")


class Column(TypedDict):
    """A report; `label` is unique among the columns."""

    label: str
    name: str
    model: str
    base_url: str
    started: str
    harness: str
    packs: list[str]
    result: Result
    totals: Totals
    selection: Mapping[str, Json] | None
    grades: dict[str, int]


class FailedRule(TypedDict):
    """A failed assertion, with the modes of the shots on which it failed."""

    sentence: str
    level: Level
    at: str
    expected: str
    got: str
    shots: list[str]


class CaseCell(TypedDict):
    """A case of a field in one report."""

    case: str
    outcome: Outcome
    evidence: Grade
    reason: str
    failed: list[FailedRule]


class Cell(TypedDict):
    """A field in one report; `absent` if its packs do not have the field."""

    outcome: RowOutcome | Literal["absent"]
    evidence: NotRequired[Grade]
    observed: NotRequired[str]
    plain: NotRequired[Outcome | None]
    stream: NotRequired[Outcome | None]
    reason: NotRequired[str]
    cases: NotRequired[list[CaseCell]]


class GridRow(TypedDict):
    """A field; `differs` and `fails` are about any of its cells."""

    pack: str
    row: str
    path: str
    location: str
    declared: str
    status: str
    cells: list[Cell]
    differs: bool
    fails: bool


class Grid(TypedDict):
    """Reports side by side."""

    columns: list[Column]
    rows: list[GridRow]


def make_grid(reports: Sequence[ReportData]) -> Grid:
    """Rows are in the order of the packs' documents, packs in the order of the reports."""
    fields = [{(row["pack"], row["row"]): row for row in report["fields"]} for report in reports]
    cases = [{case_name(case): case for case in report["cases"]} for report in reports]
    keys = list(dict.fromkeys(key for known in fields for key in known))
    packs = list(dict.fromkeys(pack for pack, _ in keys))
    keys.sort(key=lambda key: packs.index(key[0]))  # stable: rows keep their order
    rows = [make_row(key, fields, cases) for key in keys]
    return {"columns": make_columns(reports), "rows": rows}


def make_columns(reports: Sequence[ReportData]) -> list[Column]:
    return [
        {
            "label": label,
            "name": report["target"]["name"],
            "model": report["target"]["model"],
            "base_url": report["target"]["base_url"],
            "started": report["started"],
            "harness": report["harness"],
            "packs": [f"{pack['id']} {pack['version']}" for pack in report["packs"]],
            "result": report["result"],
            "totals": report["totals"],
            "selection": report["selection"],
            "grades": evidence_counts(report),
        }
        for label, report in zip(unique_labels(reports), reports, strict=True)
    ]


def unique_labels(reports: Sequence[ReportData]) -> list[str]:
    """Each target's name, with its model, time or number where names are equal."""
    parts = [(r["target"]["name"], r["target"]["model"], r["started"]) for r in reports]
    labels = [name for name, _, _ in parts]
    for detail in (1, 2):
        count = Counter(labels)
        labels = [
            f"{label}, {part[detail]}" if count[label] > 1 and part[detail] else label
            for label, part in zip(labels, parts, strict=True)
        ]
    count = Counter(labels)
    return [f"{label} #{n}" if count[label] > 1 else label for n, label in enumerate(labels, 1)]


def make_row(
    key: Key, fields: Sequence[dict[Key, FieldData]], cases: Sequence[dict[str, CaseData]]
) -> GridRow:
    first = next(known[key] for known in fields if key in known)
    cells = [make_cell(known.get(key), own) for known, own in zip(fields, cases, strict=True)]
    shown = {cell["outcome"] for cell in cells if cell["outcome"] not in NOT_SHOWN}
    return {
        "pack": key[0],
        "row": key[1],
        "path": first["path"],
        "location": first["location"],
        "declared": first["declared"],
        "status": first["status"],
        "cells": cells,
        "differs": len(shown) > 1,
        "fails": any(cell["outcome"] == "fail" for cell in cells),
    }


def make_cell(field: FieldData | None, cases: dict[str, CaseData]) -> Cell:
    if field is None:
        return {"outcome": "absent"}
    return {
        "outcome": field["outcome"],
        "evidence": field["evidence"],
        "observed": field["observed"],
        "plain": field["plain"],
        "stream": field["stream"],
        "reason": field["reason"],
        "cases": [
            {
                "case": name,
                "outcome": cases[name]["outcome"],
                "evidence": cases[name]["evidence"],
                "reason": cases[name]["reason"],
                "failed": failed_rules(cases[name]),
            }
            for name in field["cases"]
            if name in cases
        ],
    }


def failed_rules(case: CaseData) -> list[FailedRule]:
    """Each failed assertion once, with the modes in which it failed."""
    modes = {shot["id"]: shot["mode"] for shot in case["shots"]}
    rules: dict[tuple[str, str, str], FailedRule] = {}
    for finding in case["findings"]:
        if finding["holds"] or finding["level"] == "may":
            continue
        expected, got = finding_texts(finding)
        entry: FailedRule = {
            "sentence": rule_sentence(finding["rule"]),
            "level": finding["level"],
            "at": finding["at"],
            "expected": expected,
            "got": got,
            "shots": [],
        }
        shots = rules.setdefault((finding["rule"], finding["at"], expected), entry)["shots"]
        if (mode := modes.get(finding["shot"])) and mode not in shots:
            shots.append(mode)
    return list(rules.values())
