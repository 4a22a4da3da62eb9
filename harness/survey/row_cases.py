"""The cases that decide a row of a survey.

A report moves a case that only breaks a rule for all answers to another row. A survey keeps it
without that: what a stream with two choices shows about `n` holds, whatever ends the stream.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from typing import Final, cast

from harness.model import Pack, Row, max_grade
from harness.report.case_rows import FAILED, counts_for, deciding_findings, main_row, undecided
from harness.report.case_types import CaseData, FindingData, ShotData
from harness.report.credit import NEGATIVE
from harness.report.findings import is_general

# Behaviours of cases that contradict no other description of a further row.
COMPATIBLE: Final = (
    *("supported", "honoured_or_refused", "present", "always", "limited"),
    *("echoed", "stateful"),
    *NEGATIVE,
)


def cases_about(row: Row, cases: Sequence[CaseData], packs: Sequence[Pack]) -> tuple[CaseData, ...]:
    """Return the cases that decide a row; if none does, all of them as undecided."""
    counting = [c for c in cases if counts_for(c, row, packs) and not is_about_another(c, row)]
    moved = [c for c in cases if c["row"] == row.id and main_row(c, packs) != row.id]
    return tuple([*counting, *map(without_general, moved)] or map(undecided, cases))


def is_about_another(case: CaseData, row: Row) -> bool:
    """Whether a case fails because of what another one of its rows promises.

    The other row can be another part of the answer (`usage.prompt_tokens_details`), or be the
    case's own and describe its field in a way that the target does not follow.
    """
    if case["outcome"] not in FAILED:
        return False
    if case["row"] != row.id:
        return case["behaviour"] not in COMPATIBLE
    if row.location not in ("response", "stream", "error", "header"):
        return False
    others = {also.rpartition(".")[2] for also in case["also"]} - {last_word(row.path)}
    places = {last_word(finding["at"]) for finding in deciding_findings(case)}
    return bool(places) and places <= others


def last_word(place: str) -> str:
    return next(reversed(re.findall(r"[\w-]+", place)), "")


def without_general(case: CaseData) -> CaseData:
    """Return a case without the findings that are about every answer."""
    findings = [f for f in case["findings"] if not is_general(f["rule"])]
    shots = [own_outcome(shot, findings) for shot in case["shots"]]
    outcomes = {shot["outcome"] for shot in shots if not shot["control"]}
    outcome = gravest(outcomes)
    evidence = max_grade(shot["evidence"] for shot in shots)
    changes = {"findings": findings, "shots": shots, "outcome": outcome, "evidence": evidence}
    return cast(CaseData, {**case, **changes})


def gravest(outcomes: Collection[str | None]) -> str:
    """Return the gravest of the decided outcomes, or "inconclusive"."""
    return next((one for one in ("fail", "warn", "pass") if one in outcomes), "inconclusive")


def own_outcome(shot: ShotData, findings: Sequence[FindingData]) -> ShotData:
    """Return a shot with the outcome and the evidence of some of its findings."""
    own = [f for f in findings if f["shot"] == shot["id"] and f["level"] != "may"]
    failed = [f for f in own if not f["holds"]]
    held = [f["grade"] for f in own if f["holds"]]
    level = "fail" if any(f["level"] == "must" for f in failed) else "warn"
    outcome = level if failed else "pass" if held else "inconclusive"
    evidence = max_grade([f["grade"] for f in failed] or held)
    return cast(ShotData, {**shot, "outcome": outcome, "evidence": evidence})
