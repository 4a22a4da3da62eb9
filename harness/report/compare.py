"""Comparison of reports: fields down, targets or releases across, as a page, Markdown and CSV."""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Sequence
from itertools import groupby
from typing import Any, Final

from harness.report import labels
from harness.report.case_types import CaseData
from harness.report.data import FieldData, ReportData
from harness.report.faults import case_name
from harness.report.findings import finding_texts
from harness.report.headline import evidence_counts, result_key, target_label
from harness.report.labels import rule_sentence
from harness.report.rendering import render
from harness.report.support_table import without_formula
from harness.report.text import json_text
from harness.util.printable import visible

Key = tuple[str, str]  # pack and row
Column = dict[str, Any]  # a report; `label` is unique among the columns
Cell = dict[str, Any]  # a field in one report; only `outcome: absent` if its packs do not have it
Grid = dict[str, Any]
# Outcomes that neither agree nor differ: nothing was shown.
NOT_SHOWN: Final = ("not-testable", "not-selected", "skip", "inconclusive", "absent")
QUIET: Final = {"pass", "not-testable", "not-selected", "absent"}
ROW_KEYS: Final = ("pack", "row", "path", "location", "declared")
CELL_KEYS: Final = ("outcome", "evidence", "observed", "plain", "stream")


def make_grid(reports: Sequence[ReportData]) -> Grid:
    """Rows are in the order of the packs' documents, packs in the order of the reports."""
    fields = [{(row["pack"], row["row"]): row for row in report["fields"]} for report in reports]
    cases = [{case_name(case): case for case in report["cases"]} for report in reports]
    keys = list(dict.fromkeys(key for own in fields for key in own))
    packs = {pack: number for number, pack in enumerate(dict.fromkeys(pack for pack, _ in keys))}
    keys.sort(key=lambda key: packs[key[0]])  # stable: rows keep their order
    rows = [make_row(key, fields, cases) for key in keys]
    return {"columns": make_columns(reports), "rows": rows}


def make_columns(reports: Sequence[ReportData]) -> list[Column]:
    return [
        {
            "label": label,
            "name": report["target"]["name"],
            "version": report["target"].get("version", ""),
            "model": report["target"]["model"],
            "base_url": report["target"]["base_url"],
            "started": report["started"],
            "harness": report["harness"],
            "packs": [f"{pack['id']} {pack['version']}" for pack in report["packs"]],
            "result": report["result"],
            "phrase": labels.RESULTS[result_key(report)].phrase,
            "mark": labels.RESULTS[result_key(report)].mark,
            "totals": report["totals"],
            "selection": report["selection"],
            "grades": evidence_counts(report),
        }
        for label, report in zip(unique_labels(reports), reports, strict=True)
    ]


def unique_labels(reports: Sequence[ReportData]) -> list[str]:
    """Each target's name, with its model, time or number where names are equal."""
    labels = [target_label(report) for report in reports]
    for details in ([r["target"]["model"] for r in reports], [r["started"] for r in reports]):
        count = Counter(labels)
        labels = [
            f"{label}, {detail}" if count[label] > 1 and detail else label
            for label, detail in zip(labels, details, strict=True)
        ]
    count = Counter(labels)
    return [f"{label} #{n}" if count[label] > 1 else label for n, label in enumerate(labels, 1)]


def make_row(
    key: Key, fields: Sequence[dict[Key, FieldData]], cases: Sequence[dict[str, CaseData]]
) -> dict[str, Any]:
    """A field with its cells; `differs` and `fails` are about any of them."""
    first: dict[str, Any] = next({**own[key]} for own in fields if key in own)
    cells = [make_cell(own.get(key), by_name) for own, by_name in zip(fields, cases, strict=True)]
    outcomes = {cell["outcome"] for cell in cells}
    return {
        **{name: first[name] for name in ROW_KEYS},
        "cells": cells,
        "differs": len(outcomes.difference(NOT_SHOWN)) > 1,
        "fails": "fail" in outcomes,
    }


def make_cell(field: FieldData | None, cases: dict[str, CaseData]) -> Cell:
    if field is None:
        return {"outcome": "absent"}
    details = [
        {
            "case": name,
            "outcome": case["outcome"],
            "evidence": case["evidence"],
            "reason": case["reason"],
            "failed": failed_rules(case),
        }
        for name in field["cases"]
        if (case := cases.get(name))
    ]
    return {**field, "cases": details}


def failed_rules(case: CaseData) -> list[dict[str, Any]]:
    """Each failed assertion once, with the modes in which it failed."""
    modes = {shot["id"]: shot["mode"] for shot in case["shots"]}
    rules: dict[tuple[str, str, str], dict[str, Any]] = {}
    for finding in case["findings"]:
        if finding["holds"] or finding["level"] == "may":
            continue
        expected, got = finding_texts(finding)
        rule = {
            "sentence": rule_sentence(finding["rule"]),
            "level": finding["level"],
            "at": finding["at"],
            "expected": expected,
            "got": got,
            "shots": [],
        }
        shots = rules.setdefault((finding["rule"], finding["at"], expected), rule)["shots"]
        if (mode := modes.get(finding["shot"])) and mode not in shots:
            shots.append(mode)
    return list(rules.values())


def html(grid: Grid) -> str:
    """One self-contained page with every cell's details."""
    groups = groupby(enumerate(grid["rows"]), lambda row: (row[1]["pack"], row[1]["location"]))
    data = {
        "grid": grid,
        "groups": [(pack, location, list(rows)) for (pack, location), rows in groups],
        "differing": sum(row["differs"] for row in grid["rows"]),
        "data": embedded_json(grid),
    }
    return render("compare.html.jinja2", data)


def embedded_json(grid: Grid) -> str:
    """The details of every cell as JSON, without a character that could end a script element."""
    keys = ("outcome", "evidence", "observed", "reason", "cases")
    cells = [
        [without_empty({key: cell.get(key) for key in keys}) for cell in row["cells"]]
        for row in grid["rows"]
    ]
    text = json_text(cells, compact=True)
    for character in ("<", ">", "&", "\u2028", "\u2029"):
        text = text.replace(character, f"\\u{ord(character):04x}")
    return text


def without_empty(value: Any) -> Any:
    """The value with visible texts and without empty members, which keeps the page small."""
    if isinstance(value, str):
        return visible(value)
    if isinstance(value, dict):
        return {key: without_empty(item) for key, item in value.items() if item}
    return [without_empty(item) for item in value] if isinstance(value, list) else value


def markdown(grid: Grid) -> str:
    """Totals, then the fields that do not pass everywhere; the other fields are counted."""
    quiet = [row for row in grid["rows"] if row_outcomes(row) <= QUIET]
    data = {
        "columns": grid["columns"],
        "listed": [row for row in grid["rows"] if row_outcomes(row) - QUIET],
        "passing": sum("pass" in row_outcomes(row) for row in quiet),
        "quiet": QUIET,
    }
    return render("compare.md.jinja2", data)


def row_outcomes(row: dict[str, Any]) -> set[str]:
    return {cell["outcome"] for cell in row["cells"]}


def csv_text(grid: Grid) -> str:
    """A line for each field and target. No cell starts like a spreadsheet's formula."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(["pack", "row", "field", "declared", "target", *CELL_KEYS])
    for row in grid["rows"]:
        place = [row[key] for key in ("pack", "row", "path", "declared")]
        for column, cell in zip(grid["columns"], row["cells"], strict=True):
            values = [str(cell.get(key) or "") for key in CELL_KEYS]
            writer.writerow(map(without_formula, (*place, column["label"], *values)))
    return out.getvalue()
