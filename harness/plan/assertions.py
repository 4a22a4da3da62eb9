"""Resolves the assertions of an expansion to shots, in each mode on its own."""

from __future__ import annotations

import itertools
from collections.abc import Container, Iterable, Iterator, Sequence
from dataclasses import replace
from typing import Final

from harness.language import checks
from harness.language.behaviours import Assertion
from harness.model import Call, Case, Json, Mode, Pack, PlannedAssertion, Script, Signal, max_grade
from harness.model.protocol import PROTOCOLS
from harness.plan.needs import signals_needed
from harness.plan.shots import MODES

EVERY_STEP = "*"
NEVER_IMPLIED: Final = ("own_key",)  # signals that only a case can name


def plan_assertions(
    case: Case, pack: Pack, assertions: Iterable[Assertion], scripts: Sequence[Script]
) -> Iterator[PlannedAssertion]:
    """Yield each assertion once for every mode that has shots for it."""
    for mode, assertion in itertools.product(MODES, assertions):
        if select_shots(scripts, assertion.tags, mode, assertion.step):
            yield plan_assertion(case, pack, assertion, scripts, mode)


def without_upstream(assertion: Assertion) -> Iterator[Assertion]:
    """Yield the assertion without alternatives that need a provider; nothing if none is left."""
    if assertion.check == "when":
        [conditional] = assertion.parts
        if part := tuple(left for each in conditional for left in without_upstream(each)):
            yield replace(assertion, parts=(part,))
        return
    if assertion.check != "any_of":
        if not needs_upstream(assertion):
            yield assertion
        return
    parts = tuple(part for part in assertion.parts if not any(map(needs_upstream, part)))
    if parts:
        yield replace(assertion, parts=parts)


def needs_upstream(assertion: Assertion) -> bool:
    """Return whether only a provider behind the gateway can decide the assertion."""
    check = checks.BY_ID.get(assertion.check)
    inner = (needs_upstream(each) for part in assertion.parts for each in part)
    return (check is not None and check.grade == "upstream") or any(inner)


def plan_assertion(
    case: Case, pack: Pack, assertion: Assertion, scripts: Sequence[Script], mode: Mode
) -> PlannedAssertion:
    parts = tuple(
        tuple(plan_assertion(case, pack, inherit(assertion, p), scripts, mode) for p in part)
        for part in assertion.parts
    )
    inner = [each for part in parts for each in part]
    check = checks.BY_ID.get(assertion.check)
    against = [*compared_shots(assertion, scripts, mode), *(s for e in inner for s in e.against)]
    shots = select_shots(scripts, assertion.tags, mode, step_of(assertion))
    needs, observes = ((), ()) if parts else signals_of(case, assertion, call_of(shots[0], scripts))
    return PlannedAssertion(
        rule=assertion.rule,
        check=assertion.check,
        args=arguments(assertion, pack),
        level=assertion.level,
        grade=check.grade if check else max_grade((each.grade for each in inner), "accepted"),
        shots=shots,
        against=tuple(dict.fromkeys(against)),
        place=case.at(assertion.pointer),
        stage=assertion.stage,
        parts=parts,
        needs=needs,
        observes=observes,
    )


def compared_shots(assertion: Assertion, scripts: Sequence[Script], mode: Mode) -> Iterator[str]:
    """Yield the shots of the controls, and of the step that the assertion compares with."""
    check = checks.BY_ID.get(assertion.check)
    controls = (assertion.against,) if assertion.against else ()
    for each in MODES if check and check.pooled else (mode,):
        yield from select_shots(scripts, controls, each)
    if assertion.beside:
        yield from select_shots(scripts, assertion.tags, mode, assertion.beside)


def step_of(assertion: Assertion) -> str:
    """Return the step of the shots; a check of all answers together gets those of every step."""
    check = checks.BY_ID.get(assertion.check)
    return assertion.step or (EVERY_STEP if check and check.across else "")


def call_of(name: str, scripts: Iterable[Script]) -> Call:
    """Return the call of a shot, by the shot's id."""
    return next(shot.call for script in scripts for shot in script.shots if shot.id == name)


def arguments(assertion: Assertion, pack: Pack) -> Json:
    """Return the arguments of the check; `error` stands for the protocol's schema of errors."""
    error = assertion.check == "schema" and assertion.args == "error"
    return PROTOCOLS[pack.protocol].error if error else assertion.args


Signals = tuple[Signal, ...]


def signals_of(case: Case, assertion: Assertion, call: Call) -> tuple[Signals, Signals]:
    """Return the signals that an assertion needs, and those whose absence it reports.

    A case can name the signals that it needs. If it names none, it reports those that its checks
    imply. Assertions that need the provider, and those about a status, keep the implied ones.
    """
    implied = signals_needed(assertion.check, assertion.args, call)
    named = tuple(case.spec.get("signals", ()))
    with_named = (*implied, *(signal for signal in named if signal in NEVER_IMPLIED))
    if assertion.stage == "status":
        return with_named, ()
    if "signals" not in case.spec or assertion.stage not in ("rest", "assume"):
        return implied, ()
    is_own = assertion.stage == "rest" and not named
    return with_named if "upstream" in implied else named, implied if is_own else ()


def inherit(outer: Assertion, inner: Assertion) -> Assertion:
    """Return a part that applies to the same answers as the whole."""
    pointer = inner.pointer or outer.pointer
    return replace(inner, tags=outer.tags, step=outer.step, pointer=pointer)


def select_shots(
    scripts: Iterable[Script], tags: Container[str], mode: Mode, step: str = ""
) -> tuple[str, ...]:
    """Return the shots at `step` of every script with one of the tags.

    Without a step these are the last ones; repetitions of a request are all last.
    """
    return tuple(
        shot.id
        for script in scripts
        if script.tag in tags and script.mode == mode
        for shot in script.shots
        if step == EVERY_STEP or shot.step == (step or script.shots[-1].step)
    )
