"""The status of a field that no reading describes: what is different about it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final, Literal

from harness.model import Mode, max_grade
from harness.report.case_types import CaseData, FindingData
from harness.report.fields import mode_outcome
from harness.report.findings import describe_finding
from harness.report.text import one_line
from harness.survey.failures import ABSENT, Facts, comparisons, described, failed_in, has_effect
from harness.survey.fields import Reading
from harness.survey.kinds import Kind, Status
from harness.survey.losses import loss
from harness.survey.readings import (
    NO_EFFECT,
    POSITIVE,
    behaviour,
    case_grade,
    names,
    own_cases,
    shows_effect,
)
from harness.survey.shot_facts import Comparison

COUNT: Final = re.compile("(prompt|input)_tokens")


def failing_status(reading: Reading, in_requests: bool, mode: Mode, facts: Facts) -> Status:
    """Return the status of a field that no reading describes."""
    if behaviour(reading) in NO_EFFECT and (treatment := other_treatment([reading], mode)):
        return treatment
    outcomes = [mode_outcome([case], mode) for case in reading.cases]
    gravest: Literal["fail", "warn"] = "fail" if "fail" in outcomes else "warn"
    judged = zip(reading.cases, outcomes, strict=True)
    failed = [case for case, own in judged if own == gravest]
    text = one_line(described(gravest, failed, mode), 160)
    if lost := loss(reading, failed, text, mode):
        kind, status = lost
    elif in_requests:
        works = any(shows_effect(c, mode) for c in reading.cases if c not in failed)
        compared = comparisons(failed, mode, facts) | without_trace(failed, mode)
        kind, status = difference_of_request(behaviour(reading), works, text, compared)
    else:
        kind, status = difference_of_answer(reading, failed, text, mode)
    strength = max_grade(case_grade(case, mode) for case in failed)
    return Status(kind, status, strength, names(failed))


def difference_of_request(
    main: str, works: bool, text: str, compared: set[Comparison]
) -> tuple[Kind, str]:
    """Return kind and text of a status.

    Args:
        main: The behaviour that does not hold.
        works: Whether other cases show the documented effect.
        text: What was observed.
        compared: How the answers compare with those without the field.
    """
    if main in NO_EFFECT:
        changed = text.startswith("has an effect")
        return "altered", f"{text[:1].upper()}{text[1:]}" if changed else f"Not ignored: {text}"
    if main in POSITIVE and works:
        return "altered", f"Partly supported: {text}"
    if main in POSITIVE and compared == {"same"}:
        return "ignored", f"Ignored: {text}"
    if main in POSITIVE and ("varies" in compared) and compared <= {"same", "varies", ""}:
        return "ignored", f"Without its effect: {text}"
    return "altered", f"Differs: {text}"


def without_trace(cases: Sequence[CaseData], mode: Mode) -> set[Comparison]:
    """Return "varies" if all that fails is an effect of which answers have no trace.

    It is absent, or the prompt does not even have more tokens with the field.
    """
    failed = [*failed_in(cases, mode)]
    traceless = all(
        each["got"].startswith(ABSENT) or COUNT.search(f"{each['at']} {each['got']}")
        for each in failed
    )
    return {"varies"} if failed and traceless else set()


def difference_of_answer(
    reading: Reading, failed: Sequence[CaseData], text: str, mode: Mode
) -> tuple[Kind, str]:
    """Return kind and text of the status of a part of answers, or of a header."""
    if behaviour(reading) == "always_empty":
        return "supported", f"Returned: {text}"
    others = [case for case in own_cases(reading) if case not in failed]
    works = any(shows_effect(case, mode) for case in others)
    if are_absent(failed, mode) and (not works or is_never_there(failed, mode)):
        return "always_empty", f"Missing: {text.removesuffix(' is missing')}"
    if works:
        return "altered", f"Partly supported: {text}"
    return "altered", f"Differs: {text}"


def are_absent(cases: Sequence[CaseData], mode: Mode) -> bool:
    """Whether all that fails is that a header or a member of answers is missing."""
    got = [
        part.partition(": ")[2] if part.startswith("$") else part
        for each in failed_in(cases, mode)
        for part in each["got"].split("; ")
    ]
    return bool(got) and all(each.startswith(ABSENT) for each in got)


def is_never_there(cases: Sequence[CaseData], mode: Mode) -> bool:
    """Whether a part that every answer should have is in none.

    A case about the form of the part, which passes where the part is absent, shows nothing then.
    """
    every = [case for case in cases if case["behaviour"] in ("present", "always")]
    shots = [shot for case in every for shot in case["shots"] if shot["mode"] == mode]
    return bool(shots) and not any(shot["outcome"] == "pass" for shot in shots)


def other_treatment(readings: Sequence[Reading], mode: Mode) -> Status | None:
    """Return the status by a reading that does not hold, and thereby shows what the field does.

    A field that is not ignored reaches the provider; one that is not always empty is returned.
    """
    for reading in readings:
        main = behaviour(reading)
        if main == "always_empty" and (failed := finding(reading, mode, "always_empty")):
            text = f"Returned: {one_line(describe_finding(failed), 120)}"
            return Status("supported", text, "effect", names(reading.cases))
        if main in NO_EFFECT and (failed := finding(reading, mode, "ignored.forwarded")):
            text = f"Changes what reaches the provider: {one_line(describe_finding(failed), 120)}"
            return Status("supported", text, "upstream", names(reading.cases))
    return silent_status(readings, mode)


def silent_status(readings: Sequence[Reading], mode: Mode) -> Status | None:
    """Return the status of a field that the provider does not get, as one document states."""
    for reading in readings:
        silent = [case for case in reading.cases if case["behaviour"] in NO_EFFECT]
        if silent and all(is_seen_without_effect(case, mode) for case in silent):
            return Status("ignored", "Ignored", "upstream", names(silent))
    return None


def empty_status(readings: Sequence[Reading], mode: Mode) -> Status | None:
    """Return the status of a part of answers that is always empty, whatever else differs."""
    for reading in readings:
        empty = [case for case in reading.cases if case["behaviour"] == "always_empty"]
        if empty and all(mode_outcome([case], mode) == "pass" for case in empty):
            return Status("always_empty", "Always empty", "effect", names(empty))
    return None


def is_seen_without_effect(case: CaseData, mode: Mode) -> bool:
    at_provider = case_grade(case, mode) == "upstream"
    held = mode_outcome([case], mode) in ("pass", "warn")
    return at_provider and held and not has_effect([case], mode)


def finding(reading: Reading, mode: Mode, rule: str) -> FindingData | None:
    """Return a failed finding about a value that a caller may send, or None."""
    legal = {s["id"] for c in reading.cases for s in c["shots"] if s["tag"] != "wrong"}
    failed = (f for f in failed_in(reading.cases, mode) if f["shot"] in legal)
    return next((f for f in failed if f["rule"] == rule), None)
