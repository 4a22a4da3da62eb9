"""A grid -> Markdown and CSV. May not decide what is in it."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable
from typing import Any

from harness.report import words
from harness.report.text import one_line

Data = dict[str, Any]
# What Markdown and HTML would take for their own.
TAKEN = re.compile(r"([\\`*_{}\[\]<>|#!])")
WELL = ("pass", "not-testable", "not-selected", "absent")
FORMULA = ("=", "+", "-", "@", "\t")


def mark(outcome: str) -> str:
    return words.ALL[outcome].mark if outcome in words.ALL else ""


def plain(text: str) -> str:
    return TAKEN.sub(r"\\\1", one_line(text, 120))


def markdown(grid: Data) -> str:
    """Totals, then the fields that differ or do not pass everywhere; the rest is counted."""
    heads = [plain(column["label"]) for column in grid["columns"]]
    lines = [
        *table(["", *heads], totals(grid)),
        "",
        *told(grid["rows"], heads),
        "",
        " ".join(f"{word.mark} {word.label.lower()}" for word in words.OUTCOMES.values()),
    ]
    return "\n".join(lines) + "\n"


def totals(grid: Data) -> list[list[str]]:
    rows = [["result", *(column["result"] for column in grid["columns"])]]
    for outcome in words.OUTCOMES:
        numbers = [str(column["totals"][outcome]) for column in grid["columns"]]
        rows.append([f"{mark(outcome)} {outcome}", *numbers])
    return rows


def told(rows: Iterable[Data], heads: list[str]) -> list[str]:
    listed, alike = [], 0
    for row in rows:
        if all(cell["outcome"] in WELL for cell in row["cells"]):
            alike += any(cell["outcome"] == "pass" for cell in row["cells"])
            continue
        field = f"`{row['path'].replace('`', '')}` ({row['pack']})"
        listed.append([field, *(seen(cell) for cell in row["cells"])])
    more = [f"{alike} more fields pass wherever they were tested."] if alike else []
    return [*(table(["field", *heads], listed) if listed else ()), "", *more]


def seen(cell: Data) -> str:
    if cell["outcome"] in ("pass", "absent", "not-testable", "not-selected"):
        return mark(cell["outcome"])
    return f"{mark(cell['outcome'])} {plain(cell['observed'])}"


def table(head: list[str], rows: list[list[str]]) -> list[str]:
    listed = [head, ["---"] * len(head), *rows]
    return [f"| {' | '.join(cells)} |" for cells in listed]


def csv_text(grid: Data) -> str:
    """A line for each field and target. No cell begins like a spreadsheet's formula."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    parts = ("outcome", "evidence", "observed", "plain", "stream")
    writer.writerow(["pack", "row", "field", "declared", "target", *parts])
    for row in grid["rows"]:
        for column, cell in zip(grid["columns"], row["cells"], strict=True):
            own = [cell.get(part) or "" for part in parts]
            where = [row["pack"], row["row"], row["path"], row["declared"], column["label"]]
            writer.writerow([harmless(text) for text in (*where, *own)])
    return out.getvalue()


def harmless(text: str) -> str:
    line = one_line(text, 500)
    return f"'{line}" if line.startswith(FORMULA) else line
