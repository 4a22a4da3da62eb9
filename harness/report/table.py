"""Case entries -> the cells of pytest-html's results table. May not change what pytest counted.

pytest-html reads a row's data out of its cells: a `col-NAME` cell's content is `NAME`, where the
header of the same index is sortable. Its script needs `result` to be one of its own words and
takes `testId` as the row's id; both travel in hidden cells. A comment in front of a cell's text
makes the column sort by what the comment says.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from html import escape
from typing import Any

from harness.model import GRADES, OUTCOMES
from harness.report.faults import name
from harness.report.page import render
from harness.report.text import visible

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
    """For pytest_html_results_table_header: `cells[:] = header_cells()`."""
    sortable = '<th class="sortable" data-column-type="{}"{}>{}</th>'
    shown = [sortable.format(column, "", label) for column, label in COLUMNS.items()]
    return shown + [sortable.format(column, " hidden", column) for column in HIDDEN]


def row_cells(entry: Mapping[str, Any] | None, cells: Sequence[str]) -> list[str]:
    """For pytest_html_results_table_row: `cells[:] = row_cells(entry, cells)`.

    `cells` are pytest-html's own; without an entry (a file that did not load) they are kept.
    """
    result, test = (content(cell) for cell in cells[:2])
    if entry is None:
        return [*strange(result, test, content(cells[2])), *hidden(result, escape(test))]
    name_of = name(dict(entry))
    data = {
        "case": entry,
        "name": name_of,
        "rank": OUTCOMES.index(entry["outcome"]),
        "grade_rank": GRADES.index(entry["evidence"]),
        "milliseconds": round(entry["seconds"] * 1000),
    }
    shown = render("row.html.jinja2", data).strip().splitlines()
    return [*shown, *hidden(result, anchor(name_of))]


def anchor(case: str) -> str:
    """The id of a case's row on the page."""
    return f"case-{escape(visible(case))}"


def content(cell: str) -> str:
    found = CONTENT.search(cell)
    return found[1] if found else ""


def hidden(result: str, test: str) -> list[str]:
    return [
        f'<td class="col-result" hidden>{result}</td>',
        f'<td class="col-testId" hidden>{test}</td>',
    ]


def strange(result: str, test: str, duration: str) -> list[str]:
    """What pytest reports beside the cases: an error while collecting, for example."""
    data = {"result": result, "test": test, "duration": duration}
    return render("strange.html.jinja2", data).strip().splitlines()


def environment(facts: Mapping[str, str]) -> dict[str, str]:
    """For pytest-html's environment table, whose script would run what is not escaped."""
    return {visible(key): escape(visible(value)) for key, value in facts.items()}
