"""The state of a fleet in the terminal: a live table, or a line for each unit that has ended."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Final

from rich.console import Console
from rich.live import Live
from rich.table import Table
from rich.text import Text

from harness.fleet.records import Record, Summary
from harness.fleet.schedule import State
from harness.fleet.units import Unit
from harness.report import labels
from harness.util.printable import printable_name

MAX_LINES: Final = 15  # units that the table lists; the others are counted
EXIT_STYLES: Final = {0: "green", 1: "red"}


@dataclass(slots=True)
class LiveTable:
    """Shows the units that run, with the number of their answers, above the counts of the others.

    Units that have ended are printed above it, one line each.
    """

    units: Sequence[Unit]
    console: Console
    states: dict[str, State] = field(default_factory=dict)
    answers: dict[str, int] = field(default_factory=dict)

    @contextmanager
    def show(self) -> Iterator[None]:
        """Show the table in a terminal during the block; elsewhere only lines are printed."""
        if not self.console.is_terminal:
            yield
            return
        with Live(get_renderable=self.table, console=self.console, transient=True):
            yield

    def set_state(self, unit: str, state: State) -> None:
        self.states[unit] = state

    def set_answers(self, unit: str, count: int) -> None:
        self.answers[unit] = max(count, 0)

    def table(self) -> Table:
        """Return the table of this moment."""
        table = Table(box=None, padding=(0, 2, 0, 0), expand=True)
        table.add_column("running", ratio=1, overflow="fold")
        table.add_column("answers", justify="right")
        running = [unit.id for unit in self.units if self.states.get(unit.id) == "running"]
        for unit in running[:MAX_LINES]:
            table.add_row(Text(printable_name(unit)), str(self.answers.get(unit, 0)))
        counts = Counter(self.states.get(unit.id, "waiting") for unit in self.units)
        line = f"{counts['done']} done, {counts['running']} running, {counts['waiting']} waiting"
        table.add_row(Text(line, style="dim"), "")
        return table

    def print_record(self, record: Record, summary: Summary) -> None:
        """Print the line of a unit that has ended."""
        style = EXIT_STYLES.get(record.code, "yellow")
        line = Text(record_line(record, summary), style=style)
        self.console.print(line, soft_wrap=True)


def record_line(record: Record, summary: Summary) -> str:
    """Return `✓ acme/small/openai-chat: conformant, 90 of 90 rows, 141 pass, 12 s`."""
    totals = [
        f"{summary.totals[name]} {name}" for name in labels.OUTCOMES if summary.totals.get(name)
    ]
    parts = [record.problem] if record.problem else [summary.phrase, summary.scope, *totals]
    parts.append(f"{record.seconds:.0f} s")
    if record.attempts > 1:
        parts.append(f"{record.attempts} attempts")
    parts.append(record.where)
    marks = {label.phrase: label.mark for label in labels.RESULTS.values()}
    mark = marks.get("" if record.problem else summary.phrase, "–")
    return printable_name(f"{mark} {record.unit}: {', '.join(filter(None, parts))}", 500)
