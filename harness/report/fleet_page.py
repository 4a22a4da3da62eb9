"""The index page of a fleet: a line for each target and model, a column for each pack."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Final, TypedDict

from harness.report import labels
from harness.report.data import ReportData
from harness.report.headline import result_key
from harness.report.rendering import render
from harness.report.text import plural

NO_RESULT: Final = "without a result"


class CellData(TypedDict):
    """One unit: its result and totals, or why it has none."""

    result: str
    phrase: str
    mark: str
    totals: dict[str, int]
    link: str
    note: str
    problem: str


class LineData(TypedDict):
    """One target with one model; a cell is None if the fleet has no such unit."""

    target: str
    model: str
    cells: list[CellData | None]


class PackData(TypedDict):
    """The comparison of the targets with one pack; `link` is empty if there is no report."""

    name: str
    link: str
    fields: int
    differing: int
    runs: int


class FleetData(TypedDict):
    """The data of the page."""

    packs: list[PackData]
    lines: list[LineData]


def result_cell(report: ReportData, link: str, note: str = "") -> CellData:
    """Return the cell of a unit that has a report."""
    result = labels.RESULTS[result_key(report)]
    return {
        "result": report["result"],
        "phrase": result.phrase,
        "mark": result.mark,
        "totals": {name: count for name, count in report["totals"].items() if count},
        "link": link,
        "note": note,
        "problem": "",
    }


def empty_cell(problem: str) -> CellData:
    """Return the cell of a unit without a report."""
    more = {"result": "", "phrase": NO_RESULT, "mark": "–", "link": "", "note": ""}
    return {**more, "totals": {}, "problem": problem}  # type: ignore[typeddict-item]


def fleet_page(data: FleetData) -> str:
    """Return the page as HTML; it has no scripts and loads nothing."""
    return render("fleet_index.html.jinja2", {**data, "summary": summary(data)})


def summary(data: FleetData) -> str:
    """Return how many units have which result: `12 units: 10 conformant, 2 non-conformant`."""
    cells = [cell for line in data["lines"] for cell in line["cells"] if cell]
    counts = Counter(cell["phrase"] for cell in cells)
    phrases = [label.phrase for label in labels.RESULTS.values()]
    order = [phrase for phrase in (*phrases, NO_RESULT) if counts[phrase]]
    parts: Sequence[str] = [f"{counts[phrase]} {phrase}" for phrase in order]
    return f"{plural(len(cells), 'unit')}: {', '.join(parts)}"
