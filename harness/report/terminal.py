"""The data of report.json -> text for a terminal: the matrix, the summary. May not print."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from harness.report import rules, views, words
from harness.report.text import one_line, plural

if TYPE_CHECKING:
    from rich.console import Console, RenderableType
    from rich.table import Table
    from rich.text import Text

Data = dict[str, Any]
STYLES = {
    "fail": "bold red",
    "inconclusive": "magenta",
    "warn": "yellow",
    "pass": "green",
    "skip": "dim",
    "not-testable": "dim",
    "not-selected": "dim",
}
RESULTS = {"conformant": "bold green", "partial": "bold yellow", "non-conformant": "bold red"}
KNOWN = "yellow"
LETTERS = str.maketrans({"≠": "k", "✓": "+", "✗": "x", "–": "-", "○": "o", "…": "~"})
FAULTS = 8
# Below this width the columns that can be missed are left out.
WIDE = 100


def matrix(report: Data, width: int = 100, colour: bool = False, encoding: str = "utf-8") -> str:
    """Every row, grouped by location, in marks that `encoding` can write."""
    groups = views.groups(report["fields"])
    parts: list[RenderableType] = []
    for group in groups:
        parts += [group_table(group, width), ""]
    return written(drawn(parts, width, colour), encoding)


def summary(report: Data, width: int = 100, colour: bool = False, encoding: str = "utf-8") -> str:
    """One screen: the biggest faults first, the result last, where the eye is."""
    parts = [*fault_lines(report), "", *result_lines(report)]
    return written(drawn(parts, width, colour), encoding)


def written(text: str, encoding: str) -> str:
    """Marks that the terminal's encoding lacks become letters: writing never fails."""
    try:
        text.encode(encoding)
    except (UnicodeEncodeError, LookupError):
        return text.translate(LETTERS).encode("ascii", "replace").decode("ascii")
    return text


def drawn(parts: list[RenderableType], width: int, colour: bool) -> str:
    """Without colour there is no escape sequence in the text at all."""
    from io import StringIO

    console = made(StringIO(), width, colour)
    for part in parts:
        console.print(part)
    text: str = console.file.getvalue()  # type: ignore[attr-defined]
    return "\n".join(line.rstrip() for line in text.splitlines()) + "\n"


def made(file: Any, width: int, colour: bool) -> Console:
    from rich.console import Console

    return Console(
        file=file,
        width=max(width, 40),
        force_terminal=colour,
        color_system="standard" if colour else None,
        no_color=not colour,
        highlight=False,
        markup=False,
        emoji=False,
        legacy_windows=False,
    )


def group_table(group: Data, width: int) -> Table:
    from rich.table import Table

    title = words.location(group["location"])
    table = Table(
        title=f"{title} ({group['pack']})",
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
    for row in group["rows"]:
        decided = known_mark() if row.get("known") else mark(row["outcome"])
        cells = [decided, row["row"], row["declared"].replace("_", " ")]
        cells += [one_line(row["observed"], 80), mark(row["plain"]), mark(row["stream"])]
        table.add_row(*cells, *([row["evidence"]] if width >= WIDE else []))
    return table


def mark(outcome: str | None) -> Text:
    from rich.text import Text

    return Text(words.ALL[outcome].mark, STYLES[outcome]) if outcome else Text("")


def known_mark() -> Text:
    from rich.text import Text

    return Text(words.KNOWN.mark, KNOWN)


def fault_lines(report: Data) -> list[RenderableType]:
    from rich.table import Table
    from rich.text import Text

    found = [views.fault(one, len(report["cases"])) for one in report["faults"]]
    grid = Table.grid(padding=(0, 2, 0, 0))
    grid.add_column(width=10, justify="right", no_wrap=True)
    grid.add_column(overflow="fold")
    for fault in found[:FAULTS]:
        style = STYLES["fail" if fault["level"] == "must" else "warn"]
        at = f" at {one_line(fault['where'], 60)}" if fault["where"] else ""
        got = one_line("".join(fault["got"][:1]), 120) or "nothing"
        says = Text(f"{rules.says(fault['rule'])}{at}", "bold")
        says.append(f"\nexpected: {one_line(fault['expected'], 120)}; got: {got}", "not bold")
        grid.add_row(Text(plural(len(fault["cases"]), "case"), style), says)
    if len(found) > FAULTS:
        grid.add_row("", f"and {plural(len(found) - FAULTS, 'smaller fault')}")
    return [grid] if found else []


def result_lines(report: Data) -> list[RenderableType]:
    from rich.text import Text

    totals = report["totals"]
    counts = Text("  ").join(
        Text(f"{words.OUTCOMES[name].mark} {totals[name]} {name}", STYLES[name])
        for name in words.OUTCOMES
        if totals[name]
    )
    lines: list[RenderableType] = [counts, views.lede(report)]
    if known := views.known(report):
        lines.append(Text(f"{words.KNOWN.mark} {len(known)} of them known", KNOWN))
    lines += [one_line(reason) for reason in report["reasons"]]
    lines.append(Text(one_line(words.headline(report)), RESULTS[report["result"]]))
    return lines
