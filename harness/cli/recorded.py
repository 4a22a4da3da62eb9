"""`harness judge`, `merge` and `har`: commands about recorded runs."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from harness.cli.printing import say
from harness.cli.rendered import FAIL_ON, set_fail_on, writing
from harness.cli.reports import REPORTS, file_beside, load_report
from harness.model.options import FAILING, FailOn, fails_run
from harness.util.errors import damage, file_errors
from harness.util.file_access import member, write_whole
from harness.util.printable import without_commands

if TYPE_CHECKING:
    from harness.report.data import ReportData
    from harness.report.page_store import PageStore


@click.command()
@click.argument("transcript", metavar="TRANSCRIPT")
@click.option("--pack", "packs", multiple=True, metavar="P", help="Pack in its present version.")
@click.option("--out", metavar="DIR", help="Folder of the reports.")
@click.option("--against", metavar="OLD", help="Report or transcript to list the changes from.")
@click.option("--unfinished", is_flag=True, help="Accept a run that has not ended.")
@FAIL_ON
def judge(
    transcript: str,
    packs: tuple[str, ...],
    out: str | None,
    against: str | None,
    unfinished: bool,
    fail_on: FailOn | None,
) -> int:
    """Judge the recorded run in TRANSCRIPT again, without sending anything.

    TRANSCRIPT is a transcript.jsonl, or the folder that a run wrote. With --pack the
    present cases of a pack are used; a case with a request that was not recorded is inconclusive.
    """
    from harness.report import diff

    old = load_earlier(against) if against else None
    with writing(Path(out) if out else None) as write:
        report, shown = judged_again(transcript_path(transcript), packs, unfinished, bool(out))
        set_fail_on(report, fail_on)
        write(report, shown)
    print_summary(report)
    changes = diff.find_changes(old, report) if old else None
    if changes:
        say("\n" + diff.terminal(changes), nl=False)
    passed = has_passed(report) and not (changes and changes["regressions"])
    return 0 if passed else 1


@click.command()
@REPORTS
@click.option(
    "--out", default="reports", show_default=True, metavar="DIR", help="Folder of the reports."
)
@FAIL_ON
def merge(reports: Sequence[str], out: str, fail_on: FailOn | None) -> int:
    """Merge the shards of a run into one run.

    REPORT is the folder that a run with --shard wrote: its report.json and transcript.jsonl. Writes
    the outputs that `harness run` writes.
    """
    from harness.run.merge import merge_reports
    from harness.run.recorded_exchanges import exchanges_of

    loaded = [load_report(name) for name in reports]
    with writing(Path(out)) as write:
        transcripts = [str(file_beside(name, "transcript.jsonl")) for name in reports]
        with damage(" or ".join(transcripts)):
            report, run = merge_reports(transcripts, loaded, Path(out))
        set_fail_on(report, fail_on)
        write(report, exchanges_of(run, report))
    print_summary(report)
    return 0 if has_passed(report) else 1


@click.command()
@click.argument("transcript", metavar="TRANSCRIPT")
@click.option("--out", metavar="FILE", help="Output file (default: beside TRANSCRIPT, as .har).")
def har(transcript: str, out: str | None) -> int:
    """Write TRANSCRIPT as HAR 1.2, which the network panel of a browser opens.

    TRANSCRIPT is a transcript.jsonl, or the folder that a run wrote. Keys stay redacted.
    """
    from harness.report.har import HarText
    from harness.run.facts import own_version
    from harness.run.stored_exchanges import open_lines

    path = transcript_path(transcript)
    header, exchanges = open_lines(path)
    with damage(path):
        log = HarText(str(header.get("started", "")), own_version(), exchanges)
    to = Path(out) if out else path.with_suffix(".har")
    with file_errors("write", to), damage(path):
        write_whole(to, log)
    click.echo(f"{len(log.places)} requests: {to}")
    return 0


def transcript_path(name: str) -> Path:
    path = Path(name)
    return member(path, "transcript.jsonl") if path.is_dir() else path


def judged_again(
    path: Path, packs: Sequence[str], unfinished: bool, with_page: bool
) -> tuple[ReportData, PageStore]:
    """Return the report that a transcript gives now, and what its page shows. Raises UsageError."""
    from harness.report.page_store import PageStore
    from harness.run.recorded_exchanges import exchanges_of
    from harness.run.replay import load_recorded

    with damage(path):
        run = load_recorded(str(path), packs, unfinished)
        report = run.report()
        return report, exchanges_of(run, report) if with_page else PageStore()


def load_earlier(name: str) -> ReportData:
    """Return a report from its file, or from a transcript."""
    from harness.report.diff import find_changes

    if name.endswith(".jsonl"):
        return judged_again(Path(name), (), unfinished=True, with_page=False)[0]
    return load_report(name, lambda report: find_changes(report, report))


def fails_with(report: ReportData) -> FailOn:
    """Return the least grave outcome that fails the run."""
    return report.get("fail_on", FAILING[0])


def has_passed(report: ReportData) -> bool:
    """Whether nothing fails the run but what the baseline accepts; the baseline is up to date.

    A fault of the target's transport fails it as well.
    """
    from harness.report.headline import is_known

    if "baseline" in report and any(one["fails"] for one in report["baseline"]["told"]):
        return False
    new = [case for case in report["cases"] if not is_known(case)]
    failed = any(fails_run(case["outcome"], fails_with(report)) for case in new)
    is_broken = report.get("transport", {}).get("fault", False)
    return not (report["reasons"] or failed or is_broken)


def print_summary(report: ReportData) -> None:
    from harness.report import terminal
    from harness.report.headline import inconclusive_lines

    width = min(shutil.get_terminal_size().columns, 160)
    coloured = sys.stdout.isatty()
    decided = fails_run("inconclusive", fails_with(report))
    messages = [] if decided else inconclusive_lines(report)
    options = (width, coloured, sys.stdout.encoding or "utf-8", messages)
    click.echo(without_commands(terminal.summary(report, *options)), nl=False, color=coloured)
