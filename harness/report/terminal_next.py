"""The commands that come after a run, for a terminal."""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Sequence
from typing import Final

from rich.console import RenderableType
from rich.text import Text

from harness.report.data import ReportData
from harness.util.printable import visible

MAX_LINE: Final = 76  # columns, without the backslash at the end
INDENT: Final = "  "
# Options of `harness run` that select cases, or that a short run of one case does not need.
WITH_VALUE: Final = ("--case", "-k", "--shard", "--out", "--repeat", "--feature", "--baseline")
FLAGS: Final = ("--smoke", "--resume", "--open", "--quiet", "-q", "--verbose", "-v")


def next_lines(report: ReportData) -> list[RenderableType]:
    """Return the command that sends only the first fault's case; nothing without a fault."""
    if not report["faults"] or len(report["cases"]) < 2:
        return []
    words = command_for_case(report["command"], report["faults"][0]["cases"][0])
    lines = command_lines(words)
    if not lines:
        return []
    return [Text("To send only the first of these cases:"), Text("\n".join(lines), "cyan"), ""]


def command_lines(words: Sequence[str]) -> list[str]:
    """Return a command on lines of a terminal that a shell reads as one."""
    lines: list[str] = []
    for word in map(shlex.quote, map(visible, words)):
        if lines and len(lines[-1]) + len(word) + 1 <= MAX_LINE:
            lines[-1] += f" {word}"
        else:
            lines.append(f"{INDENT if not lines else 2 * INDENT}{word}")
    return [f"{line} \\" for line in lines[:-1]] + lines[-1:]


def command_for_case(command: str, case: str) -> list[str]:
    """Return the words of a `harness run` that sends one case; nothing for another command."""
    try:
        words = shlex.split(command)
    except ValueError:
        return []
    if words[:2] != ["harness", "run"]:
        return []
    return ["harness", "run", *without_selection(words[2:]), "--case", case, "-v"]


def without_selection(words: Sequence[str]) -> Iterator[str]:
    """Yield the words of a command without the options that select cases."""
    rest = iter(words)
    for word in rest:
        if word in WITH_VALUE:
            next(rest, None)
        elif word not in FLAGS and word.partition("=")[0] not in WITH_VALUE:
            yield word
