"""The status of fields of which every value that a caller may send is refused, or crashes."""

from __future__ import annotations

from collections.abc import Sequence

from harness.model import Mode, Row
from harness.report.case_types import CaseData, ShotData
from harness.report.credit import NEGATIVE
from harness.report.text import one_line
from harness.survey.failures import Facts
from harness.survey.fields import Reading
from harness.survey.kinds import Status
from harness.survey.readings import names


def refused_status(
    row: Row, readings: Sequence[Reading], mode: Mode, facts: Facts
) -> Status | None:
    """Return the status of a field of which every legal value is refused, or crashes.

    Rows about errors have no legal values: their cases send what must be refused.
    """
    if row.id.startswith("error."):
        return None
    cases = [c for one in readings for c in one.cases if c["behaviour"] not in NEGATIVE]
    legal = [
        facts[shot["id"]]
        for case in cases
        for shot in case["shots"]
        if shot["mode"] == mode and is_legal(case, shot, facts)
    ]
    if not legal or any(each.status is not None and each.status < 400 for each in legal):
        return None
    words = next((f": {one_line(each.error, 120)}" for each in legal if each.error), "")
    statuses = "/".join(sorted({str(each.status) for each in legal if each.status})) or "no answer"
    if any(each.status is None or each.status >= 500 for each in legal):
        return Status("crashes", f"Crashes with {statuses}{words}", "effect", names(cases))
    if all(each.named for each in legal):
        return Status("refused_by_name", f"Refused by name ({statuses})", "effect", names(cases))
    return Status("refused", f"Refused ({statuses}){words}", "effect", names(cases))


def is_legal(case: CaseData, shot: ShotData, facts: Facts) -> bool:
    """Whether a shot has a value that is answered by a target with the field.

    A case can also require that a request is refused, and it holds then. A request that is refused
    without the field as well shows nothing about it.
    """
    fact = facts.get(shot["id"])
    if fact is None or not fact.legal or not fact.answered_without:
        return False
    if shot["outcome"] == "inconclusive" and case.get("cause") not in (None, "signal"):
        return False  # such as a prompt that is too long for the model
    answered = fact.status is not None and fact.status < 400
    return answered or "refused" in shot or shot["outcome"] != "pass"
