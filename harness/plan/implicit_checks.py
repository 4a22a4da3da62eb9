"""Assertions that every shot gets: a status and, on the chat path, the answer's schema.

Violations that the base answers have too are reported by the cases that assert the whole answer
schema, and excused in all others. On controls and sample answers the schema is only recorded
(level may), since their violations belong to other rows. The same holds for conversations over two
protocols: how each answer is written belongs to the pack of its protocol.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Literal

from harness.language.checks import BY_ID
from harness.language.checks.status import may_be_error
from harness.model import LEVELS, Case, Json, Level, Mode, PlannedAssertion, Script, Shot
from harness.model.protocol import PROTOCOLS

ANSWERS = {protocol.answer for protocol in PROTOCOLS.values()}
PREREQUISITE = "prerequisite"  # the rule of a status that a case needs and is not about
ERRORS = {protocol.error for protocol in PROTOCOLS.values()}


def implicit_assertions(
    case: Case,
    scripts: Sequence[Script],
    bases: Sequence[Script],
    explicit: Sequence[PlannedAssertion],
) -> Iterator[PlannedAssertion]:
    """Yield what is not asserted explicitly. Violations of the bases excuse those of the case."""
    needed = levels_of_controls(explicit)
    with_status = {shot for a in explicit if a.check == "status" for shot in a.shots}
    asserts_schema = any(a.check == "schema" and a.args in ANSWERS for a in explicit)
    errors = {shot for a in explicit if asserts_error(a) for shot in a.shots}
    for script in scripts:
        control = script.shared and not script.panel_entry
        for shot in script.shots:
            if control:
                level = needed.get(script.shots[-1].id, "may")
                yield implicit(case, shot, "status", PREREQUISITE, "control", level)
            elif shot.id not in with_status:
                yield implicit(case, shot, "status", *expected_status(script, shot))
            protocol = PROTOCOLS[shot.call.protocol]
            is_chat = shot.call.method == "POST" and protocol.is_chat(shot.call.path)
            if is_chat and shot.id not in errors:
                schemas: Json = {"answer": protocol.answer, "error": protocol.error}
                schemas |= exceptions(case, [a for a in explicit if shot.id in a.shots])
                is_reported = script.shared or (asserts_schema and has_usual_path(shot))
                excuses = () if is_reported else base_shots(script.mode, bases)
                yield implicit(case, shot, "shape", "schema", schemas, shape_level(script), excuses)


def shape_level(script: Script) -> Level:
    protocols = {shot.call.protocol for shot in script.shots}
    return "may" if script.shared or len(protocols) > 1 else "must"


def has_usual_path(shot: Shot) -> bool:
    """Return whether the path is the protocol's, without a query such as `?beta=true`.

    A case that sends a query is about the query, and not about the whole answer.
    """
    return shot.call.path == PROTOCOLS[shot.call.protocol].path


def implicit(
    case: Case,
    shot: Shot,
    check: Literal["status", "shape"],
    rule: str,
    args: Json,
    level: Level,
    against: tuple[str, ...] = (),
) -> PlannedAssertion:
    grade, shots, place = BY_ID[check].grade, (shot.id,), case.place
    return PlannedAssertion(rule, check, args, level, grade, shots, against, place, stage=check)


def expected_status(script: Script, shot: Shot) -> tuple[str, str, Level]:
    """Return the rule, the status and its level. Without the plain sample there is no panel.

    A sample answer and an earlier step are needed, but they are not what the case is about.
    """
    needed_only = script.panel_entry or shot is not script.shots[-1]
    rule = PREREQUISITE if needed_only else "status"
    if script.panel_entry == "error":
        return rule, "refused", "must"
    return rule, "ok", "must" if script.panel_entry in ("", "plain") else "may"


def exceptions(case: Case, explicit: Iterable[PlannedAssertion]) -> dict[str, Json]:
    """Return what a shot leaves to others, such as the form of errors in cases about fields."""
    if any(a.check == "error_signalled_by" for a in explicit):
        return {"fails": True}
    may_fail = any(a.check == "status" and may_be_error(a.args) for a in explicit)
    lenient: dict[str, Json] = {} if is_about_errors(case) else {"error_level": "should"}
    return {**lenient, "may_fail": True} if may_fail else lenient


def is_about_errors(case: Case) -> bool:
    """Return whether a row of the case is about errors."""
    return any("error" in row for row in (case.row, *case.also))


def asserts_error(assertion: PlannedAssertion) -> bool:
    """Return whether the case asserts the error schema itself, so that it is not added.

    A `should` that the case writes out counts; a behaviour's must that `level` lowered does not.
    """
    is_error = assertion.check == "schema" and assertion.args in ERRORS
    return is_error and (assertion.level == "must" or assertion.rule.startswith("schema "))


def levels_of_controls(explicit: Iterable[PlannedAssertion]) -> dict[str, Level]:
    """Return for each control the level of the strongest assertion that depends on it.

    An alternative does not depend on its control: the judge decides whether it holds without.
    """
    needed: dict[str, Level] = {}
    for assertion in explicit:
        assumes = assertion.stage == "assume"
        level: Level = "must" if assumes else "may" if assertion.parts else assertion.level
        assumed = assertion.shots if assumes else ()
        for shot in (*assertion.against, *assumed):
            needed[shot] = min(needed.get(shot, level), level, key=LEVELS.index)
    return needed


def base_shots(mode: Mode, bases: Iterable[Script]) -> tuple[str, ...]:
    """Return the base answers of a mode, and the pack's error answer."""
    return tuple(b.shots[0].id for b in bases if b.panel_entry == "error" or b.mode == mode)
