"""Workflow commands for GitHub Actions that point at the lines of cases.

Every text is escaped: a target must not be able to issue a workflow command.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from harness.report.case_types import CaseData
from harness.report.data import ReportData
from harness.report.faults import case_name, failed_findings
from harness.report.findings import finding_texts
from harness.report.headline import is_known
from harness.report.labels import rule_sentence
from harness.report.text import one_line, plural

MAX_ANNOTATIONS: Final = 10  # GitHub shows this many of each kind for a step
KINDS: Final = {"fail": "error", "inconclusive": "warning", "warn": "warning"}


def workflow_commands(report: ReportData, root: str = "") -> list[str]:
    """One workflow command for each case that is not green.

    `root` is the folder of the checkout: GitHub shows a page for files below it.
    """
    lines: list[str] = []
    for outcome, kind in KINDS.items():
        cases = [c for c in report["cases"] if c["outcome"] == outcome and not is_known(c)]
        lines += [command(kind, case, root) for case in cases[:MAX_ANNOTATIONS]]
        if (more := len(cases) - MAX_ANNOTATIONS) > 0:
            lines.append(f"::{kind}::and {plural(more, 'more case')}: see report.html")
    return lines


def command(kind: str, case: CaseData, root: str) -> str:
    path, line, column = case["place"].rsplit(":", 2)
    checkout = f"{root.rstrip('/')}/"
    properties = {"title": f"{case_name(case)}: {case['outcome']}"}
    if not path.startswith("/") or (root and path.startswith(checkout)):
        position = {"file": path.removeprefix(checkout), "line": line, "col": column}
        properties = {**position, **properties}
    listed = ",".join(f"{key}={escape(value, ':,')}" for key, value in properties.items())
    return f"::{kind} {listed}::{escape(chr(10).join(message_lines(case)))}"


def message_lines(case: CaseData) -> Iterator[str]:
    """Why the case matters, and the first failed findings."""
    if case["why"]:
        yield one_line(case["why"], 300)
    for finding in failed_findings(case)[:3]:
        expected, got = finding_texts(finding)
        sentence = rule_sentence(finding["rule"])
        yield one_line(f"{sentence}: expected: {expected}; got: {got}", 400)
    if case["outcome"] == "inconclusive":
        yield one_line(f"inconclusive ({case['cause']}): {case['reason']}", 400)


def escape(text: str, also: str = "") -> str:
    """The text as the runner decodes it: it cannot start a line or end a property."""
    for character in ("%", "\r", "\n", *also):
        text = text.replace(character, f"%{ord(character):02X}")
    return text
