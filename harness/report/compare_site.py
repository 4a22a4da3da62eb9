"""A site of several reports: an index, a page for each field, and the history of each target.

The pages have no scripts and load nothing. Reports with the same name of the target are the runs of
one target; the index compares the latest runs.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from itertools import groupby, pairwise
from typing import Any, Final
from urllib.parse import quote

from harness.report.compare import NOT_SHOWN, Grid, make_grid
from harness.report.data import ReportData
from harness.report.page_data import format_time
from harness.report.rendering import render

Runs = Mapping[str, Sequence[ReportData]]
# Outcomes from the worst to the best, to say whether a target became better or worse.
ORDER: Final = ("fail", "warn", "pass")


def target_name(report: ReportData) -> str:
    """Return what the runs of one target have in common."""
    return report["target"]["name"]


def site_pages(
    reports: Sequence[ReportData],
    name_of: Callable[[ReportData], str] = target_name,
    home: str = "",
) -> dict[str, str]:
    """Return the text of each page by its path, which has slashes.

    The index is `index.html`, the page of a field `fields/PACK/ROW.html`, that of the runs of the
    targets `history.html`.

    Args:
        name_of: Returns the same name for reports that are runs of one target.
        home: The page that the index belongs to, relative to it; "" for none.
    """
    runs = runs_of_targets(reports, name_of)
    latest = make_grid([own[-1] for own in runs.values()])
    ordered = make_grid([report for own in runs.values() for report in own])
    pages = {"index.html": index_page(latest, runs, home), "history.html": history_page(runs, home)}
    for row in ordered["rows"]:
        data = {"row": row, "columns": ordered["columns"], "latest": latest_of(latest, row)}
        pages[field_path(row)] = render("compare_field.html.jinja2", {**data, "home": home})
    return pages


def runs_of_targets(
    reports: Sequence[ReportData], name_of: Callable[[ReportData], str] = target_name
) -> Runs:
    """The reports by the name of their target, the oldest first; targets in the order given."""
    runs: dict[str, list[ReportData]] = {}
    for report in reports:
        runs.setdefault(name_of(report), []).append(report)
    return {name: sorted(own, key=lambda report: report["started"]) for name, own in runs.items()}


def field_path(row: Mapping[str, Any]) -> str:
    """The path of a field's page; characters that a file name cannot have are escaped."""
    return f"fields/{file_name(row['pack'])}/{file_name(row['row'])}.html"


def file_name(text: str) -> str:
    """Return the text with escapes for all that the name of a file cannot have."""
    return quote(text, safe="").replace("%", "_").lstrip(".") or "_"


def latest_of(latest: Grid, row: Mapping[str, Any]) -> bool:
    """Whether the latest runs of the targets differ in a row."""
    key = row["pack"], row["row"]
    return any(one["differs"] for one in latest["rows"] if (one["pack"], one["row"]) == key)


def index_page(latest: Grid, runs: Runs, home: str) -> str:
    rows = [{**row, "page": quote(field_path(row))} for row in latest["rows"]]
    data = {
        "columns": latest["columns"],
        "numbers": [len(own) for own in runs.values()],
        "differing": grouped([row for row in rows if row["differs"]]),
        "others": grouped([row for row in rows if not row["differs"]]),
        "counts": Counter(row["differs"] for row in rows),
        "home": home,
    }
    return render("compare_index.html.jinja2", data)


def grouped(rows: Sequence[Mapping[str, Any]]) -> list[tuple[str, str, list[Mapping[str, Any]]]]:
    groups = groupby(rows, lambda row: (row["pack"], row["location"]))
    return [(pack, location, list(members)) for (pack, location), members in groups]


def history_page(runs: Runs, home: str) -> str:
    targets = [history(name, own) for name, own in runs.items()]
    return render("compare_history.html.jinja2", {"targets": targets, "home": home})


def history(name: str, reports: Sequence[ReportData]) -> dict[str, Any]:
    """The runs of one target, the latest first, each with what changed since the one before."""
    grid = make_grid(reports)
    changes = [[], *(changed_rows(grid, old, new) for old, new in pairwise(range(len(reports))))]
    runs = [
        {**column, "time": format_time(column["started"]), "changes": changed}
        for column, changed in zip(grid["columns"], changes, strict=True)
    ]
    return {"name": name, "runs": runs[::-1]}


def changed_rows(grid: Grid, old: int, new: int) -> list[dict[str, Any]]:
    """The fields with another outcome in a run than in the run before."""
    return [
        {
            "path": row["path"],
            "page": quote(field_path(row)),
            "before": row["cells"][old],
            "after": row["cells"][new],
            "kind": kind_of_change(row["cells"][old]["outcome"], row["cells"][new]["outcome"]),
        }
        for row in grid["rows"]
        if row["cells"][old]["outcome"] != row["cells"][new]["outcome"]
    ]


def kind_of_change(before: str, after: str) -> str:
    """`better`, `worse`, or `other` if one of the outcomes shows nothing."""
    if before in NOT_SHOWN or after in NOT_SHOWN:
        return "other"
    return "better" if ORDER.index(after) > ORDER.index(before) else "worse"
