"""The rows of the field table that a case decides: its own, and others that findings are about.

A broken stream colours the row about streams, and not the row of the field that the case tests. A
further row of a case is coloured by a failure only if a failed finding is about it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import cast

from harness.model import Pack, Row
from harness.report.case_types import CaseData, FindingData
from harness.report.findings import is_general

FAILED = ("fail", "warn")


def decides(case: CaseData, row: Row) -> bool:
    """Return whether the outcome of a case counts for a further row of it."""
    if case["outcome"] not in FAILED:
        return True
    words = {row.id.rpartition(".")[2], *re.findall(r"[\w-]+", row.path)[-1:]}
    return any(
        not words.isdisjoint(re.findall(r"[\w-]+", f"{finding['at']} {finding['rule']}"))
        for finding in deciding_findings(case)
    )


def deciding_findings(case: CaseData) -> list[FindingData]:
    """Return the failed findings of the level that decides the case."""
    level = "must" if case["outcome"] == "fail" else "should"
    return [f for f in case["findings"] if not f["holds"] and f["level"] == level]


def main_row(case: CaseData, packs: Sequence[Pack]) -> str:
    """Return the row that a case decides; of one that only breaks stream rules, that of streams."""
    findings = deciding_findings(case) if case["outcome"] in FAILED else []
    if not findings or not all(is_general(finding["rule"]) for finding in findings):
        return case["row"]
    if not any(finding["rule"].startswith("stream.") for finding in findings):
        return case["row"]
    rows = [row.id for pack in packs if pack.id == case["pack"] for row in pack.rows]
    about_streams = (row for row in rows if "stream" in row.split("."))
    return case["row"] if "stream" in case["row"] else next(about_streams, case["row"])


def cases_for_row(row: Row, cases: Sequence[CaseData], packs: Sequence[Pack]) -> list[CaseData]:
    """Return the cases that decide a row; if none does, all of them as undecided."""
    counting = [case for case in cases if counts_for(case, row, packs)]
    return counting or [undecided(case) for case in cases]


def counts_for(case: CaseData, row: Row, packs: Sequence[Pack]) -> bool:
    """Return whether the outcome of a case counts for one of its rows."""
    main = main_row(case, packs)
    if row.id in (main, case["row"]):
        return main == row.id
    return decides(case, row)


def undecided(case: CaseData) -> CaseData:
    """Return a case whose failure says nothing about the row."""
    shots = [
        {**shot, "outcome": "inconclusive"} if shot["outcome"] in FAILED else shot
        for shot in case["shots"]
    ]
    reason = f"{case['id']} fails for another reason"
    changes = {"outcome": "inconclusive", "cause": "blocked", "reason": reason, "shots": shots}
    return cast(CaseData, {**case, **changes})
