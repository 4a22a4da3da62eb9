"""The data of report.json -> workflow commands that point at case lines. May not trust any text."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from harness.report.faults import broken, name
from harness.report.observed import told
from harness.report.rules import says
from harness.report.text import one_line, plural

MOST: Final = 10  # of each kind GitHub shows so many a step
KINDS: Final = {"fail": "error", "inconclusive": "warning", "warn": "warning"}
Data = dict[str, Any]


def render(report: Data, root: str = "") -> list[str]:
    """One line a case; `root` is the folder of the checkout, below which files have a page."""
    lines: list[str] = []
    cases = [case for case in report["cases"] if not case.get("known", {}).get("whole")]
    for outcome, kind in KINDS.items():
        found = [case for case in cases if case["outcome"] == outcome]
        lines += [command(kind, case, root) for case in found[:MOST]]
        if len(found) > MOST:
            lines.append(f"::{kind}::and {plural(len(found) - MOST, 'more case')}: see report.html")
    return lines


def command(kind: str, case: Data, root: str) -> str:
    path, line, column = case["place"].rsplit(":", 2)
    here = f"{root.rstrip('/')}/"
    marks = {"title": f"{name(case)}: {case['outcome']}"}
    if not path.startswith("/") or (root and path.startswith(here)):
        marks = {"file": path.removeprefix(here), "line": line, "col": column, **marks}
    told_of = ",".join(f"{key}={escaped(value, ':,')}" for key, value in marks.items())
    return f"::{kind} {told_of}::{escaped(chr(10).join(text(case)))}"


def text(case: Data) -> Iterator[str]:
    """Why it matters, and what was found first."""
    if case["why"]:
        yield one_line(case["why"], 300)
    for finding in broken(case)[:3]:
        expected, got = told(finding)
        yield one_line(f"{says(finding['rule'])}: expected: {expected}; got: {got}", 400)
    if case["outcome"] == "inconclusive":
        yield one_line(f"inconclusive ({case['cause']}): {case['reason']}", 400)


def escaped(said: str, also: str = "") -> str:
    """As the runner reads it back: nothing in it begins a line or ends a property."""
    for mark in ("%", "\r", "\n", *also):
        said = said.replace(mark, f"%{ord(mark):02X}")
    return said
