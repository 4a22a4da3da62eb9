"""The files that are rendered from the data of a report."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final

from harness.report.badge import shields_json, svg
from harness.report.data import ReportData
from harness.report.report_file import format_report
from harness.report.summary import summary_markdown

RENDERERS: Final[Mapping[str, Callable[[ReportData], str]]] = {
    "report.json": format_report,
    "summary.md": summary_markdown,
    "badge.svg": svg,
    "badge.json": shields_json,
}


def write(out: Path, report: ReportData) -> None:
    """Raises OSError."""
    for name, render in RENDERERS.items():
        (out / name).write_text(render(report), encoding="utf-8")
