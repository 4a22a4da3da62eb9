"""The field-support table for a terminal."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from harness.report import labels
from harness.report.data import FieldData, ReportData
from harness.report.page_data import field_groups
from harness.report.text import one_line, plural, truncate

MAX_ROWS: Final = 20  # that are not green
GAP: Final = 2  # columns between cells
MIN_OBSERVED: Final = 12  # characters
MAX_NAME: Final = 30  # characters
MAX_OBSERVED: Final = 80  # characters
# Narrower terminals do not get the column of the evidence.
WIDE: Final = 100
# Rows about which a run has nothing to say.
SILENT: Final = ("not-testable", "not-selected")


def rows_not_green(report: ReportData, width: int) -> list[RenderableType]:
    """Return the rows that are not shown to be as declared, the gravest first."""
    rows = [row for row in report["fields"] if is_not_green(row)]
    if not rows:
        return []
    packs = {row["pack"] for row in rows}
    title = f"{plural(len(rows), 'row is', 'rows are')} not green"
    rows.sort(key=lambda row: labels.RANKS[row["outcome"]])
    parts: list[RenderableType] = [short_table(title, rows[:MAX_ROWS], len(packs) > 1, width)]
    if len(rows) > MAX_ROWS:
        parts.append(f"   and {len(rows) - MAX_ROWS:,} more; -v shows all rows")
    return [*parts, ""]


def is_not_green(row: FieldData) -> bool:
    is_passed = row["outcome"] == "pass" and not row.get("refused") and "known" not in row
    return not is_passed and row["outcome"] not in SILENT


def all_rows(report: ReportData, width: int) -> list[RenderableType]:
    """Return all rows, grouped by location, in the order of the documents."""
    parts: list[RenderableType] = []
    for (pack, location), rows in field_groups(report["fields"]).items():
        title = f"{labels.location(location)} ({pack})"
        parts += [row_table(title, rows, width >= WIDE), ""]
    return parts


def short_table(title: str, rows: Sequence[FieldData], has_packs: bool, width: int) -> Table:
    """Return a table with one line of so many columns for each row; long texts are cut."""
    table = empty_table(title)
    headings = ["", "Field", "Plain", "Stream", *(["Pack"] if has_packs else [])]
    cells = [short_cells(row)[: len(headings)] for row in rows]
    used = sum(max(map(len, column)) + GAP for column in zip(headings, *cells, strict=True))
    for heading in headings:
        centred = heading in ("Plain", "Stream")
        table.add_column(heading, no_wrap=True, justify="center" if centred else "left")
    table.add_column("Observed", no_wrap=True)
    for row, texts in zip(rows, cells, strict=True):
        observed = one_line(row["observed"] or row["reason"], max(MIN_OBSERVED, width - used - GAP))
        table.add_row(*texts, observed)
    return table


def short_cells(row: FieldData) -> list[Text]:
    label = row_label(row)
    mark, name = Text(label.mark, label.style), Text(truncate(row["row"], MAX_NAME))
    return [
        mark,
        name,
        mode_mark(row, row["plain"]),
        mode_mark(row, row["stream"]),
        Text(row["pack"]),
    ]


def row_table(title: str, rows: Sequence[FieldData], evidence: bool) -> Table:
    """Return a table of rows, with their evidence grades or without."""
    table = empty_table(title)
    table.add_column("", no_wrap=True)
    table.add_column("Field", ratio=3, overflow="fold")
    table.add_column("Declared", no_wrap=True)
    table.add_column("Observed", ratio=4, overflow="fold")
    table.add_column("Plain", no_wrap=True, justify="center")
    table.add_column("Stream", no_wrap=True, justify="center")
    if evidence:
        table.add_column("Evidence", no_wrap=True)
    for row in rows:
        label = row_label(row)
        cells: list[Text | str] = [Text(label.mark, label.style), row["row"]]
        cells += [row["declared"].replace("_", " "), one_line(row["observed"], MAX_OBSERVED)]
        cells += [mode_mark(row, row["plain"]), mode_mark(row, row["stream"])]
        table.add_row(*cells, *([row["evidence"]] if evidence else []))
    return table


def empty_table(title: str) -> Table:
    return Table(
        title=title,
        title_justify="left",
        title_style="bold",
        box=None,
        padding=(0, GAP, 0, 0),
        header_style="dim",
    )


def row_label(row: FieldData) -> labels.Label:
    if "known" in row:
        return labels.KNOWN
    return labels.PERMITTED if row.get("refused") else labels.ALL[row["outcome"]]


def mode_mark(row: FieldData, outcome: str | None) -> Text:
    if not outcome:
        return Text("")
    label = labels.PERMITTED if row.get("refused") and outcome == "pass" else labels.ALL[outcome]
    return Text(label.mark, label.style)
