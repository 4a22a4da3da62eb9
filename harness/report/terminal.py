"""Text for a terminal: the field-support table and the summary of a run."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from io import StringIO
from typing import Any

from rich.console import Console, RenderableType
from rich.table import Table
from rich.text import Text

from harness.report import labels
from harness.report.data import FieldData, ReportData
from harness.report.headline import headline, known_cases, result_key, summary_sentences
from harness.report.lead import lead_sentence
from harness.report.limits import refused_sentences, undecided_sentences
from harness.report.page_data import fault_views, field_groups
from harness.report.signals import signal_lines
from harness.report.text import one_line, plural

ASCII = str.maketrans({"≠": "k", "✓": "+", "✗": "x", "–": "-", "○": "o", "⊘": "r", "…": "~"})
MAX_FAULTS = 5
MAX_LEAD = 300
# Narrower terminals do not get the column of the evidence.
WIDE = 100


def field_table(
    report: ReportData, width: int = 100, colour: bool = False, encoding: str = "utf-8"
) -> str:
    """Every row, grouped by location. Marks that the encoding lacks become letters."""
    parts: list[RenderableType] = []
    for (pack, location), rows in field_groups(report["fields"]).items():
        parts += [group_table(f"{labels.location(location)} ({pack})", rows, width), ""]
    return render(parts, width, colour, encoding)


def summary(
    report: ReportData, width: int = 100, colour: bool = False, encoding: str = "utf-8"
) -> str:
    """One screen: the biggest faults first, the result last."""
    parts = [*observed_lines(report), *fault_lines(report), "", *result_lines(report)]
    return render(parts, width, colour, encoding)


def render(parts: Sequence[RenderableType], width: int, colour: bool, encoding: str) -> str:
    """The text in characters that the encoding has, so that writing never fails."""
    console = Console(
        file=StringIO(),
        width=max(width, 40),
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
            console.print(part)
    text = "\n".join(line.rstrip() for line in capture.get().splitlines()) + "\n"
    try:
        text.encode(encoding)
    except (UnicodeEncodeError, LookupError):
        return text.translate(ASCII).encode("ascii", "replace").decode("ascii")
    return text


def group_table(title: str, rows: Sequence[FieldData], width: int) -> Table:
    table = Table(
        title=title,
        title_justify="left",
        title_style="bold",
        box=None,
        padding=(0, 2, 0, 0),
        header_style="dim",
    )
    table.add_column("", no_wrap=True)
    table.add_column("Field", ratio=3, overflow="fold")
    table.add_column("Declared", no_wrap=True)
    table.add_column("Observed", ratio=4, overflow="fold")
    table.add_column("Plain", no_wrap=True, justify="center")
    table.add_column("Stream", no_wrap=True, justify="center")
    if width >= WIDE:
        table.add_column("Evidence", no_wrap=True)
    for row in rows:
        outcome = row_label(row)
        cells: list[Text | str] = [
            Text(outcome.mark, outcome.style),
            row["row"],
            row["declared"].replace("_", " "),
        ]
        cells += [one_line(row["observed"], 80), mode_mark(row, row["plain"])]
        cells.append(mode_mark(row, row["stream"]))
        table.add_row(*cells, *([row["evidence"]] if width >= WIDE else []))
    return table


def row_label(row: FieldData) -> labels.Label:
    if "known" in row:
        return labels.KNOWN
    return labels.PERMITTED if row.get("refused") else labels.ALL[row["outcome"]]


def mode_mark(row: FieldData, outcome: str | None) -> Text:
    if not outcome:
        return Text("")
    label = labels.PERMITTED if row.get("refused") and outcome == "pass" else labels.ALL[outcome]
    return Text(label.mark, label.style)


def observed_lines(report: ReportData) -> list[RenderableType]:
    """The signals from which nothing could be concluded, each with its undecided cases."""
    grid = Table.grid(padding=(0, 2, 0, 0))
    grid.add_column(width=10, justify="right", no_wrap=True)
    grid.add_column(overflow="fold")
    for number, sentence in signal_lines(report):
        grid.add_row(Text(number, labels.OUTCOMES["inconclusive"].style), one_line(sentence, 320))
    heading = Text("This run could not observe:", "bold")
    return [heading, grid, ""] if grid.row_count else []


def fault_lines(report: ReportData) -> list[RenderableType]:
    grid = Table.grid(padding=(0, 2, 0, 0))
    grid.add_column(width=10, justify="right", no_wrap=True)
    grid.add_column(overflow="fold")
    faults = fault_views(report)
    for fault in faults[:MAX_FAULTS]:
        style = labels.OUTCOMES["fail" if fault["level"] == "must" else "warn"].style
        at = f" at {one_line(fault['where'], 60)}" if fault["where"] else ""
        got = one_line("".join(fault["got"][:1]), 120) or "nothing"
        text = Text(f"{fault['title']}{at}", "bold")
        text.append(" (depends on the model)" if "depends_on_model" in fault else "", "not bold")
        text.append(f"\nexpected: {one_line(fault['expected'], 120)}; got: {got}", "not bold")
        text.append(f"\n{one_line(fault_scope(fault), 160)}", "dim")
        grid.add_row(Text(plural(len(fault["cases"]), "case"), style), text)
    if len(faults) > MAX_FAULTS:
        grid.add_row("", f"and {plural(len(faults) - MAX_FAULTS, 'smaller fault')}")
    return [grid] if faults else []


def fault_scope(fault: Mapping[str, Any]) -> str:
    """The first case of a fault, the number of the others, and of those that it prevents."""
    others = len(fault["cases"]) - 1
    more = f" and {plural(others, 'more case')}" if others else ""
    blocks = f"; prevents {plural(len(fault['blocks']), 'case')}" if fault["blocks"] else ""
    return f"see {fault['cases'][0]}{more}{blocks}"


def result_lines(report: ReportData) -> list[RenderableType]:
    totals = report["totals"]
    counts = Text("  ").join(
        Text(f"{label.mark} {totals[name]} {name}", label.style)
        for name, label in labels.OUTCOMES.items()
        if totals[name]
    )
    lines: list[RenderableType] = [counts, summary_sentences(report)]
    if lead := lead_sentence(report):
        lines.append(Text(one_line(lead, MAX_LEAD)))
    if known := known_cases(report):
        lines.append(Text(f"{labels.KNOWN.mark} {len(known)} of them known", labels.KNOWN.style))
    lines += [*undecided_sentences(report), *refused_sentences(report)]
    lines += [one_line(reason) for reason in report["reasons"]]
    lines.append(Text(one_line(headline(report)), labels.RESULTS[result_key(report)].style))
    return lines
