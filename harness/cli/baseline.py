"""`harness baseline`: a first list of what is accepted, on standard output. Decides nothing."""

from __future__ import annotations

import click

from harness.cli.reports import whole


@click.command()
@click.argument("report")
def baseline(report: str) -> int:
    """Print a baseline that accepts what fails in REPORT; `harness run --baseline FILE` takes it.

    REPORT is a report.json, or the folder that a run wrote. Write the reasons before you use it.
    """
    from harness.report.baseline import render

    click.echo(render(whole(report, lambda some: render(*some))), nl=False)
    return 0
