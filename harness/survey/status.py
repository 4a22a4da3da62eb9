"""Concludes the support status of a field from the readings that hold. A pure function.

A status is given only for what was observed. A field that is accepted without an effect that
answers can show is not "ignored": what reaches the model is visible with --upstream only.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Final, Literal

from harness.model import GRADES, Grade, Mode
from harness.report.fields import mode_outcome
from harness.report.text import compact_json, one_line
from harness.survey.fields import IN_REQUESTS, Field, Reading
from harness.survey.kinds import Kind, Status
from harness.survey.readings import (
    POSITIVE,
    Facts,
    behaviour,
    comparisons,
    compatible,
    described,
    effect_is_visible,
    failed_share,
    grade,
    holds,
    in_mode,
    names,
    outcome,
    rank,
    refused_where_visible,
    refuses_invalid,
    shows_effect,
)
from harness.survey.refusals import refused_status

NO_EFFECT: Final = ("ignored", "stripped")
UNSEEN: Final[Mapping[str, str]] = {
    "clamped": "Accepted, also beyond {}; whether values are capped is not visible",
    "ignored": "Accepted; no effect is visible",
}
STATUS: Final[Mapping[str, tuple[Kind, str]]] = {
    "supported": ("supported", "Fully supported"),
    "honoured_or_refused": ("supported", "Fully supported"),
    "present": ("supported", "Fully supported"),
    "limited": ("supported", "Fully supported"),
    "always": ("supported", "Fully supported"),
    "always_empty": ("always_empty", "Always empty"),
    "hoisted": ("hoisted", "Fully supported but hoisted"),
    "stripped": ("ignored", "Ignored"),
    "ignored": ("ignored", "Ignored"),
    "exactly": ("exactly", "Must be exactly {}"),
    "clamped": ("clamped", "Values beyond {} are capped"),
    "rejected": ("supported", "Wrong values and requests are refused"),
    "required": ("supported", "Required"),
}
# The tag of the shots whose values a status names, and the text between the values.
VALUES_OF: Final = {"clamped": ("in", " to "), "exactly": ("value", ", ")}
KNOWN_MODELS: Final = "Supported; the names of unknown models are refused"
SHAPE: Final = GRADES.index("shape")
DIFFERENTIAL: Final = GRADES.index("differential")


def field_status(field: Field, mode: Mode, facts: Facts) -> Status | None:
    """Return the status of a field in a mode, or None if nothing about it is sent in that mode."""
    tried = [one for one in (in_mode(each, mode) for each in field.readings) if one.cases]
    if not tried:
        return None
    tried = compatible(tried)
    decided = [one for one in tried if outcome(one, mode) != "inconclusive"]
    if not decided:
        cases = [case for one in tried for case in one.cases]
        reason = next((case["reason"] for case in cases if case["reason"]), "no case was decided")
        return Status("unknown", f"Unknown: {one_line(reason, 160)}", "none", names(cases))
    in_requests, is_model = field.row.location in IN_REQUESTS, field.row.path == "model"
    if in_requests and not is_model and (refusal := refused_status(decided, mode, facts)):
        return refusal
    holding = [one for one in decided if holds(one, mode)]
    if holding:
        best = min(holding, key=lambda one: rank(one, mode))
        status = holding_status(best, decided, mode, facts)
        shown = in_requests and is_model and any(refuses_invalid(one, mode) for one in holding)
        return replace(status, kind="supported", text=KNOWN_MODELS) if shown else status
    worst = min(decided, key=lambda one: (behaviour(one) not in POSITIVE, failed_share(one, mode)))
    return failing_status(worst, mode, facts)


def holding_status(
    reading: Reading, readings: Sequence[Reading], mode: Mode, facts: Facts
) -> Status:
    """Return the status of a field that is treated as the reading says."""
    main, strength = behaviour(reading), grade(reading, mode)
    kind, text = STATUS[main]
    if main in POSITIVE and refused_where_visible(reading, mode):
        kind, text = "refused_by_name", "Refused by name where it would have an effect"
    elif unseen := unseen_status(main, strength, effect_is_visible(readings, mode)):
        kind, text = unseen
    if main in VALUES_OF:
        text = text.format(sent_values(reading, mode, *VALUES_OF[main]))
    if main in POSITIVE and refuses_invalid(reading, mode):
        text = f"{text}; invalid values are refused"
    if warned := [case for case in reading.cases if mode_outcome([case], mode) == "warn"]:
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
    if main == "ignored":
        return None if visible else ("accepted", UNSEEN["ignored"])
    weak = GRADES.index(strength) < SHAPE
    return ("accepted", UNSEEN["ignored"]) if main in POSITIVE and weak else None


def sent_values(reading: Reading, mode: Mode, tag: str, joint: str) -> str:
    """Return the values that the shots with a tag have, each once."""
    shots = (shot for case in reading.cases for shot in case["shots"] if shot["mode"] == mode)
    values = (compact_json(shot["value"]) for shot in shots if shot["tag"] == tag)
    return joint.join(dict.fromkeys(values))


def failing_status(reading: Reading, mode: Mode, facts: Facts) -> Status:
    """Return the status of a field that no reading describes: what is different about it."""
    outcomes = [mode_outcome([case], mode) for case in reading.cases]
    gravest: Literal["fail", "warn"] = "fail" if "fail" in outcomes else "warn"
    judged = zip(reading.cases, outcomes, strict=True)
    failed = [case for case, own in judged if own == gravest]
    text = one_line(described(gravest, failed, mode), 160)
    strength = max((case["evidence"] for case in failed), key=GRADES.index)
    main = behaviour(reading)
    working = [c for c in reading.cases if c not in failed and shows_effect(c, mode)]
    if main in POSITIVE and not working:
        compared = comparisons(failed, mode, facts)
        if compared == {"same"}:
            return Status("ignored", f"Ignored: {text}", strength, names(failed))
        if compared and compared <= {"same", "varies"}:
            return Status("ignored", f"Without its effect: {text}", strength, names(failed))
    if main in POSITIVE and working:
        return Status("altered", f"Partly supported: {text}", strength, names(failed))
    if main == "always_empty":
        return Status("supported", f"Returned: {text}", strength, names(failed))
    if main in NO_EFFECT and not text.startswith("has an effect"):
        return Status("altered", f"Partly accepted: {text}", strength, names(failed))
    text = f"{text[:1].upper()}{text[1:]}" if main in NO_EFFECT else f"Differs: {text}"
    return Status("altered", text, strength, names(failed))
