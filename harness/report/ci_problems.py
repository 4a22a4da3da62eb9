"""The faults of a run, as files for CI systems have them: one line of text and a fingerprint."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from harness.report.case_types import CaseData
from harness.report.data import ReportData
from harness.report.fault_types import FaultData
from harness.report.faults import case_name
from harness.report.headline import is_known
from harness.report.labels import rule_sentence
from harness.report.limits import limit_sentences
from harness.report.page_data import place
from harness.report.text import one_line, plural
from harness.util.printable import without_commands

MAX_TEXT = 1000


@dataclass(frozen=True, slots=True)
class Problem:
    """A fault.

    Attributes:
        fingerprint: The same in each run in which the target has this fault.
        known: The reasons of the baseline, if it covers all cases of the fault.
    """

    rule: str
    level: Literal["must", "should"]
    sentence: str
    text: str
    fingerprint: str
    cases: Sequence[str]
    known: Sequence[str]


def ci_problems(report: ReportData) -> list[Problem]:
    """The faults of a report, in its order."""
    cases = {case_name(case): case for case in report["cases"]}
    return [
        Problem(
            rule=one_line(fault["rule"]),
            level=fault["level"],
            sentence=plain(rule_sentence(fault["rule"])),
            text=plain(describe(fault)),
            fingerprint=one_line(fault["id"]),
            cases=fault["cases"],
            known=known_reasons([cases[name] for name in fault["cases"]]),
        )
        for fault in report["faults"]
    ]


def describe(fault: FaultData) -> str:
    """The fault in one line: what is wrong, what was expected, what came, where to look."""
    where = place(fault)
    parts = [
        fault["title"] + (f" ({where})" if where else ""),
        f"expected: {fault['expected']}",
        f"got: {', '.join(fault['got'])}" if fault["got"] else "",
        f"look first: {fault['hint']}" if fault["hint"] else "",
        plural(len(fault["cases"]), "case"),
    ]
    return "; ".join(filter(None, parts))


def plain(text: str) -> str:
    """Text of a target on one line, without control characters and commands of CI systems."""
    return without_commands(one_line(text, MAX_TEXT))


def known_reasons(cases: Sequence[CaseData]) -> list[str]:
    """The reasons of the baseline for these cases, if it covers each of them."""
    if not all(is_known(case) for case in cases):
        return []
    return list(dict.fromkeys(one_line(by["reason"]) for c in cases for by in c["known"]["by"]))


def run_notes(report: ReportData) -> list[str]:
    """The limits of the result: why the run ended early, and what is undecided."""
    return [plain(line) for line in (*report["reasons"], *limit_sentences(report))]
