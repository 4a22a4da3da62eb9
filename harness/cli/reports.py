"""`harness diff`, `compare` and `baseline`: commands about the reports of earlier runs."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from harness.cli.printing import say
from harness.util.errors import UsageError, damage, file_errors
from harness.util.file_access import MAX_JSON, member, read_text, write_whole
from harness.util.printable import printable_json

if TYPE_CHECKING:
    from harness.report.data import ReportData
    from harness.report.diff import Changes

REPORTS = click.argument("reports", nargs=-1, required=True, metavar="REPORT...")


@click.command()
@click.argument("before", metavar="A")
@click.argument("after", metavar="B")
@click.option(
    "--out", "outs", multiple=True, metavar="FILE", help="Output file: .html, .md or .json."
)
@click.option(
    "--fail-on",
    multiple=True,
    type=click.Choice(["warn", "slower"]),
    help="Additional regressions: a new warning, a slower response.",
)
def diff(before: str, after: str, outs: Sequence[str], fail_on: Sequence[str]) -> int:
    """List what changed from report A to report B; exit 1 on a regression.

    A and B are reports (report.json), or folders that runs wrote. If both folders have their
    transcripts, the times to the first byte are compared as well.
    """
    from harness.report.diff import find_changes, find_time_changes, html, markdown, terminal

    writers = {".html": html, ".md": markdown, ".json": changes_json}
    check_suffixes(outs, writers)
    old, new = (load_report(name, lambda one: find_changes(one, one)) for name in (before, after))
    changes = find_changes(old, new)
    times = first_bytes(before, old), first_bytes(after, new)
    changes["times"] = find_time_changes(old, new, times if all(times) else None)
    for out in outs:
        write_file(Path(out), writers[Path(out).suffix](changes))
    say(terminal(changes), nl=False)
    slower = "slower" in fail_on and any(t["verdict"] == "slower" for t in changes["times"])
    warned = "warn" in fail_on and "warned" in changes["changes"]
    return 1 if changes["regressions"] or slower or warned else 0


@click.command()
@REPORTS
@click.option(
    "--out",
    "outs",
    multiple=True,
    metavar="FILE",
    help="Output file: .html, .md or .csv (default: compare.html). Repeatable.",
)
@click.option("--site", metavar="DIR", help="Folder for an index, a page per field, a history.")
def compare(reports: Sequence[str], outs: Sequence[str], site: str | None) -> int:
    """Put reports side by side: fields down, targets or releases across.

    REPORT is a report.json, or the folder that a run wrote. Reports of the same target are its
    runs: the site compares the latest runs, and its history shows what changed from run to run.
    """
    from harness.report.compare import csv_text, html, make_grid, markdown
    from harness.report.compare_site import site_pages

    outs = outs or (() if site else ("compare.html",))
    writers = {".html": html, ".md": markdown, ".csv": csv_text}
    check_suffixes(outs, writers)
    loaded = [load_report(name, lambda report: make_grid([report])) for name in reports]
    grid = make_grid(loaded)
    for out in outs:
        write_file(Path(out), writers[Path(out).suffix](grid))
    if site:
        for path, page in site_pages(loaded).items():
            write_file(Path(site, path), page)
        outs = (*outs, str(Path(site, "index.html")))
    differing = sum(row["differs"] for row in grid["rows"])
    say(
        f"{len(grid['columns'])} reports, {len(grid['rows'])} fields; they differ in {differing}: "
        f"{', '.join(outs)}"
    )
    return 0


@click.command()
@click.argument("report")
def baseline(report: str) -> int:
    """Print a baseline that accepts every failure in REPORT.

    REPORT is a report.json, or the folder that a run wrote. Edit the reasons, then pass the file to
    `harness run --baseline FILE`.
    """
    from harness.report.baseline import first_baseline

    say(first_baseline(load_report(report, first_baseline)), nl=False)
    return 0


def check_suffixes(outs: Sequence[str], suffixes: Collection[str]) -> None:
    """Raises UsageError for an output file of an unknown type."""
    for out in outs:
        if Path(out).suffix not in suffixes:
            raise UsageError(f"--out {out}: the name must end in {', '.join(suffixes)}")


def changes_json(changes: Changes) -> str:
    from harness.report.text import json_text

    return printable_json(json_text(changes, indent=2)) + "\n"


def first_bytes(name: str, report: ReportData) -> Mapping[str, float]:
    """Return the seconds to the first byte of each response, by shot.

    Empty if there is no transcript of the same run beside the report.
    """
    from harness.run.transcript import scan

    times = {}
    try:
        for line in scan(file_beside(name, "transcript.jsonl")):
            if line.kind == "header" and line.value.get("started") != report["started"]:
                return {}
            if line.kind == "exchange" and line.value.chunks:
                times[line.value.shot] = line.value.chunks[0][0]
    except UsageError:
        return {}
    return times


def file_beside(report: str, name: str) -> Path:
    """Return the path of a file in the folder of a run."""
    return member(Path(report) if Path(report).is_dir() else Path(report).parent, name)


def load_report(name: str, use: Callable[[ReportData], object] | None = None) -> ReportData:
    """Read a report.json.

    Args:
        name: The file, or the folder that a run wrote.
        use: Called with the report; a report that makes it fail is damaged.

    Raises:
        UsageError: The file cannot be read, is not a report, or is damaged.
    """
    from harness.report.report_file import parse_report

    folder = Path(name) if Path(name).is_dir() else None
    path = folder / "report.json" if folder else Path(name)
    with file_errors("read", path):
        text = read_text(path, MAX_JSON, folder)
    report = parse_report(text, str(path))
    with damage(path):
        if use:
            use(report)
    return report


def write_file(path: Path, text: str) -> None:
    """Write a file and the folders above it. Raises UsageError."""
    with file_errors("write", path):
        path.parent.mkdir(parents=True, exist_ok=True)
        write_whole(path, text)
