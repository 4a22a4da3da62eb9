"""Asks of tags -> demands of shots, in each mode on its own. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from harness.language import checks
from harness.language.behaviours import Assertion
from harness.model import GRADES, Case, Grade, Mode, Pack, PlannedAssertion, Shot
from harness.model.protocol import PROTOCOLS
from harness.plan.shots import MODES, Fired


def resolve(
    case: Case, pack: Pack, assertions: Iterable[Assertion], fired: Sequence[Fired]
) -> Iterator[PlannedAssertion]:
    """Nothing comes of an ask in a mode that has no shots."""
    assertions = tuple(assertions)
    for mode in MODES:
        for ask in assertions:
            shots = picked(fired, ask.tags, mode, ask.step)
            if shots:
                yield assertion(case, pack, ask, fired, mode)


def needs_upstream(ask: Assertion) -> bool:
    """Whether only somebody behind the gateway could tell."""
    check = checks.BY_ID.get(ask.check)
    inner = (needs_upstream(each) for part in ask.parts for each in part)
    return (check is not None and check.grade == "upstream") or any(inner)


def assertion(
    case: Case, pack: Pack, ask: Assertion, fired: Sequence[Fired], mode: Mode
) -> PlannedAssertion:
    parts = tuple(
        tuple(assertion(case, pack, within(ask, inner), fired, mode) for inner in part)
        for part in ask.parts
    )
    inner = [each for part in parts for each in part]
    check = checks.BY_ID.get(ask.check)
    modes = MODES if check and check.pooled else (mode,)
    against = [s for one in modes for s in picked(fired, (ask.against,), one) if ask.against]
    against += picked(fired, ask.tags, mode, ask.beside) if ask.beside else ()
    against += [shot for each in inner for shot in each.against]
    error = ask.check == "schema" and ask.args == "error"
    return PlannedAssertion(
        rule=ask.rule,
        check=ask.check,
        args=PROTOCOLS[pack.protocol].error if error else ask.args,
        level=ask.level,
        grade=check.grade if check else strongest(each.grade for each in inner),
        shots=picked(fired, ask.tags, mode, ask.step),
        against=tuple(dict.fromkeys(against)),
        place=case.at(ask.pointer),
        stage=ask.stage,
        parts=parts,
    )


def within(outer: Assertion, inner: Assertion) -> Assertion:
    """A part is asked of the same answers as the whole."""
    pointer = inner.pointer or outer.pointer
    return replace(inner, tags=outer.tags, step=outer.step, pointer=pointer)


def strongest(grades: Iterable[Grade]) -> Grade:
    return max(grades, key=GRADES.index, default="accepted")


def picked(
    fired: Iterable[Fired], tags: Iterable[str], mode: Mode, step: str = ""
) -> tuple[str, ...]:
    """Of every script with one of the tags the shot at `step`, or the last one."""
    wanted = set(tags)
    shots: list[Shot] = []
    for one in fired:
        if one.tag in wanted and one.mode == mode:
            at_step = [shot for shot in one.script.shots if shot.step == step]
            shots += at_step if step else one.script.shots[-1:]
    return tuple(shot.id for shot in shots)
