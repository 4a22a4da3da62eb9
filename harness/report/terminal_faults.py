"""The faults of a run for a terminal: what is wrong, what came back, and what to do next."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, Final

from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from harness.report import labels
from harness.report.data import ReportData
from harness.report.faults import count_faults
from harness.report.page_data import fault_views
from harness.report.text import one_line, plural

MAX_FAULTS: Final = 5
MAX_DETAILED: Final = 1
MAX_TITLE: Final = 240
MAX_DETAIL: Final = 180
MAX_CONSEQUENCES: Final = 3


def fault_lines(report: ReportData, every: bool = False) -> list[RenderableType]:
    """Return the faults in the order of the report; without `every` only the worst ones.

    Then only the first one has its details, so that all fit on one screen.
    """
    faults = fault_views(report)
    shown = faults if every else faults[:MAX_FAULTS]
    parts: list[RenderableType] = []
    for number, fault in enumerate(shown):
        facts = [*details(fault, every)] if every or number < MAX_DETAILED else []
        parts += [fault_block(fault, facts), ""]
    if left := count_faults(faults[len(shown) :], "smaller "):
        parts += [f"and {left}; -v shows all", ""]
    return parts


def fault_block(fault: dict[str, Any], facts: Iterable[tuple[str, str]]) -> Table:
    """Return a fault: its mark, its sentence, facts, its extent and the next command."""
    label = labels.OUTCOMES["fail" if fault["level"] == "must" else "warn"]
    grid = Table.grid(padding=(0, 1, 0, 0))
    grid.add_column(no_wrap=True)
    grid.add_column(overflow="fold")
    is_named = fault["where"].rpartition(".")[2].strip("[]*'") in fault["title"]
    where = "" if is_named else f" at {one_line(fault['where'], 60)}"
    scope = f" ({fault['scope']})" if fault["scope"] else ""
    text = Text(f"{one_line(fault['title'], MAX_TITLE)}{where}{scope}", "bold")
    if "depends_on_model" in fault:
        text.append(" (depends on the model)", "not bold")
    grid.add_row(Text(label.mark, label.style), text)
    for name, words in facts:
        line = Text(f"{name}: ", "dim")
        line.append(one_line(words, MAX_DETAIL), "not dim")
        grid.add_row("", line)
    grid.add_row("", Text(extent(fault), "dim"))
    grid.add_row("", Text(f"harness explain {fault['cases'][0]}", "cyan"))
    return grid


def details(fault: dict[str, Any], every: bool) -> Iterator[tuple[str, str]]:
    """Yield the facts of a fault that its title lacks: (name, words)."""
    consequences = fault["also"]
    rules = ", ".join(
        labels.rule_sentence(each["rule"]) for each in consequences[:MAX_CONSEQUENCES]
    )
    more = len(consequences) - MAX_CONSEQUENCES
    known = {
        "sent": fault["sent"],
        "expected": fault["expected"],
        "got": "; ".join(fault["got"][:1]) or "nothing",
        "promised": fault["promised"],
        "look first at": fault["hint"],
        "why it matters": fault["why"] if every else "",
        "also": (f"{rules}; {more:,} more" if more > 0 else rules) if every else "",
    }
    title = one_line(fault["title"], MAX_TITLE)
    yield from ((name, words) for name, words in known.items() if words and words not in title)


def extent(fault: dict[str, Any]) -> str:
    """Return how many cases a fault affects, and how many would not fail without it.

    Example:
        "12 cases; 9 fail only for this; 4 more cannot be decided"
    """
    cases, clears, blocks = len(fault["cases"]), fault["clears"], len(fault["blocks"])
    only = "it fails" if cases == clears == 1 else f"{clears:,} fail"
    parts = [
        plural(cases, "case"),
        f"{only} only for this" if clears else "",
        f"{blocks:,} more cannot be decided because of it" if blocks else "",
    ]
    return "; ".join(filter(None, parts))
