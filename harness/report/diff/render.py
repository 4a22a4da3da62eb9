"""Changes between two reports as text for a terminal, as Markdown and as an HTML page."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from harness.report import labels
from harness.report.diff.changes import KINDS, Changes
from harness.report.rendering import render
from harness.report.text import plural


def terminal(changes: Changes) -> str:
    """Regressions first, their number last."""
    return render("diff.txt.jinja2", page_data(changes))


def markdown(changes: Changes) -> str:
    """A Markdown section: the conclusion is its heading."""
    return render("diff.md.jinja2", page_data(changes))


def html(changes: Changes) -> str:
    """One self-contained page."""
    return render("diff.html.jinja2", page_data(changes))


def page_data(changes: Changes) -> dict[str, Any]:
    sections = {
        KINDS[kind]: [
            {**case, "transition": transition(case), "reasons": [*reason_lines(case)]}
            for case in cases
        ]
        for kind, cases in changes["changes"].items()
    }
    return {
        "changes": changes,
        "columns": [(side, *column_texts(changes[side])) for side in ("before", "after")],
        "conclusion": conclusion(changes),
        "sections": sections,
        "max_cases": 100,  # of one kind; the JSON has all of them
        "times": [time_line(one) for one in changes["times"]],
        "changed_times": any(one["verdict"] != "same" for one in changes["times"]),
        "caution": (
            "A comparison cannot tell a slower gateway from a slower network, model or machine."
        ),
    }


def column_texts(column: dict[str, Any]) -> tuple[str, str, str]:
    """The label of a report, its result with the totals, its time with the packs."""
    counts = ", ".join(f"{column['totals'][name]} {name}" for name in labels.OUTCOMES)
    time = "" if column["started"] in column["label"] else f"{column['started']}, "
    return column["label"], f"{column['result']}; {counts}", f"{time}{', '.join(column['packs'])}"


def transition(case: dict[str, Any]) -> str:
    """`pass -> fail`, or the evidence if only that changed."""
    old, new = case["before"], case["after"]
    if not old or not new:
        return str((old or new)["outcome"])
    if old["outcome"] != new["outcome"]:
        return f"{old['outcome']} -> {new['outcome']}"
    was, now = old["evidence"], new["evidence"]
    grades = f", evidence {was} -> {now}" if was != now else ""
    return f"{new['outcome']}{grades}{' (weaker)' if case['weaker'] else ''}"


def reason_lines(case: dict[str, Any]) -> Iterator[str]:
    if case["reason"]:
        yield case["reason"]
    for reason in case["why"]:
        at = f" at {reason['at']}" if reason["at"] not in ("", reason["rule"]) else ""
        yield (
            f"{reason['what']}: {reason['says']} ({reason['level']} {reason['rule']}){at}: "
            f"expected: {reason['expected']}; got: {reason['got']}"
        )


def time_line(change: dict[str, Any]) -> str:
    verdict = "no significant change" if change["verdict"] == "same" else change["verdict"]
    median = f"{format_seconds(change['before'])} -> {format_seconds(change['after'])}"
    shots = plural(change["shots"], "shot")
    return f"{change['what']}, {change['mode']}: {verdict}; median {median} over {shots}"


def format_seconds(seconds: float) -> str:
    return f"{seconds * 1000:.0f} ms" if seconds < 10 else f"{seconds:.1f} s"


def conclusion(changes: Changes) -> str:
    if changes["regressions"]:
        return plural(changes["regressions"], "regression")
    changed = sum(map(len, changes["changes"].values()))
    return f"no regression; {plural(changed, 'change')}" if changed else "no regression, no change"
