"""One sentence about the biggest fault of a run, for the terminal."""

from __future__ import annotations

from typing import Final

from harness.report.case_types import CaseData, FindingData
from harness.report.data import FieldData, ReportData
from harness.report.fault_types import FaultData
from harness.report.faults import case_name, failed_findings, fault_key

# Rules about how an answer is written or sent; such a failure shows nothing about a field.
GENERAL: Final = ("schema", "stream.", "http.", "status", "transport", "prerequisite")
ANSWERED: Final = range(200, 300)


def lead_sentence(report: ReportData) -> str:
    """Return what is wrong first; a field without effect in the words of its case.

    Example:
        "`n` is accepted but not honoured: Two choices are returned if two are requested."

    Returns:
        One sentence; "" if nothing fails.
    """
    musts = [fault for fault in report["faults"] if fault["level"] == "must"]
    if not musts:
        return ""
    fault = most_specific(musts)
    case = next(case for case in report["cases"] if case_name(case) == fault["cases"][0])
    row = next((r for r in report["fields"] if is_row_of(r, case)), None)
    name = row["path"] if row and not row["path"].startswith("(") else case["row"]
    failures = [f for f in failed_findings(case) if fault_key(f)[0] == fault["rule"]]
    is_lie = row and is_ignored(case, row, failures)
    if is_lie:
        return f"`{name}` is accepted but not honoured: {case['why'] or case['title']}"
    return f"{fault['title']}."


def most_specific(faults: list[FaultData]) -> FaultData:
    """Return the first fault, or one with the same answer that is about a field itself.

    A field that is refused can also fail a case about several fields, as a wrong status there.
    """
    first = faults[0]
    messages = {got for got in first["got"] if ":" in got}
    same = (f for f in faults if messages & {*f["got"]} and not is_general(f["rule"]))
    return next(same, first) if is_general(first["rule"]) else first


def is_general(rule: str) -> bool:
    return rule.startswith(GENERAL)


def is_row_of(row: FieldData, case: CaseData) -> bool:
    return (row["pack"], row["row"]) == (case["pack"], case["row"])


def is_ignored(case: CaseData, row: FieldData, findings: list[FindingData]) -> bool:
    """Whether requests with the field were answered, and the answers lack its effect."""
    shots = {shot["id"]: shot for shot in case["shots"]}
    compared = case["behaviour"] == "honoured_or_refused" or any(
        s["control"] for s in shots.values()
    )
    return (
        compared
        and row["location"] == "request"
        and not any(is_general(f["rule"]) for f in findings)
        and all((shots[f["shot"]]["status"] in ANSWERED) for f in findings if f["shot"] in shots)
    )
