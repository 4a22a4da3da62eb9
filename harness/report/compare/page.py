"""A grid -> one self-contained HTML page. May not trust any text of a target."""

from __future__ import annotations

import json
from itertools import groupby
from typing import Any

from harness.report import words
from harness.report.page import render as rendered
from harness.report.text import visible, writable

Data = dict[str, Any]


def render(grid: Data) -> str:
    groups = [
        {"pack": pack, "location": words.location(location), "rows": list(rows)}
        for (pack, location), rows in groupby(grid["rows"], lambda r: (r["pack"], r["location"]))
    ]
    numbered = {id(row): index for index, row in enumerate(grid["rows"])}
    return rendered(
        "compare.html.jinja2",
        {
            "grid": grid,
            "groups": groups,
            "number": lambda row: numbered[id(row)],
            "differing": sum(row["differs"] for row in grid["rows"]),
            "failing": sum(row["worst"] == 0 for row in grid["rows"]),
            "data": embedded(grid),
            "lede": lede(grid),
        },
    )


def lede(grid: Data) -> str:
    differing = sum(row["differs"] for row in grid["rows"])
    targets, rows = len(grid["columns"]), len(grid["rows"])
    return f"{rows} fields, {targets} targets; they differ in {differing}."


def embedded(grid: Data) -> str:
    """The details of every cell, as JSON that no script element ends in."""
    cells = [[compact(cell) for cell in row["cells"]] for row in grid["rows"]]
    text = json.dumps(writable(cells), ensure_ascii=False, separators=(",", ":"))
    for character in ("<", ">", "&", "\u2028", "\u2029"):
        text = text.replace(character, f"\\u{ord(character):04x}")
    return text


def compact(cell: Data) -> Data:
    """What a reader may open; of cases that pass their name is enough."""
    return {
        key: [shown(case) for case in value] if key == "cases" else shown(value)
        for key, value in cell.items()
        if value and key not in ("plain", "stream")
    }


def shown(value: Any) -> Any:
    if isinstance(value, str):
        return visible(value)
    if isinstance(value, dict):
        return {key: shown(inner) for key, inner in value.items() if inner}
    return [shown(inner) for inner in value] if isinstance(value, list) else value
