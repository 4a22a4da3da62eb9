"""The index page of a fleet: a line for each target and model, a column for each pack."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Final, TypedDict

from harness.report import labels
from harness.report.data import ReportData
from harness.report.headline import examined_rows, result_key
from harness.report.page_data import format_time
from harness.report.rendering import render
from harness.report.text import plural

NO_RESULT: Final = "without a result"


class CellData(TypedDict):
    """One unit: its result, or why it has none.

    `scope` is how many rows were examined, `started` the time of the run (ISO 8601, UTC), `link`
    its report and `output` what it printed, each as a relative URL or "".
    """

    result: str
    phrase: str
    mark: str
    scope: str
    totals: dict[str, int]
    started: str
    link: str
    output: str
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
        "scope": examined_rows(report),
        "totals": {name: count for name, count in report["totals"].items() if count},
        "started": report["started"],
        "link": link,
        "output": "",
        "note": note,
        "problem": "",
    }


def empty_cell(problem: str, output: str) -> CellData:
    """Return the cell of a unit without a report."""
    more = dict.fromkeys(("result", "scope", "started", "link", "note"), "")
    texts = {**more, "phrase": NO_RESULT, "mark": "–", "output": output, "problem": problem}
    return {**texts, "totals": {}}  # type: ignore[typeddict-item]


def fleet_page(data: FleetData) -> str:
    """Return the page as HTML; it has no scripts and loads nothing."""
    more = {"summary": summary(data), "period": period(data)}
    return render("fleet_index.html.jinja2", {**data, **more})


def all_cells(data: FleetData) -> list[CellData]:
    return [cell for line in data["lines"] for cell in line["cells"] if cell]


def period(data: FleetData) -> str:
    """Return when the first and the last run began; "" without any."""
    times = sorted(cell["started"] for cell in all_cells(data) if cell["started"])
    return " to ".join(dict.fromkeys(format_time(times[n]) for n in (0, -1))) if times else ""


def summary(data: FleetData) -> str:
    """Return how many units have which result: `12 units: 10 conformant, 2 non-conformant`."""
    cells = all_cells(data)
    counts = Counter(cell["phrase"] for cell in cells)
    phrases = [label.phrase for label in labels.RESULTS.values()]
    order = [phrase for phrase in (*phrases, NO_RESULT) if counts[phrase]]
    parts: Sequence[str] = [f"{counts[phrase]} {phrase}" for phrase in order]
    return f"{plural(len(cells), 'unit')}: {', '.join(parts)}"
