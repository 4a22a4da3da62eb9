"""A grid as a self-contained HTML page, as Markdown and as CSV. No text of a target is markup."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Sequence
from itertools import groupby
from typing import Any

from harness.report import labels
from harness.report.compare.grid import Cell, Grid, GridRow
from harness.report.rendering import render
from harness.report.text import escape_markdown, one_line, replace_surrogates, visible

QUIET = ("pass", "not-testable", "not-selected", "absent")
# The first characters of a formula in a spreadsheet.
FORMULA = ("=", "+", "-", "@", "\t")


def html(grid: Grid) -> str:
    """One page with every cell's details."""
    groups = [
        {"pack": pack, "location": labels.location(location), "rows": list(rows)}
        for (pack, location), rows in groupby(grid["rows"], lambda r: (r["pack"], r["location"]))
    ]
    numbers = {id(row): index for index, row in enumerate(grid["rows"])}
    differing = sum(row["differs"] for row in grid["rows"])
    targets, rows = len(grid["columns"]), len(grid["rows"])
    return render(
        "compare.html.jinja2",
        {
            "grid": grid,
            "groups": groups,
            "number": lambda row: numbers[id(row)],
            "differing": differing,
            "failing": sum(row["fails"] for row in grid["rows"]),
            "data": embedded_json(grid),
            "summary": f"{rows} fields, {targets} targets; they differ in {differing}.",
        },
    )


def embedded_json(grid: Grid) -> str:
    """The details of every cell as JSON, without a character that could end a script element."""
    cells = [[cell_details(cell) for cell in row["cells"]] for row in grid["rows"]]
    text = json.dumps(replace_surrogates(cells), ensure_ascii=False, separators=(",", ":"))
    for character in ("<", ">", "&", "\u2028", "\u2029"):
        text = text.replace(character, f"\\u{ord(character):04x}")
    return text


def cell_details(cell: Cell) -> Any:
    """What the dialog of a cell shows; the modes are in the table."""
    return without_empty({k: v for k, v in cell.items() if k not in ("plain", "stream")})


def without_empty(value: Any) -> Any:
    """The value with visible texts and without empty members, which keeps the page small."""
    if isinstance(value, str):
        return visible(value)
    if isinstance(value, dict):
        return {key: without_empty(item) for key, item in value.items() if item}
    return [without_empty(item) for item in value] if isinstance(value, list) else value


def markdown(grid: Grid) -> str:
    """Totals, then the fields that do not pass everywhere; the other fields are counted."""
    heads = [escape_markdown(column["label"], 120) for column in grid["columns"]]
    legend = " ".join(f"{word.mark} {word.label.lower()}" for word in labels.OUTCOMES.values())
    lines = [
        *table(["", *heads], total_rows(grid)),
        "",
        *field_lines(grid["rows"], heads),
        "",
        legend,
    ]
    return "\n".join(lines) + "\n"


def total_rows(grid: Grid) -> list[list[str]]:
    rows = [["result", *(column["result"] for column in grid["columns"])]]
    for outcome in labels.OUTCOMES:
        numbers = [str(column["totals"][outcome]) for column in grid["columns"]]
        rows.append([f"{mark(outcome)} {outcome}", *numbers])
    return rows


def field_lines(rows: Iterable[GridRow], heads: list[str]) -> list[str]:
    listed, passing = [], 0
    for row in rows:
        if all(cell["outcome"] in QUIET for cell in row["cells"]):
            passing += any(cell["outcome"] == "pass" for cell in row["cells"])
            continue
        field = f"`{row['path'].replace('`', '')}` ({row['pack']})"
        listed.append([field, *(cell_text(cell) for cell in row["cells"])])
    more = [f"{passing} more fields pass wherever they were tested."] if passing else []
    return [*(table(["field", *heads], listed) if listed else ()), "", *more]


def cell_text(cell: Cell) -> str:
    if cell["outcome"] in QUIET:
        return mark(cell["outcome"])
    return f"{mark(cell['outcome'])} {escape_markdown(cell['observed'], 120)}"


def mark(outcome: str) -> str:
    return labels.ALL[outcome].mark if outcome in labels.ALL else ""


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> list[str]:
    return [f"| {' | '.join(cells)} |" for cells in (head, ["---"] * len(head), *rows)]


def csv_text(grid: Grid) -> str:
    """A line for each field and target. No cell starts like a spreadsheet's formula."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    parts = ("outcome", "evidence", "observed", "plain", "stream")
    writer.writerow(["pack", "row", "field", "declared", "target", *parts])
    for row in grid["rows"]:
        for column, cell in zip(grid["columns"], row["cells"], strict=True):
            values = [str(cell.get(part) or "") for part in parts]
            place = [row["pack"], row["row"], row["path"], row["declared"], column["label"]]
            writer.writerow([without_formula(text) for text in (*place, *values)])
    return out.getvalue()


def without_formula(text: str) -> str:
    line = one_line(text, 500)
    return f"'{line}" if line.startswith(FORMULA) else line
