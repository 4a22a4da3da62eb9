"""`harness baseline`: prints a first baseline file for a report."""

from __future__ import annotations

import click

from harness.cli.reports import load_report


@click.command()
@click.argument("report")
def baseline(report: str) -> int:
    """Print a baseline that accepts every failure in REPORT.

    REPORT is a report.json, or the folder that a run wrote. Edit the reasons, then pass the file to
    `harness run --baseline FILE`.
    """
    from harness.report.baseline import first_baseline

    click.echo(first_baseline(load_report(report, first_baseline)), nl=False)
    return 0
