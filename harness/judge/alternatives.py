"""Combination of the findings of assertions that must all hold, or of which one must hold."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Final

from harness.model import Cause, Finding, PlannedAssertion, max_grade
from harness.model.types import SKILLS
from harness.util.jsonpath import readable_place

NOT_APPLICABLE: Final = [Finding(status="not_applicable")]
Parts = Sequence[Sequence[PlannedAssertion]]


def all_of(results: Sequence[list[Finding]]) -> list[Finding]:
    """Combine assertions that must all hold; those that do not apply are left out."""
    findings = [finding for result in results for finding in result]
    grade = max_grade(finding.grade for finding in findings)
    failures = [finding for finding in findings if finding.status == "fails"]
    undecided = [finding for finding in findings if finding.status == "undecided"]
    if failures:
        return [replace(finding, grade=grade) for finding in failures]
    if undecided:
        reason = "; ".join(dict.fromkeys(finding.got for finding in undecided))
        dead = any(finding.cause == "signal" for finding in undecided)
        cause: Cause = "signal" if dead else undecided[0].cause
        return [Finding(status="undecided", got=reason, grade=grade, cause=cause)]
    if any(finding.holds for finding in findings):
        return [Finding(status="holds", grade=grade)]
    return NOT_APPLICABLE


def any_of(
    parts: Parts, results: Sequence[list[Finding]], dead: Sequence[bool] = ()
) -> list[Finding]:
    """Combine alternatives, of which one must hold. A single one is returned unchanged.

    Args:
        dead: Whether an alternative needs a dead signal. An undecided one is then left out.
    """
    if len(results) == 1:
        return results[0]
    out = [r for r, d in zip(results, dead, strict=False) if d and r[0].status == "undecided"]
    live = [number for number, result in enumerate(results) if result not in out]
    rest = [results[n][0] for n in live if results[n][0].holds or is_evidence(parts[n])]
    # That an answer is not a refusal, for example, does not show that it lacks what is left out.
    if out and not rest:
        return [Finding(status="undecided", got=joined(r[0].got for r in out), cause="signal")]
    first = [results[number][0] for number in live]
    held = [number for number in live if results[number][0].holds]
    if held:
        failed = [number for number in live if results[number][0].status == "fails"]
        if weaker := is_weaker(parts, failed, held):
            return [not_obeyed(results[weaker[0]][0])]
        return [Finding(status="holds", grade=max_grade(f.grade for f in first if f.holds))]
    return no_alternative_holds(first)


def is_weaker(parts: Parts, failed: Sequence[int], held: Sequence[int]) -> list[int]:
    """Return the failed alternatives about the words of an answer, if only counts of tokens held.

    A gateway can count a text that it does not hand to the model. Where the model is known to
    follow instructions, counting is not enough.
    """
    if any("tokens" not in needs_of(parts[number]) for number in held):
        return []
    return [number for number in failed if SKILLS & needs_of(parts[number])]


def is_evidence(part: Sequence[PlannedAssertion]) -> bool:
    """Whether an alternative is about what the model received: by its words, or by counts."""
    needs = needs_of(part)
    return bool(needs) and needs <= {*SKILLS, "tokens"}


def needs_of(part: Sequence[PlannedAssertion]) -> set[str]:
    return {signal for assertion in part for signal in assertion.needs}


def not_obeyed(stronger: Finding) -> Finding:
    """Return the warning about a text that was counted but had no effect on the answer."""
    got = f"{stronger.got}; the text was counted as input, but the answer does not show its effect"
    return replace(stronger, got=got, level="should", grade="accepted", depends_on_model=True)


def no_alternative_holds(first: Sequence[Finding]) -> list[Finding]:
    failures = [finding for finding in first if finding.status == "fails"]
    got = list(
        dict.fromkeys(f"{readable_place(finding.at)}: {finding.got}" for finding in failures)
    )
    if undecided := [finding for finding in first if finding.status == "undecided"]:
        cause: Cause = "model" if failures else undecided[0].cause
        reasons = [*got, *(finding.got for finding in undecided)]
        return [Finding(status="undecided", got=joined(reasons), cause=cause)]
    if not failures:
        return NOT_APPLICABLE
    return [
        Finding(
            at=failures[0].at,
            others=tuple(dict.fromkeys(f.at for f in failures if f.at != failures[0].at)),
            expected=", or ".join(
                f"{readable_place(finding.at)}: {finding.expected}" for finding in failures
            ),
            got="; ".join(got),
            grade=max_grade(finding.grade for finding in failures),
            depends_on_model=all(finding.depends_on_model for finding in failures),
        )
    ]


def joined(reasons: Iterable[str]) -> str:
    """Return the reasons in one line, each of them once."""
    return "; ".join(dict.fromkeys(reasons))
