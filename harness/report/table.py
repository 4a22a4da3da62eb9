"""Cells of pytest-html's table of results.

pytest-html reads a row's data from its cells: the content of a `col-NAME` cell is `NAME`, if the
header with the same index is sortable. Its script needs `result` to be one of its own words, and
uses `testId` as the id of the row; both are in hidden cells. A comment before a cell's text makes
the column sort by the content of the comment.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from html import escape

from harness.report.case_types import CaseData
from harness.report.faults import case_name
from harness.report.rendering import render
from harness.util.printable import visible

COLUMNS = {
    "outcome": "Outcome",
    "case": "Case",
    "behaviour": "Behaviour",
    "evidence": "Evidence",
    "duration": "Time",
}
HIDDEN = ("result", "testId")
CONTENT = re.compile(r"<td[^>]*>(.*?)</td>", re.DOTALL)


def header_cells() -> list[str]:
    """Return the header cells for the hook pytest_html_results_table_header."""
    sortable = '<th class="sortable" data-column-type="{}"{}>{}</th>'
    visible_cells = [sortable.format(column, "", label) for column, label in COLUMNS.items()]
    return visible_cells + [sortable.format(column, " hidden", column) for column in HIDDEN]


def row_cells(case: CaseData | None, cells: Sequence[str]) -> list[str]:
    """Return the cells of a row for the hook pytest_html_results_table_row.

    `cells` are those of pytest-html: result, test, duration. `case` is None for what pytest reports
    beside the cases, such as an error while collecting.
    """
    result, test, duration = (content(cell) for cell in cells[:3])
    name = case_name(case) if case else test
    data = {"case": case, "result": result, "test": name, "duration": duration}
    return render("row.html.jinja2", data).strip().splitlines()


def content(cell: str) -> str:
    match = CONTENT.search(cell)
    return match[1] if match else ""


def environment_cells(facts: Mapping[str, str]) -> dict[str, str]:
    """For pytest-html's environment table, whose script inserts its values as HTML."""
    return {visible(key): escape(visible(value)) for key, value in facts.items()}
