"""Evaluation of one assertion on the answers of its shots.

The checks `any_of` and `when` are composed of other assertions. An assertion that needs a dead
signal is undecided with the cause `signal`; nothing can be concluded from it in either direction.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from harness.judge.alternatives import all_of, any_of
from harness.judge.limits import is_cut_by_plausible_limit, is_cut_by_target
from harness.judge.tool_calls import called_instead
from harness.language import checks
from harness.language.checks import NotApplicable, Undecided
from harness.model import Answer, Finding, PlannedAssertion, Signal
from harness.model.types import SKILLS
from harness.plan.needs import FINISH, TEXT

CUT: Final = "the answer ends at a token limit that the request did not ask for"
END: Final = re.compile(rf"{FINISH.pattern}|^\$\.status\?*$")
BLOCKS = "$.content"  # the list of blocks of a message, which is no text
MAX_FAILURES: Final = 100  # of one assertion on one shot: an answer can have a million members
NOT_APPLICABLE = [Finding(status="not_applicable")]


@dataclass(frozen=True, slots=True)
class Context:
    """The data that an evaluation refers to.

    Attributes:
        is_active: Whether a control can still be compared with.
        dead_signal: Why a signal that the assertion needs on these shots is dead; "" if none is.
    """

    answers: Mapping[str, Answer]
    is_active: Callable[[str], bool]
    dead_signal: Callable[[PlannedAssertion, Sequence[str]], str]


def evaluate(assertion: PlannedAssertion, shots: Sequence[str], context: Context) -> list[Finding]:
    """Return all failing findings of some shots, or exactly one finding with another status."""
    own = [context.answers[shot] for shot in shots]
    if assertion.check == "when" and any(
        checks.BY_ID["status"].run(assertion.args["status"], own, [])
    ):
        return NOT_APPLICABLE
    if assertion.parts:
        results = [all_of([evaluate(e, shots, context) for e in part]) for part in assertion.parts]
        dead = [any(context.dead_signal(each, shots) for each in part) for part in assertion.parts]
        return any_of(assertion.parts, results, dead)
    if reason := context.dead_signal(assertion, shots):
        return [Finding(status="undecided", got=reason, cause="signal")]
    return run_check(assertion, own, context)


def run_check(
    assertion: PlannedAssertion, own: Sequence[Answer], context: Context
) -> list[Finding]:
    """Evaluate an assertion without parts."""
    controls = [context.answers[shot] for shot in assertion.against if context.is_active(shot)]
    check, args = checks.BY_ID[assertion.check], assertion.args
    if check.optional:
        args = {**args, "dead": dead_ones(assertion, own, context)}
    try:
        findings = without_excess(check.run(args, own, controls))
    except Undecided as reason:
        return [Finding(status="undecided", got=str(reason), cause=reason.cause)]
    except NotApplicable:
        return NOT_APPLICABLE
    failures = [finding for finding in findings if not finding.holds]
    if not failures:
        return findings[:1] or [Finding(status="holds", grade=assertion.grade)]
    skill = not SKILLS.isdisjoint(assertion.needs)
    missing = missing_words(own, skill) if is_about_text(assertion) else ""
    if missing := missing or early_end(assertion, own):
        return [Finding(status="undecided", got=missing, cause="model")]
    return [replace(f, grade=assertion.grade, depends_on_model=skill) for f in failures]


def without_excess(findings: Iterable[Finding]) -> list[Finding]:
    """Return findings, of failures only the first MAX_FAILURES and the number of further ones."""
    kept: list[Finding] = []
    failures = 0
    for finding in findings:
        failures += not finding.holds
        if finding.holds or failures <= MAX_FAILURES:
            kept.append(finding)
    if failures > MAX_FAILURES:
        got = f"{failures - MAX_FAILURES:,} more, as the ones before"
        kept.append(Finding(expected=f"at most {MAX_FAILURES} failures in one answer", got=got))
    return kept


def is_about_text(assertion: PlannedAssertion) -> bool:
    """Return whether an assertion examines only the words of a model's answer.

    The model does not choose what the mock provider answers.
    """
    if assertion.check != "body" or "upstream" in assertion.needs:
        return False
    return all(TEXT.search(path) and path != BLOCKS for path in assertion.args)


def missing_words(own: Sequence[Answer], skill: bool) -> str:
    """Return what explains that answers lack words of the model; "" if nothing does."""
    if any(map(called_instead, own)):
        return "the model called a tool, where the case needs an answer in words"
    if skill and any(map(is_cut_by_target, own)):
        return CUT
    return ""


def early_end(assertion: PlannedAssertion, own: Sequence[Answer]) -> str:
    """Return what explains another end of an answer than the expected one; "" if nothing does."""
    about_end = assertion.check == "body" and all(map(END.search, assertion.args))
    if about_end and "upstream" not in assertion.needs and any(map(is_cut_by_plausible_limit, own)):
        return CUT
    return ""


def dead_ones(assertion: PlannedAssertion, own: Sequence[Answer], context: Context) -> list[Signal]:
    """Return the dead signals without which a check compares less."""
    shots = [answer.shot for answer in own]
    optional = checks.BY_ID[assertion.check].optional
    return [s for s in optional if context.dead_signal(replace(assertion, needs=(s,)), shots)]
