"""Concludes the support status of a field from the readings that hold. A pure function.

A status is given only for what was observed. A field that is accepted without an effect that
answers can show is not "ignored": what reaches the model is visible with --upstream only. Whether
a promise is a must or a recommendation makes no difference.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Final

from harness.model import Grade, Mode
from harness.report.case_types import CaseData
from harness.report.fields import mode_outcome
from harness.report.text import compact_json, one_line
from harness.survey.differences import (
    empty_status,
    failing_status,
    other_treatment,
    silent_status,
)
from harness.survey.failures import Facts, described
from harness.survey.fields import IN_REQUESTS, Field, Reading
from harness.survey.kinds import Kind, Status
from harness.survey.losses import lost_status
from harness.survey.readings import (
    POSITIVE,
    behaviour,
    compatible,
    decided_part,
    effect_is_visible,
    failed_share,
    grade,
    has_no_effect,
    holds,
    in_mode,
    is_particular,
    is_weak,
    names,
    outcome,
    rank,
    refused_where_visible,
    split,
)
from harness.survey.refusals import refused_status
from harness.survey.unknowns import undecided_status
from harness.survey.wrong_values import status_of_refusals, with_wrong_values

UNSEEN: Final[Mapping[str, str]] = {
    "clamped": "Accepted, also beyond {}; whether values are capped is not visible",
    "ignored": "Accepted; no effect is visible",
    "answer": "Nothing contrary was seen; no effect is visible",
}
STATUS: Final[Mapping[str, tuple[Kind, str]]] = {
    "supported": ("supported", "Fully supported"),
    "honoured_or_refused": ("supported", "Fully supported"),
    "present": ("supported", "Fully supported"),
    "limited": ("supported", "Fully supported"),
    "echoed": ("supported", "Fully supported"),
    "stateful": ("supported", "Fully supported"),
    "always": ("supported", "Fully supported"),
    "always_empty": ("always_empty", "Always empty"),
    "hoisted": ("hoisted", "Fully supported but hoisted"),
    "stripped": ("ignored", "Ignored"),
    "ignored": ("ignored", "Ignored"),
    "exactly": ("exactly", "Must be exactly {}"),
    "clamped": ("clamped", "Values beyond {} are capped"),
}
# Headers that enable what their cases do not use: only the provider shows if they are passed on.
ONLY_FORWARDED: Final = ("anthropic-beta",)
# The tag of the shots whose values a status names, and the text between the values.
VALUES_OF: Final = {"clamped": ("in", " to "), "exactly": ("value", ", ")}


def field_status(field: Field, mode: Mode, facts: Facts) -> Status | None:
    """Return the status of a field in a mode, or None if nothing about it is sent in that mode."""
    tried = [one for one in (in_mode(each, mode) for each in field.readings) if one.cases]
    if not tried:
        return None
    decided = [one for one in compatible(tried) if outcome(one, mode) != "inconclusive"]
    if not decided:
        return undecided_status(tried)
    in_requests = field.row.location in IN_REQUESTS
    refusal = refused_status(field.row, decided, mode, facts) if in_requests else None
    if refusal and not field.in_every_request:
        return refusal
    showing, negative = zip(*map(split, decided), strict=True)
    judged = [one for one in (decided_part(each, mode) for each in showing) if one.cases]
    wrong = [case for one in negative for case in decided_part(one, mode).cases]
    status = shown_status(judged, in_requests, mode, facts) if judged else None
    if field.in_every_request and wrong and (status is None or status.kind == "accepted"):
        return status_of_refusals(field, wrong, mode)
    if status:
        if field.row.path in ONLY_FORWARDED and status.grade != "upstream":
            status = without_effect(status)
        return with_wrong_values(status, wrong, mode)
    if undecided := [one for one in showing if one.cases]:
        return with_wrong_values(undecided_status(undecided), wrong, mode)
    return status_of_refusals(field, wrong, mode)


def without_effect(status: Status) -> Status:
    """Return the status of a header with which requests are answered as they are without it."""
    if status.kind != "supported":
        return status
    text = status.text.replace(STATUS["supported"][1], UNSEEN["answer"])
    return replace(status, kind="accepted", text=text, grade="accepted")


def shown_status(
    readings: Sequence[Reading], in_requests: bool, mode: Mode, facts: Facts
) -> Status:
    """Return the status of a field by the readings that state what it does."""
    holding = [one for one in readings if holds(one, mode)]
    if not holding and (nothing := empty_status(readings, mode) or silent_status(readings, mode)):
        return nothing
    if not holding:
        worst = min(readings, key=lambda one: contrary(one, mode))
        return failing_status(worst, in_requests, mode, facts)
    particular = [one for one in holding if is_particular(one)]
    best = min(particular or holding, key=lambda one: rank(one, mode))
    if is_weak(grade(best, mode)):
        if treatment := other_treatment(readings, mode):
            return treatment
        if lost := lost_status(best.cases, best.rows[0].path, mode):
            return lost
        if lacking := lacking_cases(best, in_requests, mode):
            return failing_status(replace(best, cases=lacking), in_requests, mode, facts)
    return holding_status(best, readings, in_requests, mode)


def lacking_cases(reading: Reading, in_requests: bool, mode: Mode) -> tuple[CaseData, ...]:
    """Return the cases whose recommendation is not met, so that no case shows the field."""
    warned = (case for case in reading.cases if mode_outcome([case], mode) == "warn")
    return tuple(case for case in warned if not in_requests or has_no_effect(case, mode))


def contrary(reading: Reading, mode: Mode) -> tuple[bool, float]:
    """Return the order of readings that do not hold: the one to describe comes first."""
    return behaviour(reading) not in POSITIVE, failed_share(reading, mode)


def holding_status(
    reading: Reading, readings: Sequence[Reading], in_requests: bool, mode: Mode
) -> Status:
    """Return the status of a field that is treated as the reading states."""
    main, strength = behaviour(reading), grade(reading, mode)
    kind, text = STATUS[main]
    if main in POSITIVE and refused_where_visible(reading, mode):
        kind, text = "refused_by_name", "Refused by name where it would have an effect"
    elif unseen := unseen_status(main, strength, effect_is_visible(readings, mode)):
        kind, text = unseen
        text = text if in_requests or main == "clamped" else UNSEEN["answer"]
    warned = [case for case in reading.cases if mode_outcome([case], mode) == "warn"]
    if main == "exactly" and warned:
        kind, text = "ignored", "Ignored: other values are treated as {}"
    if main in VALUES_OF:
        text = text.format(sent_values(reading, mode, *VALUES_OF[main]))
    if warned and main != "exactly":
        text = f"{text}; differs: {one_line(described('warn', warned, mode), 120)}"
    return Status(kind, text, strength, names(reading.cases))


def unseen_status(main: str, strength: Grade, visible: bool) -> tuple[Kind, str] | None:
    """Return the status of a field whose treatment the evidence does not show, else None.

    Args:
        main: The behaviour that holds.
        strength: The evidence for it.
        visible: Whether answers would show an effect if the field had one.
    """
    if strength == "upstream":
        return None
    if main == "hoisted":
        return STATUS["supported"]
    if main == "clamped":
        return "accepted", UNSEEN["clamped"]
    if main == "stripped" and is_weak(strength):
        return "accepted", UNSEEN["ignored"]
    if main == "ignored":
        return None if visible else ("accepted", UNSEEN["ignored"])
    return ("accepted", UNSEEN["ignored"]) if main in POSITIVE and is_weak(strength) else None


def sent_values(reading: Reading, mode: Mode, tag: str, joint: str) -> str:
    """Return the values that the shots with a tag have, each once."""
    shots = (shot for case in reading.cases for shot in case["shots"] if shot["mode"] == mode)
    values = (compact_json(shot["value"]) for shot in shots if shot["tag"] == tag)
    return joint.join(dict.fromkeys(values))
