"""Prerequisites of a case: a status that another case examines, or a captured value."""

from __future__ import annotations

from harness.judge.state import CaseEvaluation
from harness.language.checks.status import expected_status
from harness.model import Blocker, PlannedAssertion, Script
from harness.model.exchanges import is_shared
from harness.plan.implicit_checks import PREREQUISITE


def is_needed(assertion: PlannedAssertion) -> bool:
    """Return whether a status is needed to examine something else, and does not count itself."""
    return assertion.rule == PREREQUISITE and assertion.level != "may"


def block_by_status(
    evaluation: CaseEvaluation, assertion: PlannedAssertion, shot: str, got: str
) -> None:
    """Leave a shot undecided because of its status. What only should hold is left out then."""
    if assertion.level == "must":
        name = "the control" if is_shared(shot) else shot
        evaluation.block(shot, f"{name} got {got}", Blocker("status", got))


def may_be_refused(evaluation: CaseEvaluation, shot: str) -> bool:
    """Return whether the case permits a shot to be refused."""
    own = (a for a in evaluation.assertions("status") if shot in a.shots and a.level == "must")
    return any(400 in expected_status(assertion.args)[0] for assertion in own)


def missing_value(script: Script, note: str) -> str:
    """Return which step has no value for a capture, from the note about the step that needs it."""
    for shot in script.shots:
        for name, path in shot.capture.items():
            if note.endswith(f"${name}"):
                return f"the answer to step {shot.step} has nothing at {path}"
    return note
