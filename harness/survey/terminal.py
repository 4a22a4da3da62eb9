"""The table of a survey on a terminal: one paragraph for each status, 80 columns wide."""

from __future__ import annotations

import shlex
import textwrap
from collections.abc import Collection, Iterator
from pathlib import Path
from typing import Final

from harness.model.options import OPTIONS, Options
from harness.report.text import one_line, plural
from harness.survey.kinds import KINDS
from harness.survey.outputs import BASELINE, CLAIMS, MARKDOWN, PAGE, TARGET
from harness.survey.table import SurveyData, SurveyRow

WIDTH: Final = 80
# In the status of a row that has a text of its own.
DIFFERENCES: Final = ("differs", "wrong values", "left out", "Streamed", "what reaches")
REPEATED: Final = ("ca", "insecure", "concurrency", "timeout", "upstream")
# Kinds of which each row has a text of its own.
SINGLE: Final = ("crashes", "altered", "refused", "clamped", "exactly")


def table_lines(survey: SurveyData) -> Iterator[str]:
    """Yield the lines, the gravest status first."""
    if survey["incomplete"]:
        yield from wrapped(f"The survey is incomplete: {survey['incomplete']}", "")
    for note in survey["notes"]:
        yield from wrapped(note, "")
    for kind, number in survey["totals"].items():
        rows = [row for row in survey["rows"] if row["kind"] == kind]
        yield ""
        yield from wrapped(f"{plural(number, 'field')}: {KINDS[kind]}", "")
        own = [row for row in rows if kind in SINGLE or has_own_text(row)]
        if others := [row["label"] for row in rows if row not in own]:
            yield from wrapped(", ".join(others), "  ")
        for row in own:
            yield from wrapped(f"{row['label']}: {one_line(row['status'], 200)}", "  ")


def has_own_text(row: SurveyRow) -> bool:
    return any(words in row["status"] for words in DIFFERENCES)


def wrapped(text: str, indent: str) -> list[str]:
    return textwrap.wrap(
        text, WIDTH, initial_indent=indent, subsequent_indent=f"{indent}  ", break_on_hyphens=False
    )


def next_lines(out: Path, written: Collection[str], options: Options) -> Iterator[str]:
    """Yield where the table is, and the command that checks that the target stays like this."""
    yield ""
    yield f"table: {out / PAGE}, {out / MARKDOWN}"
    if TARGET in written:
        words = ["harness", "run", str(out / TARGET), *repeated_options(options)]
        for name, option in ((CLAIMS, "--claims"), (BASELINE, "--baseline")):
            words += [option, str(out / name)] if name in written else []
        yield "to check that it stays like this:"
        yield f"  {shlex.join(words)}"
        if headers := [name for name, _ in options.headers]:
            yield from wrapped(f"and give the headers again: --header {', '.join(headers)}", "")


def repeated_options(options: Options) -> Iterator[str]:
    """Yield the options that are not in the target file, and change what a run observes."""
    for option in OPTIONS:
        value = getattr(options, option.field)
        if option.field in REPEATED and value != option.default:
            yield f"--{option.name}"
            yield from [] if value is True else [str(value)]
