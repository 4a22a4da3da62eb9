"""`harness diff`: what became of a target from one run to another. Decides nothing."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import click

from harness.cli.reports import whole, write
from harness.util.errors import UsageError

Data = dict[str, Any]


@click.command()
@click.argument("before", metavar="A")
@click.argument("after", metavar="B")
@click.option(
    "--out", "outs", multiple=True, metavar="FILE", help="Also write it: .html, .md or .json."
)
@click.option(
    "--fail-on",
    multiple=True,
    type=click.Choice(["warn", "slower"]),
    help="What is a regression as well: a new warning, a slower answer.",
)
def diff(before: str, after: str, outs: Sequence[str], fail_on: Sequence[str]) -> int:
    """Tell what changed from report A to report B; exit 1 on a regression.

    A and B are reports (report.json), or folders that runs wrote: where both have their
    transcripts, times to the first byte are compared too.
    """
    from harness.report import diff as told

    for out in outs:
        if Path(out).suffix not in (".html", ".md", ".json"):
            raise UsageError(f"--out {out}: end the name in .html, .md, .json")
    one, other = (whole(name, lambda some: told.changes(*some, *some)) for name in (before, after))
    found = told.changes(one, other)
    found["times"] = told.times(one, other, first_bytes((before, one), (after, other)))
    for out in outs:
        write(Path(out), written(Path(out).suffix, found))
    click.echo(told.terminal(found), nl=False)
    slower = "slower" in fail_on and any(t["verdict"] == "slower" for t in found["times"])
    also = ("warned",) if "warn" in fail_on else ()
    return 1 if told.regressions(found, *also) or slower else 0


def written(suffix: str, found: Data) -> str:
    from harness.report import diff as told
    from harness.report.text import writable

    if suffix == ".json":
        return json.dumps(writable(found), indent=2, ensure_ascii=False) + "\n"
    return told.html(found) if suffix == ".html" else told.markdown(found)


def first_bytes(*runs: tuple[str, Data]) -> tuple[Mapping[str, float], Mapping[str, float]] | None:
    """Seconds to the first byte of each answer, by shot, in both; None where one is not known."""
    first, second = (first_bytes_of(name, report) for name, report in runs)
    return (first, second) if first and second else None


def first_bytes_of(name: str, report: Data) -> Mapping[str, float]:
    """From the transcript beside a report, if it is that run's."""
    from harness.run import transcript

    path = (Path(name) if Path(name).is_dir() else Path(name).parent) / "transcript.jsonl"
    try:
        header, exchanges, _ = transcript.read(path)
    except UsageError:
        return {}
    if header.get("started") != report["started"]:
        return {}
    return {one.shot: one.chunks[0][0] for one in exchanges if one.chunks}
