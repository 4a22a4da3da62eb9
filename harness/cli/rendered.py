"""`harness report`: the outputs of a recorded run, written again."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import click

from harness.cli.reports import load_report
from harness.model.options import FAILING, FailOn
from harness.report.data import ReportData

FAIL_ON = click.option(
    "--fail-on",
    type=click.Choice(FAILING),
    help="Outcome that fails the run; it includes the ones before it (default: as in the run).",
)


@click.command()
@click.argument("folder", metavar="DIR")
@click.option("--out", metavar="DIR", help="Folder of the outputs (default: the same).")
@FAIL_ON
def report(folder: str, out: str | None, fail_on: FailOn | None) -> int:
    """Write all outputs of the run in DIR again, from its report.json and transcript.jsonl.

    Nothing is sent or judged. The outputs are those of the run if nothing has changed; after an
    update of the harness they are in its present form.
    """
    from harness.run import outputs

    loaded = load_report(folder, outputs.render)
    to = Path(out) if out else Path(folder) if Path(folder).is_dir() else Path(folder).parent
    with writing(to) as write:
        set_fail_on(loaded, fail_on)
        write(loaded)
    click.echo(f"{to}: {', '.join(outputs.RENDERERS)}")
    return 0


@contextmanager
def writing(out: Path | None) -> Iterator[Callable[[ReportData], None]]:
    """Hold the folder, and give a function that writes the outputs there, if there is one."""
    from harness.run import hold_output_dir, outputs

    with hold_output_dir(out):
        yield partial(outputs.write, out)


def set_fail_on(report: ReportData, fail_on: FailOn | None) -> None:
    """Replace what fails the run, if the option is given."""
    if fail_on:
        report["fail_on"] = fail_on
