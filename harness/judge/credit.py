"""Credit of an assertion that holds.

What holds for the same request without the field under test as well does not show the effect of
the field. A model can answer with JSON, call a tool or stop early in any case.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Final, Protocol

from harness.model import Finding, Grade, Plan, PlannedAssertion

SAME: Final = "the answer to the same request without the field has this too"


class Evaluation(Protocol):
    """The part of a case's evaluation that decides about credit."""

    @property
    def plan(self) -> Plan: ...

    def is_answered(self, shot: str) -> bool: ...

    def check(self, assertion: PlannedAssertion, shots: Sequence[str]) -> Sequence[Finding]: ...


def limit_credit(
    evaluation: Evaluation,
    assertion: PlannedAssertion,
    shot: str,
    findings: Sequence[Finding],
) -> Sequence[Finding]:
    """Return the findings, with the grade `accepted` if the assertion holds for the control too."""
    first, control = findings[0], evaluation.plan.controls.get(shot)
    if not control or not first.holds or first.grade != "effect" or assertion.stage != "rest":
        return findings
    if not evaluation.is_answered(control) or is_due_to_field(evaluation, assertion, shot, control):
        return findings
    return [replace(first, grade="accepted", got=SAME)]


def credit_of(finding: Finding) -> Grade:
    """Return the evidence for an effect; an assertion that fails shows no more than an answer."""
    return finding.grade if finding.holds or finding.grade == "none" else "accepted"


def is_due_to_field(
    evaluation: Evaluation, assertion: PlannedAssertion, shot: str, control: str
) -> bool:
    """Whether an assertion, or a part of it, holds for the shot and not for its control."""

    def holds(each: PlannedAssertion, subject: str) -> bool:
        return evaluation.check(replace(each, shots=(subject,)), [subject])[0].holds

    if assertion.parts:
        held = [part for part in assertion.parts if all(holds(each, shot) for each in part)]
        inner = [each for part in held for each in part]
        return any(is_due_to_field(evaluation, each, shot, control) for each in inner)
    return holds(assertion, shot) and not holds(assertion, control)
