"""`harness compare`: puts reports of earlier runs side by side."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from harness.util.errors import UsageError

if TYPE_CHECKING:
    from harness.report.data import ReportData

REPORTS = click.argument("reports", nargs=-1, required=True, metavar="REPORT...")


@click.command()
@REPORTS
@click.option(
    "--out",
    "outs",
    multiple=True,
    default=("compare.html",),
    show_default=True,
    metavar="FILE",
    help="Output file: .html, .md or .csv. Repeatable.",
)
def compare(reports: Sequence[str], outs: Sequence[str]) -> int:
    """Put reports side by side: fields down, targets or releases across.

    REPORT is a report.json, or the folder that a run wrote.
    """
    from harness.report.compare import csv_text, html, make_grid, markdown

    writers = {".html": html, ".md": markdown, ".csv": csv_text}
    check_suffixes(outs, writers)
    grid = make_grid([load_report(name, lambda report: make_grid([report])) for name in reports])
    for out in outs:
        write_file(Path(out), writers[Path(out).suffix](grid))
    differing = sum(row["differs"] for row in grid["rows"])
    click.echo(
        f"{len(grid['columns'])} reports, {len(grid['rows'])} fields; they differ in {differing}: "
        f"{', '.join(outs)}"
    )
    return 0


def check_suffixes(outs: Sequence[str], suffixes: Collection[str]) -> None:
    """Check the types of output files. Raises UsageError for an unknown one."""
    for out in outs:
        if Path(out).suffix not in suffixes:
            raise UsageError(f"--out {out}: the name must end in {', '.join(suffixes)}")


def load_report(name: str, use: Callable[[ReportData], object] | None = None) -> ReportData:
    """Read a report.json.

    Args:
        name: The file, or the folder that a run wrote.
        use: Called with the report; a report that makes it fail is damaged.

    Raises:
        UsageError: The file cannot be read, is not a report, or is damaged.
    """
    from harness.report.report_file import damage_error, parse_report

    path = Path(name) / "report.json" if Path(name).is_dir() else Path(name)
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not UTF-8"
        raise UsageError(f"cannot read {path}: {reason}") from error
    report = parse_report(text, str(path))
    try:
        if use:
            use(report)
    except (LookupError, TypeError, AttributeError, ValueError) as error:
        raise damage_error(report, str(path)) from error
    return report


def write_file(path: Path, text: str) -> None:
    """Write a file and the folders above it. Raises UsageError."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise UsageError(f"cannot write {path}: {error.strerror}") from error
