"""`harness diff`: compares two runs of a target."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from harness.cli.reports import check_suffixes, load_report, write_file
from harness.util.errors import UsageError

if TYPE_CHECKING:
    from harness.report.data import ReportData
    from harness.report.diff import Changes


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
    from harness.report.diff import find_changes, find_time_changes, terminal

    check_suffixes(outs, (".html", ".md", ".json"))
    old, new = (load_report(name, lambda one: find_changes(one, one)) for name in (before, after))
    changes = find_changes(old, new)
    changes["times"] = find_time_changes(old, new, first_bytes((before, old), (after, new)))
    for out in outs:
        write_file(Path(out), render(Path(out).suffix, changes))
    click.echo(terminal(changes), nl=False)
    slower = "slower" in fail_on and any(t["verdict"] == "slower" for t in changes["times"])
    warned = "warn" in fail_on and "warned" in changes["changes"]
    return 1 if changes["regressions"] or slower or warned else 0


def render(suffix: str, changes: Changes) -> str:
    from harness.report.diff import html, markdown
    from harness.report.text import json_text

    if suffix == ".json":
        return json_text(changes, indent=2) + "\n"
    return html(changes) if suffix == ".html" else markdown(changes)


def first_bytes(
    *runs: tuple[str, ReportData],
) -> tuple[Mapping[str, float], Mapping[str, float]] | None:
    """Return seconds to the first byte of each response, by shot; None if a run does not tell."""
    old, new = (first_bytes_of(name, report) for name, report in runs)
    return (old, new) if old and new else None


def first_bytes_of(name: str, report: ReportData) -> Mapping[str, float]:
    """Read the times from the transcript beside a report, if both are of the same run."""
    from harness.run import transcript

    path = (Path(name) if Path(name).is_dir() else Path(name).parent) / "transcript.jsonl"
    try:
        header, exchanges, _ = transcript.read(path)
    except UsageError:
        return {}
    if header.get("started") != report["started"]:
        return {}
    return {one.shot: one.chunks[0][0] for one in exchanges if one.chunks}
