"""Counts what a run has shown, apart from what was only accepted or refused with permission.

A case about a refusal (`rejected`, `required`) does not show that a field works: a target that
refuses every value of the field passes it too. Other cases of the row decide then.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final, TypeVar

from harness.model import GRADES
from harness.report.case_types import CaseData
from harness.report.data import FieldData, ScopeData

NEGATIVE: Final = ("rejected", "required")
POSITIVE: Final = ("pass", "warn")
ACCEPTED: Final = GRADES.index("accepted")
EFFECT: Final = GRADES.index("effect")
AnyCase = TypeVar("AnyCase", bound=CaseData)


def is_refused(case: CaseData) -> bool:
    """Whether a case passes only because everything it sent was refused, which is permitted."""
    return case["outcome"] in POSITIVE and case.get("refused") == "all"


def showing_cases(cases: Sequence[AnyCase]) -> Sequence[AnyCase]:
    """Return the cases that can show that a row works; all of them if it only refuses."""
    return [case for case in cases if case.get("behaviour") not in NEGATIVE] or cases


def all_refused(cases: Sequence[CaseData]) -> bool:
    """Whether every case that can show the row or feature was refused, which is permitted."""
    decided = [case for case in showing_cases(cases) if case["outcome"] in POSITIVE]
    return bool(decided) and all(map(is_refused, decided))


def is_demonstrated(cases: Sequence[CaseData]) -> bool:
    """Whether an answer to one of these cases shows more than that the request was accepted."""
    return any(
        case["outcome"] in POSITIVE and GRADES.index(case["evidence"]) > ACCEPTED
        for case in showing_cases(cases)
    )


def scope(fields: Iterable[FieldData]) -> ScopeData:
    """Return how many rows were examined, and what the evidence for them is."""
    counts: ScopeData = {
        "rows": 0, "shown": 0, "shape": 0, "accepted": 0, "refused": 0, "failed": 0,
        "not_examined": 0,
    }  # fmt: skip
    for field in fields:
        counts["rows"] += 1
        counts[scope_key(field)] += 1  # type: ignore[literal-required]
    return counts


def scope_key(field: FieldData) -> str:
    if field["outcome"] not in (*POSITIVE, "fail"):
        return "not_examined"
    if field["outcome"] == "fail":
        return "failed"
    if field.get("refused"):
        return "refused"
    if GRADES.index(field["evidence"]) >= EFFECT:
        return "shown"
    return "shape" if field["evidence"] == "shape" else "accepted"
