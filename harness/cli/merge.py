"""`harness merge`: one run from its shards."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import click

from harness.cli.judge import print_report
from harness.cli.reports import REPORTS, load_report, write_file
from harness.report.data import ReportData
from harness.report.headline import is_known


@click.command()
@REPORTS
@click.option(
    "--out", default="reports", show_default=True, metavar="DIR", help="Folder of the reports."
)
def merge(reports: Sequence[str], out: str) -> int:
    """Merge the shards of a run into one run.

    REPORT is the folder that a run with --shard wrote: its report.json and transcript.jsonl. Writes
    report.json, junit.xml, summary.md, badge.svg, badge.json and transcript.jsonl.
    """
    from harness.report.junit import junit_xml
    from harness.run import check_output_dir, outputs
    from harness.run.merge_reports import merge_reports

    found = [load_report(name) for name in reports]
    check_output_dir(Path(out))
    paths = [str(folder(name) / "transcript.jsonl") for name in reports]
    report = merge_reports(paths, found, Path(out))
    outputs.write(Path(out), report)
    write_file(Path(out) / "junit.xml", junit_xml(report))
    print_report(report)
    return 0 if passed(report) else 1


def passed(report: ReportData) -> bool:
    """Whether nothing fails but what the baseline accepts, and the baseline is up to date."""
    if "baseline" in report and any(one["fails"] for one in report["baseline"]["told"]):
        return False
    new = [case for case in report["cases"] if not is_known(case)]
    return not (report["reasons"] or {case["outcome"] for case in new} & {"fail", "inconclusive"})


def folder(name: str) -> Path:
    return Path(name) if Path(name).is_dir() else Path(name).parent
