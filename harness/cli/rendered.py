"""`harness report` and `table`: outputs of a recorded run, written again."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from harness.cli.printing import say
from harness.cli.reports import check_suffixes, file_beside, load_report, write_file
from harness.model.options import FAILING, FailOn
from harness.util.errors import damage

if TYPE_CHECKING:
    from harness.report.data import ReportData
    from harness.report.page_store import PageStore

# The formats of a table, by the ending of the file's name.
SUFFIXES: Final = {".md": "markdown", ".html": "html", ".csv": "csv", ".json": "json"}
FORMATS: Final = (*SUFFIXES.values(),)
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
    from harness.run.recorded_exchanges import exchanges_beside

    loaded = load_report(folder, outputs.render)
    transcript = file_beside(folder, "transcript.jsonl")
    to = Path(out) if out else Path(folder) if Path(folder).is_dir() else Path(folder).parent
    with writing(to) as write:
        set_fail_on(loaded, fail_on)
        with damage(transcript):
            write(loaded, exchanges_beside(transcript, loaded))
    click.echo(f"{to}: {', '.join((*outputs.RENDERERS, 'report.html'))}")
    return 0


@click.command()
@click.argument("name", metavar="REPORT")
@click.option("--format", "form", type=click.Choice(FORMATS), help="Format (default: markdown).")
@click.option(
    "--out", metavar="FILE", help="Output file (default: print it): .md, .html, .csv or .json."
)
def table(name: str, form: str | None, out: str | None) -> int:
    """Write the field-support table of REPORT: field, support status, evidence.

    REPORT is a report.json, or the folder that a run wrote. The table has the form of the documents
    that the packs come from, and says what was observed.
    """
    from harness.report import support_table

    if out and not form:
        check_suffixes([out], SUFFIXES)
    write = support_table.FORMATS[form or SUFFIXES[Path(out).suffix if out else ".md"]]
    text = write(load_report(name, write))
    if out:
        write_file(Path(out), text)
        click.echo(out)
    else:
        say(text, nl=False)
    return 0


@contextmanager
def writing(out: Path | None) -> Iterator[Callable[[ReportData, PageStore], None]]:
    """Hold the folder, and give a function that writes the outputs there, if there is one."""
    from harness.run import hold_output_dir, outputs

    with hold_output_dir(out):
        yield partial(outputs.write, out)


def set_fail_on(report: ReportData, fail_on: FailOn | None) -> None:
    """Replace what fails the run, if the option is given."""
    if fail_on:
        report["fail_on"] = fail_on
