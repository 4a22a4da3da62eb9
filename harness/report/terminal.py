"""Text for a terminal about a run: the worst faults first, one line of result last."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from io import StringIO
from typing import Final

from rich.console import Console, RenderableType
from rich.table import Table
from rich.text import Text

from harness.report import labels
from harness.report.clients import client_lines
from harness.report.data import ReportData
from harness.report.faults import case_name
from harness.report.headline import headline, known_cases, result_key, summary_sentences
from harness.report.lead import lead_sentence
from harness.report.limits import refused_sentences, undecided_sentences
from harness.report.signals import signal_lines
from harness.report.terminal_faults import fault_lines
from harness.report.terminal_next import next_lines
from harness.report.terminal_rows import all_rows, rows_not_green
from harness.report.text import one_line

ASCII = str.maketrans({"≠": "k", "✓": "+", "✗": "x", "–": "-", "○": "o", "⊘": "r", "…": "~"})
MAX_LEAD: Final = 300
MAX_WIDTH: Final = 100  # columns; longer lines are hard to read
MAX_NAMES: Final = 3  # of inconclusive cases
MAX_REASON: Final = 500  # characters
MIN_WIDTH: Final = 40


def summary(
    report: ReportData,
    width: int = 80,
    colour: bool = False,
    encoding: str = "utf-8",
    messages: Iterable[str] = (),
    verbosity: int = 0,
) -> str:
    """Return what is shown of a run that has ended.

    Args:
        width: Columns of the terminal.
        encoding: What it lacks of the marks becomes letters, so that writing never fails.
        messages: Lines about the run itself, shown before the result; they are safe to print.
        verbosity: Below 0 only faults and result are shown, above 0 all rows and all faults.
    """
    width = max(MIN_WIDTH, min(width, MAX_WIDTH))
    parts = fault_lines(report, every=verbosity > 0)
    if verbosity >= 0:
        parts += observed_lines(report)
        parts += all_rows(report, width) if verbosity > 0 else rows_not_green(report, width)
        parts += lines_of_clients(report)
        parts += next_lines(report)
    parts += result_lines(report, messages)
    return render(parts, width, colour, encoding)


def render(parts: Sequence[RenderableType], width: int, colour: bool, encoding: str) -> str:
    """Return the text in characters that the encoding has."""
    console = Console(
        file=StringIO(),
        width=width,
        force_terminal=colour,
        color_system="standard" if colour else None,
        no_color=not colour,
        highlight=False,
        markup=False,
        emoji=False,
        legacy_windows=False,
    )
    with console.capture() as capture:
        for part in parts:
            console.print(part, soft_wrap=isinstance(part, Text) and bool(part.no_wrap))
    text = "\n".join(line.rstrip() for line in capture.get().splitlines()) + "\n"
    try:
        text.encode(encoding)
    except (UnicodeEncodeError, LookupError):
        return text.translate(ASCII).encode("ascii", "replace").decode("ascii")
    return text


def observed_lines(report: ReportData) -> list[RenderableType]:
    """Return the signals from which nothing could be concluded, each with its undecided cases."""
    grid = Table.grid(padding=(0, 2, 0, 0))
    grid.add_column(width=10, justify="right", no_wrap=True)
    grid.add_column(overflow="fold")
    for number, sentence in signal_lines(report):
        grid.add_row(Text(number, labels.OUTCOMES["inconclusive"].style), one_line(sentence, 320))
    heading = Text("This run could not observe:", "bold")
    return [heading, grid, ""] if grid.row_count else []


def lines_of_clients(report: ReportData) -> list[RenderableType]:
    """Return what is known about clients that have a feature of their own, or fail."""
    lines: list[RenderableType] = [
        Text(
            f"{labels.OUTCOMES[line.outcome].mark} {one_line(line.text, 320)}",
            labels.OUTCOMES[line.outcome].style,
        )
        for line in client_lines(report)
        if line.own_feature or line.outcome != "pass"
    ]
    return [*lines, ""] if lines else []


def undecided_names(report: ReportData) -> list[str]:
    """Return a line with the first inconclusive cases, if there are any."""
    names = [case_name(case) for case in report["cases"] if case["outcome"] == "inconclusive"]
    more = f" and {len(names) - MAX_NAMES:,} more" if len(names) > MAX_NAMES else ""
    return [f"Inconclusive: {', '.join(names[:MAX_NAMES])}{more}"] if names else []


def message_line(text: str) -> Text:
    """Return a message; one with a path stays one line, so that the path can be copied."""
    return Text(text, no_wrap=os.sep in text)


def result_lines(report: ReportData, messages: Iterable[str]) -> list[RenderableType]:
    """Return counts, scope and messages, and the result as the last line."""
    totals = report["totals"]
    counts = Text("  ").join(
        Text(f"{label.mark} {totals[name]:,} {name}", label.style)
        for name, label in labels.OUTCOMES.items()
        if totals[name]
    )
    lines: list[RenderableType] = [counts, summary_sentences(report)]
    titles = [f"{fault['title']}." for fault in report["faults"][:1]]  # it is shown above
    if (lead := lead_sentence(report)) and lead not in titles:
        lines.append(Text(one_line(lead, MAX_LEAD)))
    if known := known_cases(report):
        lines.append(Text(f"{labels.KNOWN.mark} {len(known)} of them known", labels.KNOWN.style))
    lines += [*undecided_sentences(report), *undecided_names(report), *refused_sentences(report)]
    lines += [one_line(reason, MAX_REASON) for reason in report["reasons"]]
    lines += [message_line(line) for line in dict.fromkeys(messages)]
    result = labels.RESULTS[result_key(report)]
    return [*lines, Text(f"{result.mark} {one_line(headline(report))}", result.style)]
