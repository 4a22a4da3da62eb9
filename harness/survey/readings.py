"""Properties of readings in one mode: which one holds, with which evidence, and what fails."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Final

from harness.model import GRADES, Grade, Mode, max_grade
from harness.report.case_types import CaseData
from harness.report.credit import NEGATIVE
from harness.report.fields import is_judged, mode_outcome
from harness.survey.failures import failed_in, has_effect
from harness.survey.fields import IN_REQUESTS, Reading
from harness.survey.row_cases import gravest

# Behaviours of cases, the most specific first: the one that a reading is about.
MAIN: Final = (
    *("clamped", "exactly", "hoisted", "stripped", "always_empty", "always", "ignored"),
    *("honoured_or_refused", "supported", "stateful", "echoed", "present"),
    *("limited", *NEGATIVE),
)
POSITIVE: Final = ("supported", "honoured_or_refused")
WORKING: Final = (*POSITIVE, "stateful", "echoed", "present", "always", "limited")
NO_EFFECT: Final = ("ignored", "stripped")
SHAPE: Final = GRADES.index("shape")


def compatible(readings: Iterable[Reading]) -> list[Reading]:
    """Return the readings; those of a field that works are one, since all must hold."""
    working, others = list[Reading](), list[Reading]()
    for reading in readings:
        (working if behaviour(reading) in WORKING else others).append(reading)
    if len(working) < 2:
        return [*working, *others]
    rows = tuple(row for reading in working for row in reading.rows)
    cases = tuple(case for reading in working for case in reading.cases)
    return [Reading(working[0].pack, rows, cases), *others]


def in_mode(reading: Reading, mode: Mode) -> Reading:
    """Return the reading with the cases that send something in the mode, or could not."""
    kept = [c for c in reading.cases if mode_outcome([c], mode) or c["outcome"] == "inconclusive"]
    return replace(reading, cases=tuple(kept))


def decided_part(reading: Reading, mode: Mode) -> Reading:
    """Return the reading with the cases that are decided in the mode."""
    undecided = (None, "inconclusive")
    cases = tuple(c for c in reading.cases if mode_outcome([c], mode) not in undecided)
    return replace(reading, cases=cases)


def split(reading: Reading) -> tuple[Reading, Reading]:
    """Return a reading with the cases that show what a field does, and one with the others.

    The others are about refused values, and show nothing about the values that are not refused.
    """
    negative = tuple(case for case in reading.cases if case["behaviour"] in NEGATIVE)
    rest = tuple(case for case in reading.cases if case["behaviour"] not in NEGATIVE)
    return replace(reading, cases=rest), replace(reading, cases=negative)


def outcome(reading: Reading, mode: Mode) -> str:
    """Return the gravest outcome of the decided cases; one undecided case decides nothing."""
    return gravest({mode_outcome([case], mode) for case in reading.cases})


def behaviour(reading: Reading) -> str:
    """Return the most specific behaviour of the cases that are about the field in particular."""
    return min((case["behaviour"] for case in own_cases(reading)), key=MAIN.index)


def own_cases(reading: Reading) -> tuple[CaseData, ...]:
    """Return the cases that are about the field in particular; all if none is."""
    rows = {row.id for row in reading.rows}
    return tuple(case for case in reading.cases if case["row"] in rows) or reading.cases


def is_particular(reading: Reading) -> bool:
    """Whether a case is about the field in particular, and does not only send it as well."""
    rows = {row.id for row in reading.rows}
    return any(case["row"] in rows for case in reading.cases)


def holds(reading: Reading, mode: Mode) -> bool:
    """Whether the target does what the reading states. An ignored field must have no effect."""
    return outcome(reading, mode) in ("pass", "warn") and not has_effect(reading.cases, mode)


def rank(reading: Reading, mode: Mode) -> tuple[bool, int, int]:
    """Return the order of readings that hold.

    One with a warning comes last; then strong evidence and a specific behaviour come first.
    """
    warned = outcome(reading, mode) == "warn"
    return warned, -GRADES.index(grade(reading, mode)), MAIN.index(behaviour(reading))


def grade(reading: Reading, mode: Mode) -> Grade:
    """Return the best evidence of the cases that show the reading's own behaviour."""
    main = behaviour(reading)
    in_requests = reading.rows[0].location in IN_REQUESTS
    # A case of another row sends the field as well; what it shows is that row's.
    grades = [
        case_grade(case, mode)
        for case in (own_cases(reading) if in_requests else reading.cases)
        if (case["behaviour"] == main or (main in POSITIVE and case["behaviour"] in POSITIVE))
        and mode_outcome([case], mode) in ("pass", "warn")
    ]
    return max_grade(grades)


def case_grade(case: CaseData, mode: Mode) -> Grade:
    """Return the evidence of a case in a mode; that of a case which fails in the other one too."""
    if case["outcome"] == mode_outcome([case], mode):
        return case["evidence"]
    shots = [s for s in case["shots"] if s["mode"] == mode and not s["control"] and is_judged(s)]
    return max_grade(shot["evidence"] for shot in shots)


def is_weak(strength: Grade) -> bool:
    """Whether the evidence shows no more than that the request was accepted."""
    return GRADES.index(strength) < SHAPE


def names(cases: Iterable[CaseData]) -> tuple[str, ...]:
    return tuple(f"{case['pack']}/{case['id']}" for case in cases)


def refused_where_visible(reading: Reading, mode: Mode) -> bool:
    """Whether each case that would show an effect was refused, which its document permits."""
    cases = [case for case in reading.cases if case["behaviour"] == "honoured_or_refused"]
    decided = [case for case in cases if mode_outcome([case], mode) in ("pass", "warn")]
    others = grade(reading, mode) not in ("none", "accepted")
    return not others and bool(decided) and all(c.get("refused") == "all" for c in decided)


def failed_share(reading: Reading, mode: Mode) -> float:
    failed = [case for case in reading.cases if mode_outcome([case], mode) == "fail"]
    return len(failed) / len(reading.cases)


def effect_is_visible(readings: Iterable[Reading], mode: Mode) -> bool:
    """Whether another reading requires an effect, which the answers do not have."""
    return any(
        case["behaviour"] in POSITIVE and has_no_effect(case, mode)
        for one in readings
        for case in one.cases
    )


def has_no_effect(case: CaseData, mode: Mode) -> bool:
    """Whether a case was answered, and an assertion on the answer fails."""
    failed = [f for f in failed_in([case], mode) if f["grade"] in ("effect", "differential")]
    return mode_outcome([case], mode) in ("fail", "warn") and bool(failed)


def shows_effect(case: CaseData, mode: Mode) -> bool:
    strong = GRADES.index(case_grade(case, mode)) > SHAPE
    return case["behaviour"] in POSITIVE and strong and mode_outcome([case], mode) == "pass"
