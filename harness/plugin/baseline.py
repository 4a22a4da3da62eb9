"""What the report says about the baseline, for the terminal and the exit status."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from harness.report.data import ReportData

LINES: Final = 20


def fails(report: ReportData | None) -> bool:
    """Whether an entry of the baseline is out of date, or a deviation is not in it."""
    return any(entry["fails"] for entry in entries(report))


def lines(report: ReportData | None) -> Iterator[str]:
    """Yield a line for each thing to do."""
    found = entries(report)
    for entry in found[:LINES]:
        yield f"baseline: {entry['says']}"
    if len(found) > LINES:
        yield f"baseline: and {len(found) - LINES} more, in report.json"


def entries(report: ReportData | None) -> list[Any]:
    return report.get("baseline", {}).get("told", []) if report else []
