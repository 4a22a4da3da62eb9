"""The field-support table of a target, in the form of the documents that its packs come from.

Each row of a document has a support status that says what was observed, the document's own words,
and the evidence: the grade and the cases.
"""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Callable, Mapping
from typing import Final, TypedDict

from harness.report.data import FieldData, ReportData
from harness.report.headline import headline, join_words, scope_sentence, subject
from harness.report.labels import WORDING, location
from harness.report.page_data import field_groups, format_time
from harness.report.rendering import render
from harness.report.text import json_text, one_line
from harness.util.printable import printable_json

COLUMNS: Final = ("pack", "location", "field", "row", "status", "documented", "outcome", "evidence")
# Outcomes of rows without a verdict, with what their status begins with.
WITHOUT_VERDICT: Final = {
    "inconclusive": "Undecided",
    "skip": "Not supported, as the target declares",
    "not-selected": "Not tested",
    "not-testable": "Not tested",
}
# The first characters of a formula in a spreadsheet.
FORMULA: Final = ("=", "+", "-", "@", "\t")


class SupportRow(TypedDict):
    """One row: `evidence` is the grade, or empty without a verdict.

    A field can have several rows, such as those of its values and of its range; `row` tells them.
    """

    pack: str
    location: str
    field: str
    row: str
    status: str
    documented: str
    outcome: str
    evidence: str
    cases: list[str]


def support_rows(report: ReportData) -> list[SupportRow]:
    """The rows of all packs, in the order of their documents."""
    return [
        {
            "pack": row["pack"],
            "location": row["location"],
            "field": row["path"],
            "row": row["row"],
            "status": support_status(row),
            "documented": row["status"],
            "outcome": row["outcome"],
            "evidence": "" if row["outcome"] in WITHOUT_VERDICT else row["evidence"],
            "cases": row["cases"],
        }
        for row in report["fields"]
    ]


def support_status(row: FieldData) -> str:
    """The status in a few words; credit is given only for what was observed.

    Example:
        `Ignored`, `Accepted; not shown to be supported`, `Not ignored: refused with 400`
    """
    outcome, observed = row["outcome"], one_line(row["observed"])
    if outcome in WITHOUT_VERDICT:
        return f"{WITHOUT_VERDICT[outcome]}: {observed}"
    if row["declared"] == "unspecified":
        return f"Not specified; {'accepted' if outcome == 'pass' else observed}"
    word = WORDING["support"].get(row["declared"], row["declared"].replace("_", " "))
    if outcome == "fail":
        accepted = " (accepted by the baseline)" if "known" in row else ""
        return f"Not {word}: {observed}{accepted}"
    if "refused" in row:
        return "Refused by name"
    if row["evidence"] in ("none", "accepted") and row["declared"] != "rejected":
        differs = outcome == "warn"
        return f"{f'Differs: {observed}' if differs else 'Accepted'}; not shown to be {word}"
    status = f"{word[:1].upper()}{word[1:]}"
    return f"{status}; differs: {observed}" if outcome == "warn" else status


def table_data(report: ReportData) -> dict[str, object]:
    rows = iter(support_rows(report))
    groups = [
        (pack, location(place), with_names([next(rows) for _ in members]))
        for (pack, place), members in field_groups(report["fields"]).items()
    ]
    return {
        "headline": headline(report),
        "scope": scope_sentence(report),
        "target": report["target"],
        "packs": join_words(subject(report)),
        "started": format_time(report["started"]),
        "harness": report["harness"],
        "groups": groups,
    }


def with_names(rows: list[SupportRow]) -> list[dict[str, object]]:
    """The rows of a table; `name` is the row's id where the field alone names several rows."""
    fields = Counter(row["field"] for row in rows)
    return [{**row, "name": row["row"] if fields[row["field"]] > 1 else ""} for row in rows]


def table_markdown(report: ReportData) -> str:
    """The table as GitHub-flavoured Markdown, with a table for each part of the documents."""
    return render("support.md.jinja2", table_data(report))


def table_html(report: ReportData) -> str:
    """The table as a page without scripts."""
    return render("support.html.jinja2", table_data(report))


def table_csv(report: ReportData) -> str:
    """The table as CSV. No cell begins like a spreadsheet's formula."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow([*COLUMNS, "cases"])
    for row in support_rows(report):
        cells = [str(row[key]) for key in COLUMNS]
        writer.writerow(map(without_formula, (*cells, " ".join(row["cases"]))))
    return out.getvalue()


def without_formula(text: str) -> str:
    """The text on one line, so that a spreadsheet does not calculate it."""
    line = one_line(text, 500)
    return f"'{line}" if line.startswith(FORMULA) else line


def table_json(report: ReportData) -> str:
    """The table as JSON: the target, the packs, and the rows."""
    packs = [{key: pack[key] for key in ("id", "version")} for pack in report["packs"]]
    data = {"target": report["target"], "packs": packs, "started": report["started"]}
    return printable_json(json_text({**data, "rows": support_rows(report)}, indent=2)) + "\n"


FORMATS: Final[Mapping[str, Callable[[ReportData], str]]] = {
    "markdown": table_markdown,
    "html": table_html,
    "csv": table_csv,
    "json": table_json,
}
