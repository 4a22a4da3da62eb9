"""The data of several report.json -> columns, rows, cells. Pure, and may not know any markup."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

from harness.model import GRADES, OUTCOMES
from harness.report import rules
from harness.report.faults import name
from harness.report.observed import told

Data = dict[str, Any]
Key = tuple[str, str]
SAME = ("path", "location", "declared", "status")
# Nothing was shown: neither agreement nor a difference.
UNSHOWN = ("not-testable", "not-selected", "skip", "inconclusive", "absent")


def grid(reports: Sequence[Data]) -> Data:
    """{columns, rows}: one column for each report, one row for each field of any of their packs."""
    fields = [{(row["pack"], row["row"]): row for row in report["fields"]} for report in reports]
    cases = [{name(case): case for case in report["cases"]} for report in reports]
    order = dict.fromkeys(key for known in fields for key in known)
    return {
        "columns": columns(reports),
        "rows": [row(key, fields, cases) for key in sorted(order, key=places(order))],
    }


def places(order: dict[Key, None]) -> Any:
    """Packs in the order in which they first come, and their rows as the documents have them."""
    packs = {pack: index for index, pack in enumerate(dict.fromkeys(pack for pack, _ in order))}
    at = {key: index for index, key in enumerate(order)}
    return lambda key: (packs[key[0]], at[key])


def columns(reports: Sequence[Data]) -> list[Data]:
    labels = distinct(reports)
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
            "grades": grades(report),
        }
        for label, report in zip(labels, reports, strict=True)
    ]


def grades(report: Data) -> dict[str, int]:
    """How many verdicts rest on which evidence, the weakest first."""
    seen = Counter(case["evidence"] for case in report["cases"] if case["outcome"] != "skip")
    return {grade: seen[grade] for grade in GRADES if seen[grade]}


def distinct(reports: Sequence[Data]) -> list[str]:
    """Each target's name, with as much more as tells it from the others."""
    parts = [(r["target"]["name"], r["target"]["model"], r["started"]) for r in reports]
    labels = [first for first, _, _ in parts]
    for more in (1, 2):
        twins = Counter(labels)
        labels = [
            f"{label}, {part[more]}" if twins[label] > 1 and part[more] else label
            for label, part in zip(labels, parts, strict=True)
        ]
    twins = Counter(labels)
    return [f"{label} #{n}" if twins[label] > 1 else label for n, label in enumerate(labels, 1)]


def row(key: Key, fields: Sequence[dict[Key, Data]], cases: Sequence[dict[str, Data]]) -> Data:
    first = next(known[key] for known in fields if key in known)
    cells = [
        cell(known[key], own) if key in known else {"outcome": "absent"}
        for known, own in zip(fields, cases, strict=True)
    ]
    shown = {one["outcome"] for one in cells if one["outcome"] not in UNSHOWN}
    return {
        "pack": key[0],
        "row": key[1],
        **{part: first[part] for part in SAME},
        "cells": cells,
        "differs": len(shown) > 1,
        "worst": min((rank(one) for one in cells), default=0),
    }


def rank(one: Data) -> int:
    order: tuple[str, ...] = OUTCOMES
    return order.index(one["outcome"]) if one["outcome"] in order else len(order)


def cell(field: Data, cases: dict[str, Data]) -> Data:
    """What one report says of a field, and what of its cases does not hold."""
    return {
        **{part: field[part] for part in ("outcome", "evidence", "observed", "plain", "stream")},
        "reason": field["reason"],
        "cases": [told_of(cases[one], one) for one in field["cases"] if one in cases],
    }


def told_of(case: Data, full: str) -> Data:
    return {
        "case": full,
        "outcome": case["outcome"],
        "evidence": case["evidence"],
        "reason": case["reason"],
        "broken": broken(case),
    }


def broken(case: Data) -> list[Data]:
    """Each demand that does not hold, once, with the shots that show it."""
    shots = {shot["id"]: shot for shot in case["shots"]}
    found: dict[tuple[str, str, str], Data] = {}
    for finding in case["findings"]:
        if finding["holds"] or finding["level"] == "may":
            continue
        expected, got = told(finding)
        key = (finding["rule"], finding["at"], expected)
        one = found.setdefault(
            key,
            {
                "rule": finding["rule"],
                "says": rules.says(finding["rule"]),
                "level": finding["level"],
                "at": finding["at"],
                "expected": expected,
                "got": got,
                "shots": [],
            },
        )
        mode = shots[finding["shot"]]["mode"] if finding["shot"] in shots else ""
        if mode and mode not in one["shots"]:
            one["shots"].append(mode)
    return list(found.values())
