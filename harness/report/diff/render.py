"""Changes between two reports as text for a terminal, as Markdown and as an HTML page."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Final

from harness.report import labels
from harness.report.diff.changes import KINDS, Change, Changes
from harness.report.rendering import render
from harness.report.text import code_span, escape_markdown, one_line, plural

CAUTION: Final = (
    "A comparison cannot tell a slower gateway from a slower network, model or machine."
)
MAX_CASES: Final = 100  # of one kind; the JSON has all of them


def terminal(changes: Changes) -> str:
    """Regressions first, their number last."""
    lines = [*head_lines(changes, one_line), ""]
    for kind, cases in changes["changes"].items():
        lines.append(f"{KINDS[kind][0]}: {len(cases)}")
        for case in cases[:MAX_CASES]:
            lines.append(f"  {case['case']}: {transition(case)}")
            lines += [f"      {one_line(line, 300)}" for line in reason_lines(case)]
        lines += [f"  and {len(cases) - MAX_CASES} more"] if len(cases) > MAX_CASES else []
        lines.append("")
    times = changes["times"]
    changed = any(one["verdict"] != "same" for one in times)
    lines += [*time_lines(changes), *([CAUTION] if changed else []), *([""] if times else [])]
    lines.append(conclusion(changes))
    return "\n".join(lines) + "\n"


def markdown(changes: Changes) -> str:
    """Return the comparison of two reports as Markdown."""
    lines = [f"## {conclusion(changes)}", "", *bullets(head_lines(changes, escape_markdown))]
    for kind, cases in changes["changes"].items():
        lines += ["", f"### {KINDS[kind][0]}: {len(cases)}", ""]
        for case in cases[:MAX_CASES]:
            lines.append(f"- {code_span(case['case'])}: {transition(case)}")
            lines += [f"  - {escape_markdown(line)}" for line in reason_lines(case)]
        lines += ["", f"{len(cases) - MAX_CASES} more."] if len(cases) > MAX_CASES else []
    times = [*time_lines(changes)]
    lines += ["", "### Times", "", *bullets(times), "", CAUTION] if times else []
    return "\n".join(lines) + "\n"


def html(changes: Changes) -> str:
    """One self-contained page."""
    sections = [
        {
            "title": KINDS[kind][0],
            "cases": [
                {**case, "transition": transition(case), "reasons": [*reason_lines(case)]}
                for case in cases
            ],
        }
        for kind, cases in changes["changes"].items()
    ]
    data = {
        "changes": changes,
        "conclusion": conclusion(changes),
        "sections": sections,
        "times": [*time_lines(changes)],
        "caution": CAUTION,
    }
    return render("diff.html.jinja2", data)


def bullets(lines: Iterable[str]) -> Iterator[str]:
    """Indented lines become nested bullets."""
    return (f"  - {line.strip()}" if line.startswith(" ") else f"- {line}" for line in lines)


def head_lines(changes: Changes, escape: Callable[[str], str]) -> Iterator[str]:
    for side, column in (("before", changes["before"]), ("after", changes["after"])):
        counts = ", ".join(f"{column['totals'][each]} {each}" for each in labels.OUTCOMES)
        packs = ", ".join(column["packs"])
        time = "" if column["started"] in column["label"] else f"{column['started']}, "
        yield f"{side}: {escape(column['label'])}: {column['result']}; {counts}"
        yield f"    {escape(f'{time}{packs}')}"


def transition(case: Change) -> str:
    """`pass -> fail`, or the evidence if only that changed."""
    old, new = case["before"], case["after"]
    if old is None or new is None:
        state = old or new
        return state["outcome"] if state else ""
    if old["outcome"] != new["outcome"]:
        return f"{old['outcome']} -> {new['outcome']}"
    was, now = old["evidence"], new["evidence"]
    grades = f", evidence {was} -> {now}" if was != now else ""
    return f"{new['outcome']}{grades}{' (weaker)' if case['weaker'] else ''}"


def reason_lines(case: Change) -> Iterator[str]:
    if case["reason"]:
        yield case["reason"]
    for reason in case["why"]:
        at = f" at {reason['at']}" if reason["at"] not in ("", reason["rule"]) else ""
        yield (
            f"{reason['what']}: {reason['says']} ({reason['level']} {reason['rule']}){at}: "
            f"expected: {reason['expected']}; got: {reason['got']}"
        )


def time_lines(changes: Changes) -> Iterator[str]:
    for one in changes["times"]:
        verdict = "no significant change" if one["verdict"] == "same" else one["verdict"]
        median = f"{format_seconds(one['before'])} -> {format_seconds(one['after'])}"
        shots = plural(one["shots"], "shot")
        yield f"{one['what']}, {one['mode']}: {verdict}; median {median} over {shots}"


def format_seconds(seconds: float) -> str:
    return f"{seconds * 1000:.0f} ms" if seconds < 10 else f"{seconds:.1f} s"


def conclusion(changes: Changes) -> str:
    if changes["regressions"]:
        return plural(changes["regressions"], "regression")
    changed = sum(map(len, changes["changes"].values()))
    return f"no regression; {plural(changed, 'change')}" if changed else "no regression, no change"
