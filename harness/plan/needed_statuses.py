"""Statuses that a case needs and is not about: a wrong one blocks the case and does not fail it."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace

from harness.language.checks.status import OK, expected_status
from harness.model import Case, Pack, PlannedAssertion, Script
from harness.plan.implicit_checks import PREREQUISITE


def mark_needed_statuses(
    case: Case,
    pack: Pack,
    assertions: Iterable[PlannedAssertion],
    scripts: Sequence[Script],
    bases: Sequence[Script],
) -> list[PlannedAssertion]:
    """Return the assertions; those about a status that is only needed have the rule for that.

    - A case about a part of answers needs the base request answered; other cases report that.
    - A later step needs the refusal of an earlier one. A case over two protocols is about both.
    """
    steps = [shot for script in scripts for shot in script.shots]
    earlier = {shot.id for script in scripts for shot in script.shots[:-1]}
    refused = earlier if len({shot.call.protocol for shot in steps}) == 1 else set[str]()
    answered = base_shots(scripts, bases) if is_about_answers(case, pack) else set[str]()
    return [as_needed(assertion, answered, refused) for assertion in assertions]


def is_about_answers(case: Case, pack: Pack) -> bool:
    """Return whether a case is about a part of answers, and not about refusals or streams."""
    if case.behaviour in ("rejected", "required") or case.spec.get("modes") == ["stream"]:
        return False
    return [row.location for row in pack.rows if row.id == case.row] == ["response"]


def base_shots(scripts: Iterable[Script], bases: Iterable[Script]) -> set[str]:
    """Return the shots of a single step that are the same as a base request."""
    base = [script.shots[0].call for script in bases]
    single = (script.shots[0] for script in scripts if len(script.shots) == 1)
    return {shot.id for shot in single if shot.call in base}


def as_needed(
    assertion: PlannedAssertion, answered: Collection[str], refused: Collection[str]
) -> PlannedAssertion:
    if assertion.stage != "status" or assertion.level != "must":
        return assertion
    permits_answer = any(code in expected_status(assertion.args)[0] for code in OK)
    needed = answered if permits_answer else refused
    is_needed = all(shot in needed for shot in assertion.shots)
    return replace(assertion, rule=PREREQUISITE) if is_needed else assertion
