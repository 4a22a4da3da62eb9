"""The report's entry of a case at which the harness failed."""

from __future__ import annotations

from collections.abc import Iterable

from harness.model import Case, Pack
from harness.report.case_data import find_row, identity
from harness.report.case_types import CaseData
from harness.report.text import encodable, truncate


def unrendered_case(case: Case, packs: Iterable[Pack], reason: str) -> CaseData:
    """Return an inconclusive entry with the cause `harness`; it claims nothing about the target."""
    packs = tuple(packs)
    row = find_row(case, packs)
    return {
        **identity(case, packs),  # type: ignore[typeddict-item]
        "behaviour": case.behaviour,
        "level": "must",
        "title": row.path if row else case.row,
        "declared": row.documented_as if row else "",
        "why": case.why,
        "source": [],
        "place": str(case.place),
        "outcome": "inconclusive",
        "evidence": "none",
        "cause": "harness",
        "reason": encodable(truncate(reason)),
        "seconds": 0.0,
        "shots": [],
        "findings": [],
    }
