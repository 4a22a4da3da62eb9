"""Whether a target works with a client: one line for each client whose requests were sent."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from harness.model import Outcome
from harness.report.data import FieldData, ReportData
from harness.report.faults import case_name
from harness.report.text import plural

LOCATION: Final = "client"  # of rows about all that one client sends
ORDER: Final[tuple[Outcome, ...]] = ("fail", "inconclusive", "warn", "pass")
PHRASES: Final[Mapping[str, str]] = {
    "pass": "Works with {name}",
    "warn": "Works with {name}, with warnings",
    "fail": "Does not work with {name}",
    "inconclusive": "Not known whether it works with {name}",
}


@dataclass(frozen=True, slots=True)
class ClientLine:
    """The line of one client; `row` is the full name of its row."""

    row: str
    outcome: Outcome
    text: str
    own_feature: bool


def client_lines(report: ReportData) -> list[ClientLine]:
    """Return a line for each client of which a case was judged, the worst outcome first."""
    outcomes = {case_name(case): case["outcome"] for case in report["cases"]}
    rows = [row for row in report["fields"] if row["location"] == LOCATION]
    sent = [row for row in rows if any(outcomes[name] in ORDER for name in row["cases"])]
    lines = [client_line(row, outcomes, unsent(report, row)) for row in sent]
    return sorted(lines, key=lambda line: ORDER.index(line.outcome))


def client_line(row: FieldData, outcomes: Mapping[str, Outcome], unsent: int) -> ClientLine:
    """Return the line of a row: the worst of its cases, how many of them pass, and what fails."""
    cases = [outcomes[name] for name in row["cases"] if outcomes[name] in ORDER]
    outcome = min(cases, key=ORDER.index)
    passed = sum(each in ("pass", "warn") for each in cases)
    counts = f"{passed} of {plural(len(cases), 'case')}"
    more = f", {unsent} not run" if unsent else ""
    detail = f"; {row['observed']}" if outcome in ("fail", "warn") else ""
    phrase = PHRASES[outcome].format(name=row["path"].strip("()"))
    text = f"{phrase}: {counts} pass{'es' if passed == 1 else ''}{more}{detail}"
    return ClientLine(f"{row['pack']}/{row['row']}", outcome, text, bool(row["features"]))


def unsent(report: ReportData, row: FieldData) -> int:
    """Return how many cases of a row were not selected."""
    name = (row["pack"], row["row"])
    return sum((case["pack"], case["row"]) == name for case in report["not_selected"])
