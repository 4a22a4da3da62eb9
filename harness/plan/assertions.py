"""Resolves the assertions of an expansion to shots, in each mode on its own."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from harness.language import checks
from harness.language.behaviours import Assertion
from harness.model import Case, Mode, Pack, PlannedAssertion, Script, max_grade
from harness.model.protocol import PROTOCOLS
from harness.plan.shots import MODES


def plan_assertions(
    case: Case, pack: Pack, assertions: Iterable[Assertion], scripts: Sequence[Script]
) -> Iterator[PlannedAssertion]:
    """Yield each assertion once for every mode that has shots for it."""
    assertions = tuple(assertions)
    for mode in MODES:
        for assertion in assertions:
            if select_shots(scripts, assertion.tags, mode, assertion.step):
                yield plan_assertion(case, pack, assertion, scripts, mode)


def needs_upstream(assertion: Assertion) -> bool:
    """Return whether only a provider behind the gateway can decide the assertion."""
    check = checks.BY_ID.get(assertion.check)
    inner = (needs_upstream(each) for part in assertion.parts for each in part)
    return (check is not None and check.grade == "upstream") or any(inner)


def plan_assertion(
    case: Case, pack: Pack, assertion: Assertion, scripts: Sequence[Script], mode: Mode
) -> PlannedAssertion:
    parts = tuple(
        tuple(
            plan_assertion(case, pack, inherit(assertion, inner), scripts, mode) for inner in part
        )
        for part in assertion.parts
    )
    inner = [each for part in parts for each in part]
    check = checks.BY_ID.get(assertion.check)
    modes = MODES if check and check.pooled else (mode,)
    against = [
        shot
        for one in modes
        for shot in select_shots(scripts, (assertion.against,), one)
        if assertion.against
    ]
    if assertion.beside:
        against += select_shots(scripts, assertion.tags, mode, assertion.beside)
    against += [shot for each in inner for shot in each.against]
    error = assertion.check == "schema" and assertion.args == "error"
    return PlannedAssertion(
        rule=assertion.rule,
        check=assertion.check,
        args=PROTOCOLS[pack.protocol].error if error else assertion.args,
        level=assertion.level,
        grade=check.grade if check else max_grade((each.grade for each in inner), "accepted"),
        shots=select_shots(scripts, assertion.tags, mode, assertion.step),
        against=tuple(dict.fromkeys(against)),
        place=case.at(assertion.pointer),
        stage=assertion.stage,
        parts=parts,
    )


def inherit(outer: Assertion, inner: Assertion) -> Assertion:
    """Return a part that applies to the same answers as the whole."""
    pointer = inner.pointer or outer.pointer
    return replace(inner, tags=outer.tags, step=outer.step, pointer=pointer)


def select_shots(
    scripts: Iterable[Script], tags: Iterable[str], mode: Mode, step: str = ""
) -> tuple[str, ...]:
    """Return the shots at `step`, or the last ones, of every script with one of the tags."""
    tag_set = set(tags)
    shots: list[str] = []
    for script in scripts:
        if script.tag in tag_set and script.mode == mode:
            at_step = [shot.id for shot in script.shots if shot.step == step]
            shots += at_step if step else [script.shots[-1].id]
    return tuple(shots)
