"""`harness compare`: reports of earlier runs, side by side. Decides nothing."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import click

from harness.util.errors import UsageError

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
    help="Where to write: .html, .md or .csv; may be given several times.",
)
def compare(reports: Sequence[str], outs: Sequence[str]) -> int:
    """Put reports side by side: fields down, targets (or releases) across.

    REPORT is a report.json, or the folder that a run wrote.
    """
    from harness.report import compare as side_by_side

    writers = {
        ".html": side_by_side.html,
        ".md": side_by_side.markdown,
        ".csv": side_by_side.csv_text,
    }
    for out in outs:
        if Path(out).suffix not in writers:
            raise UsageError(f"--out {out}: end the name in {', '.join(writers)}")
    grid = side_by_side.grid([whole(name, side_by_side.grid) for name in reports])
    for out in outs:
        write(Path(out), writers[Path(out).suffix](grid))
    differing = sum(row["differs"] for row in grid["rows"])
    click.echo(
        f"{len(grid['columns'])} reports, {len(grid['rows'])} fields; they differ in {differing}: "
        f"{', '.join(outs)}"
    )
    return 0


def whole(name: str, use: Callable[[list[dict[str, Any]]], Any]) -> dict[str, Any]:
    """A report of which something can be made. Raises UsageError for a torn one."""
    from harness.report import json_file

    report = read(name)
    try:
        use([report])
    except (LookupError, TypeError, AttributeError, ValueError) as error:
        raise json_file.amiss(report, name) from error
    return report


def read(name: str) -> dict[str, Any]:
    """Raises UsageError for what is no report of a run."""
    from harness.report import json_file

    path = Path(name) / "report.json" if Path(name).is_dir() else Path(name)
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        why = error.strerror if isinstance(error, OSError) else "it is not UTF-8"
        raise UsageError(f"cannot read the report {path}: {why}") from error
    return json_file.parse(text, str(path))


def write(path: Path, text: str) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise UsageError(f"cannot write {path}: {error.strerror}") from error
