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
from harness.util.errors import IncompleteReports, UsageError, file_errors, internal_error
from harness.util.file_access import is_inside, write_whole

RENDERERS: Final[Mapping[str, Callable[[ReportData], str]]] = {
    "report.json": format_report,
    "summary.md": summary_markdown,
    "badge.svg": svg,
    "badge.json": shields_json,
}
ROOM: Final = 64 * 1024  # bytes that must be free before a run begins
FILES: Final = (*RENDERERS, "report.html", "junit.xml", "transcript.jsonl")


def check_output_dir(out: Path | None) -> None:
    """Make the folder, if any. Raises UsageError if a report cannot be written there."""
    if out is None:
        return
    with file_errors("write to --out", out):
        out.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=out, buffering=0) as file:
            file.write(bytes(ROOM))
    for path in (out / name for name in FILES):
        if path.exists() and not (path.is_file() and os.access(path, os.W_OK)):
            raise UsageError(f"cannot write to --out {out}: {path.name} there is not writable")
        if path.is_symlink() and not is_inside(path, out):
            raise UsageError(f"cannot write to --out {out}: {path.name} is a link that leads out")


def write(out: Path, report: ReportData) -> None:
    """Write each of the files whole, as far as possible. Raises IncompleteReports."""
    problems = []
    for name, render in RENDERERS.items():
        try:
            write_whole(out / name, render(report))
        except OSError as error:
            problems.append(f"{name}: {error.strerror}")
        except Exception as error:  # one faulty output does not cost the others
            problems.append(f"{name}: {internal_error(error)}")
    if problems:
        raise IncompleteReports(f"cannot write to {out}: {'; '.join(problems)}")
