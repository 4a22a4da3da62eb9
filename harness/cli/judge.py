"""`harness judge`: new verdicts for a recorded run, without the target."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

import click

from harness.cli.reports import load_report
from harness.report.data import ReportData


@click.command()
@click.argument("transcript", metavar="TRANSCRIPT")
@click.option("--pack", "packs", multiple=True, metavar="P", help="Pack in its present version.")
@click.option("--out", metavar="DIR", help="Folder of the reports.")
@click.option("--against", metavar="OLD", help="Report or transcript to list the changes from.")
@click.option("--unfinished", is_flag=True, help="Accept a run that has not ended.")
def judge(
    transcript: str, packs: tuple[str, ...], out: str | None, against: str | None, unfinished: bool
) -> int:
    """Judge the recorded run in TRANSCRIPT again, without sending anything.

    TRANSCRIPT is a transcript.jsonl, or the folder that a run wrote. With --pack the
    present cases of a pack are used; a case with a request that was not recorded is inconclusive.
    """
    from harness.report import diff
    from harness.run import check_output_dir, outputs
    from harness.run.replay import load_recorded

    if out:
        check_output_dir(Path(out))
    path = Path(transcript)
    name = str(path / "transcript.jsonl") if path.is_dir() else transcript
    old = load_earlier(against) if against else None
    report = load_recorded(name, packs, unfinished).report()
    if out:
        outputs.write(Path(out), report)
    print_report(report)
    changed = diff.find_changes(old, report) if old else None
    if changed:
        click.echo("\n" + diff.terminal(changed), nl=False)
    return 1 if has_failures(report) or (changed and changed["regressions"]) else 0


def load_earlier(name: str) -> ReportData:
    """Return a report from its file, or from a transcript."""
    from harness.report import diff
    from harness.run.replay import load_recorded

    if name.endswith(".jsonl"):
        return load_recorded(name, unfinished=True).report()
    return load_report(name, lambda report: diff.find_changes(report, report))


def has_failures(report: ReportData) -> bool:
    """Whether a case failed, or the run ended early."""
    totals = report["totals"]
    return bool(totals["fail"] or totals["inconclusive"] or report["reasons"])


def print_report(report: ReportData) -> None:
    from harness.report import terminal

    width = min(shutil.get_terminal_size().columns, 160)
    coloured = sys.stdout.isatty()
    text = terminal.summary(report, width, coloured, sys.stdout.encoding or "utf-8")
    click.echo(text, nl=False, color=coloured)
