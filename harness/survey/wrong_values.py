"""The treatment of values that the documents do not permit, as cases about refusals show it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Final, Literal

from harness.model import Mode, max_grade
from harness.report.case_types import CaseData
from harness.report.fields import mode_outcome
from harness.report.text import one_line
from harness.survey.failures import described
from harness.survey.fields import IN_REQUESTS, Field
from harness.survey.kinds import Status
from harness.survey.readings import case_grade, names

KNOWN_MODELS: Final = "Supported; the names of unknown models are refused"
GRAVE: Final[tuple[Literal["fail", "warn"], ...]] = ("fail", "warn")


def with_wrong_values(status: Status, cases: Sequence[CaseData], mode: Mode) -> Status:
    """Return a status with a remark about values that are not permitted."""
    if problem := difference(cases, mode):
        return replace(status, text=f"{status.text}; {problem}")
    rejected = [case for case in cases if case["behaviour"] == "rejected"]
    if any(mode_outcome([case], mode) == "pass" for case in rejected):
        return replace(status, text=f"{status.text}; invalid values are refused")
    return status


def difference(cases: Sequence[CaseData], mode: Mode) -> str:
    """Return how values that should be refused are treated instead, or ""."""
    for outcome in GRAVE:
        failed = [case for case in cases if mode_outcome([case], mode) == outcome]
        left_out = [case for case in failed if case["behaviour"] == "required"]
        if failed:
            what = "if it is left out" if left_out == failed else "wrong values"
            return f"{what}: {one_line(described(outcome, failed, mode), 100)}"
    return ""


def status_of_refusals(field: Field, cases: Sequence[CaseData], mode: Mode) -> Status:
    """Return the status of a field about which decided cases show only what is refused."""
    strength = max_grade(case_grade(case, mode) for case in cases)
    status = Status("supported", "Wrong values and requests are refused", strength, names(cases))
    problem = difference(cases, mode)
    if field.in_every_request:
        is_model = field.row.path == "model"
        text = f"Supported; {problem}" if problem else KNOWN_MODELS if is_model else status.text
        return replace(status, text=text)
    if problem:
        return replace(status, kind="altered", text=f"{problem[:1].upper()}{problem[1:]}")
    if field.row.location not in IN_REQUESTS or field.row.path.startswith("("):
        return status
    text = "Wrong values are refused; no right one was tried"
    return replace(status, kind="unknown", text=text)
