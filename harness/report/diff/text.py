"""Changes -> text for a terminal, and Markdown. May not decide what is in it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any, Final

from harness.report import words
from harness.report.diff.changes import KINDS
from harness.report.summary import code
from harness.report.summary import plain as escaped
from harness.report.text import one_line, plural

Data = dict[str, Any]
CAUTION: Final = "No comparison tells a slower gateway from a slower network, model or machine."
CASES: Final = 100  # of one kind; the JSON has them all


def terminal(found: Data) -> str:
    """The regressions come first; how many there are comes last, where the eye is."""
    lines = [*heads(found, one_line), ""]
    for kind, cases in found["changes"].items():
        lines.append(f"{KINDS[kind][0]}: {len(cases)}")
        for case in cases[:CASES]:
            lines.append(f"  {case['case']}: {moved(case)}")
            lines += [f"      {one_line(line, 300)}" for line in because(case)]
        lines += [f"  and {len(cases) - CASES} more"] if len(cases) > CASES else []
        lines.append("")
    changed = any(one["verdict"] != "same" for one in found["times"])
    lines += [*timed(found), *([CAUTION] if changed else []), *([""] if found["times"] else [])]
    lines.append(conclusion(found))
    return "\n".join(lines) + "\n"


def markdown(found: Data) -> str:
    lines = [f"## {conclusion(found)}", "", *bullets(heads(found, escaped))]
    for kind, cases in found["changes"].items():
        lines += ["", f"### {KINDS[kind][0]}: {len(cases)}", ""]
        for case in cases[:CASES]:
            lines.append(f"- {code(case['case'])}: {moved(case)}")
            lines += [f"  - {escaped(line)}" for line in because(case)]
        lines += ["", f"{len(cases) - CASES} more."] if len(cases) > CASES else []
    told = [*timed(found)]
    lines += ["", "### Times", "", *bullets(told), "", CAUTION] if told else []
    return "\n".join(lines) + "\n"


def bullets(lines: Iterable[str]) -> Iterator[str]:
    """What is indented belongs to the line before it."""
    return (f"  - {line.strip()}" if line.startswith(" ") else f"- {line}" for line in lines)


def heads(found: Data, tamed: Callable[[str], str]) -> Iterator[str]:
    for side in ("before", "after"):
        one = found[side]
        counts = ", ".join(f"{one['totals'][each]} {each}" for each in words.OUTCOMES)
        packs = ", ".join(one["packs"])
        when = "" if one["started"] in one["label"] else f"{one['started']}, "
        yield f"{side}: {tamed(one['label'])}: {one['result']}; {counts}"
        yield f"    {tamed(f'{when}{packs}')}"


def moved(case: Data) -> str:
    """`pass -> fail`, and the evidence where that is all there is to tell."""
    old, new = case["before"], case["after"]
    if old is None or new is None:
        known = old or new
        return str(known["outcome"])
    if old["outcome"] != new["outcome"]:
        return f"{old['outcome']} -> {new['outcome']}"
    shown = old["evidence"], new["evidence"]
    grades = f", evidence {shown[0]} -> {shown[1]}" if shown[0] != shown[1] else ""
    return f"{new['outcome']}{grades}{' (weaker)' if case['weaker'] else ''}"


def because(case: Data) -> Iterator[str]:
    if case["reason"]:
        yield case["reason"]
    for one in case["why"]:
        at = f" at {one['at']}" if one["at"] not in ("", one["rule"]) else ""
        yield (
            f"{one['what']}: {one['says']} ({one['level']} {one['rule']}){at}: "
            f"expected: {one['expected']}; got: {one['got']}"
        )


def timed(found: Data) -> Iterator[str]:
    for one in found["times"]:
        median = f"median {shown(one['before'])} -> {shown(one['after'])}"
        beyond = {"same": "no change beyond noise"}.get(one["verdict"], one["verdict"])
        yield (
            f"{one['what']}, {one['mode']}: {beyond}; {median} over {plural(one['shots'], 'shot')}"
        )


def shown(seconds: float) -> str:
    return f"{seconds * 1000:.0f} ms" if seconds < 10 else f"{seconds:.1f} s"


def conclusion(found: Data) -> str:
    number = found["regressions"]
    if number:
        return plural(number, "regression")
    changed = sum(map(len, found["changes"].values()))
    return f"no regression; {plural(changed, 'change')}" if changed else "no regression, no change"
