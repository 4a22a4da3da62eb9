"""What every shot owes, though nobody wrote it down: a status and, on the chat path, a shape. Pure.

What is wrong in the base answer is told by the cases that demand the answer's whole schema, and
excused in all others. Of controls and of the panel the shape is only recorded: their faults are no
fault of the row. So it is where two protocols are held against each other: how each is written is
the business of its own pack.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from harness.model import LEVELS, Case, Json, Level, Mode, PlannedAssertion, Shot
from harness.model.protocol import PROTOCOLS
from harness.plan.shots import Fired

ANSWERS = {protocol.answer for protocol in PROTOCOLS.values()}
ERRORS = {protocol.error for protocol in PROTOCOLS.values()}


def implicit_assertions(
    case: Case, fired: Sequence[Fired], bases: Sequence[Fired], asked: Sequence[PlannedAssertion]
) -> Iterator[PlannedAssertion]:
    needed = needs(asked)
    statuses = {
        shot for assertion in asked if assertion.stage == "status" for shot in assertion.shots
    }
    tells = any(d.check == "schema" and d.args in ANSWERS for d in asked)
    errors = {shot for d in asked if owes_error(d) for shot in d.shots}
    failing = {shot for d in asked if d.check == "fails" for shot in d.shots}
    for one in fired:
        control = one.shared and not one.panel
        for shot in one.script.shots:
            if control:
                hangs = needed.get(one.script.shots[-1].id, "may")
                yield status(case, shot, "prerequisite", "control", hangs)
            elif shot.id not in statuses:
                yield status(case, shot, "status", *owed(one))
            protocol = PROTOCOLS[shot.call.protocol]
            chat = (shot.call.method, shot.call.path) == ("POST", protocol.path)
            if chat and shot.id not in errors:
                schemas: Json = {"answer": protocol.answer, "error": protocol.error}
                schemas |= {"fails": True} if shot.id in failing else {}
                excuses = () if one.shared or tells else excused(one.mode, bases)
                level: Level = "may" if one.shared or speaks_both(one) else "must"
                yield shape(case, shot, schemas, level, excuses)


def status(case: Case, shot: Shot, rule: str, wanted: str, level: Level) -> PlannedAssertion:
    return PlannedAssertion(
        rule, "status", wanted, level, "accepted", (shot.id,), (), case.place, "status"
    )


def shape(
    case: Case, shot: Shot, schemas: Json, level: Level, excuses: tuple[str, ...]
) -> PlannedAssertion:
    place = case.place
    return PlannedAssertion(
        "schema", "shape", schemas, level, "shape", (shot.id,), excuses, place, "shape"
    )


def owed(one: Fired) -> tuple[str, Level]:
    """A panel answer that cannot be had shows nothing; without the plain one there is no panel."""
    if one.panel == "error":
        return "refused", "must"
    return "ok", "must" if one.panel in ("", "plain") else "may"


def speaks_both(one: Fired) -> bool:
    return len({shot.call.protocol for shot in one.script.shots}) > 1


def owes_error(assertion: PlannedAssertion) -> bool:
    """Whether the case asks for the error object itself: then nobody asks a second time.

    In its own words it may ask as a `should`; a behaviour that was lowered to one does not mean it.
    """
    assertions = assertion.check == "schema" and assertion.args in ERRORS
    return assertions and (assertion.level == "must" or assertion.rule.startswith("schema "))


def needs(asked: Iterable[PlannedAssertion]) -> dict[str, Level]:
    """How much hangs on each control: as much as on the strongest demand that cannot do without.

    An alternative can: whether it holds without its control is for the judge to say.
    """
    needed: dict[str, Level] = {}
    for assertion in asked:
        level: Level = "may" if assertion.parts else assertion.level
        if assertion.stage == "assume":
            level = "must"
        for shot in (*assertion.against, *(assertion.shots if assertion.stage == "assume" else ())):
            needed[shot] = min(needed.get(shot, level), level, key=LEVELS.index)
    return needed


def excused(mode: Mode, bases: Iterable[Fired]) -> tuple[str, ...]:
    """The base answers of a mode, and its error."""
    ours = (one for one in bases if one.panel == "error" or one.mode == mode)
    return tuple(one.script.shots[0].id for one in ours)
