"""The folder of the reports, and the files that are rendered from the data of a report."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, nullcontext
from functools import partial
from pathlib import Path
from typing import Final

from harness.report.badge import shields_json, svg
from harness.report.code_quality import code_quality_text
from harness.report.data import ReportData
from harness.report.junit import junit_xml
from harness.report.page import page_html
from harness.report.page_store import PageStore
from harness.report.report_file import ReportText
from harness.report.sarif import sarif_text
from harness.report.summary import summary_markdown
from harness.report.support_table import table_markdown
from harness.run.output_lock import lock_output_dir
from harness.util.errors import IncompleteReports, UsageError, file_errors, internal_error
from harness.util.file_access import is_inside, remove_temporary_files, write_whole

Renderers = Mapping[str, Callable[[ReportData], str | ReportText]]
PAGE: Final = "report.html"
RENDERERS: Final[Renderers] = {
    "report.json": ReportText,
    "summary.md": summary_markdown,
    "table.md": table_markdown,
    "badge.svg": svg,
    "badge.json": shields_json,
    "junit.xml": junit_xml,
    "report.sarif": sarif_text,
    "code-quality.json": code_quality_text,
}
ROOM: Final = 64 * 1024  # bytes that must be free before a run begins
FILES: Final = (*RENDERERS, PAGE, "tests.html", "transcript.jsonl")


def check_output_dir(out: Path | None) -> None:
    """Make the folder, if any. Raises UsageError if a report cannot be written there."""
    if out is None:
        return
    if "\0" in str(out):
        raise UsageError(f"cannot write to --out {out}: its name is not valid")
    with file_errors("write to --out", out):
        out.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=out, buffering=0) as file:
            file.write(bytes(ROOM))
    for path in (out / name for name in FILES):
        if path.exists() and not (path.is_file() and os.access(path, os.W_OK)):
            raise UsageError(f"cannot write to --out {out}: {path.name} there is not writable")
        if path.is_symlink() and not is_inside(path, out):
            raise UsageError(f"cannot write to --out {out}: {path.name} is a link that leads out")


@contextmanager
def hold_output_dir(out: Path | None) -> Iterator[None]:
    """Make the folder, if any, and keep other processes from writing into it. Raises UsageError."""
    check_output_dir(out)
    with lock_output_dir(out) if out else nullcontext():
        if out:
            remove_temporary_files(out, FILES)
        yield


def render(report: ReportData) -> dict[str, str]:
    """Return the text of each output that is rendered from the report alone, by file name."""
    return {name: "".join(text(report)) for name, text in RENDERERS.items()}


def write(out: Path | None, report: ReportData, store: PageStore) -> None:
    """Write each file into the folder, if any; each is whole. Raises IncompleteReports.

    Args:
        store: The exchanges that report.html shows.
    """
    if out is None:
        return
    problems = []
    page: Renderers = {PAGE: partial(page_html, store=store)}
    for name, text in (*RENDERERS.items(), *page.items()):
        try:
            write_whole(out / name, text(report))
        except OSError as error:
            problems.append(f"{name}: {error.strerror}")
        except Exception as error:  # one faulty output does not cost the others
            problems.append(f"{name}: {internal_error(error)}")
    if problems:
        raise IncompleteReports(f"cannot write to {out}: {'; '.join(problems)}")
