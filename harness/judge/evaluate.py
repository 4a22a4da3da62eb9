"""Evaluation of one assertion on the answers of its shots.

The checks `any` and `when` are composed of other assertions. `any` holds if one alternative holds.
If none holds and one is undecided, the whole is undecided.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from harness.language import checks
from harness.language.checks import NotApplicable, Undecided
from harness.model import Answer, Cause, Finding, PlannedAssertion, max_grade

IsActive = Callable[[str], bool]  # whether a control can still be compared with
NOT_APPLICABLE = [Finding(status="not_applicable")]


def evaluate(
    assertion: PlannedAssertion,
    shots: Sequence[str],
    answers: Mapping[str, Answer],
    is_active: IsActive,
) -> list[Finding]:
    """Return all failing findings of some shots, or exactly one finding with another status."""
    own = [answers[shot] for shot in shots]
    if assertion.check == "when" and any(
        checks.BY_ID["status"].run(assertion.args["status"], own, [])
    ):
        return NOT_APPLICABLE
    if assertion.parts:
        context = (shots, answers, is_active)
        parts = assertion.parts
        return any_of([all_of([evaluate(each, *context) for each in part]) for part in parts])
    controls = [answers[shot] for shot in assertion.against if is_active(shot)]
    try:
        failures = list(checks.BY_ID[assertion.check].run(assertion.args, own, controls))
    except Undecided as reason:
        return [Finding(status="undecided", got=str(reason))]
    except NotApplicable:
        return NOT_APPLICABLE
    if not failures:
        return [Finding(status="holds", grade=assertion.grade)]
    return [replace(finding, grade=assertion.grade) for finding in failures]


def all_of(results: Sequence[list[Finding]]) -> list[Finding]:
    """Combine assertions that must all hold; those that do not apply are left out."""
    findings = [finding for result in results for finding in result]
    grade = max_grade(finding.grade for finding in findings)
    failures = [finding for finding in findings if finding.status == "fails"]
    reasons = [finding.got for finding in findings if finding.status == "undecided"]
    if failures:
        return [replace(finding, grade=grade) for finding in failures]
    if reasons:
        return [Finding(status="undecided", got="; ".join(reasons), grade=grade)]
    if any(finding.holds for finding in findings):
        return [Finding(status="holds", grade=grade)]
    return NOT_APPLICABLE


def any_of(results: Sequence[list[Finding]]) -> list[Finding]:
    """Combine alternatives, of which one must hold. A single one is returned unchanged."""
    if len(results) == 1:
        return results[0]
    first = [result[0] for result in results]
    held = [finding for finding in first if finding.holds]
    failures = [finding for finding in first if finding.status == "fails"]
    reasons = [finding.got for finding in first if finding.status == "undecided"]
    if held:
        return [Finding(status="holds", grade=max_grade(finding.grade for finding in held))]
    got = list(dict.fromkeys(f"{finding.at}: {finding.got}" for finding in failures))
    if reasons:
        cause: Cause = "model" if failures else "environment"
        return [Finding(status="undecided", got="; ".join([*got, *reasons]), cause=cause)]
    if not failures:
        return NOT_APPLICABLE
    return [
        Finding(
            at=failures[0].at,
            expected=", or ".join(f"{finding.at}: {finding.expected}" for finding in failures),
            got="; ".join(got),
            grade=max_grade(finding.grade for finding in failures),
        )
    ]
