"""The folder of the reports, and the files that are rendered from the data of a report."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final

from harness.report.badge import shields_json, svg
from harness.report.data import ReportData
from harness.report.report_file import format_report
from harness.report.summary import summary_markdown
from harness.util.errors import UsageError, file_errors

RENDERERS: Final[Mapping[str, Callable[[ReportData], str]]] = {
    "report.json": format_report,
    "summary.md": summary_markdown,
    "badge.svg": svg,
    "badge.json": shields_json,
}
FILES: Final = (*RENDERERS, "report.html", "junit.xml", "transcript.jsonl")


def check_output_dir(out: Path) -> None:
    """Make the folder. Raises UsageError if a report cannot be written there."""
    with file_errors("write to --out", out):
        out.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=out):
            pass
    for path in (out / name for name in FILES):
        if path.exists() and not (path.is_file() and os.access(path, os.W_OK)):
            raise UsageError(f"cannot write to --out {out}: {path.name} there is not writable")


def write(out: Path, report: ReportData) -> None:
    """Raises OSError."""
    for name, render in RENDERERS.items():
        (out / name).write_text(render(report), encoding="utf-8")
