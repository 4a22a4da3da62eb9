"""The evidence of a row: the promises that are not met, and the requests with what came back."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import TypedDict

from harness.model import Mode
from harness.report.findings import describe_row
from harness.report.text import compact_json, one_line
from harness.survey.fields import Field
from harness.survey.shot_facts import ShotFacts


class UnmetPromise(TypedDict):
    """A promise of a document that decides the status of a row, and what was observed instead."""

    case: str
    promise: str
    observed: str


class SurveyShot(TypedDict):
    """One request of a row, and what came back."""

    id: str
    mode: Mode
    sent: str
    status: int | None
    error: str
    unchanged: bool


def unmet_promises(field: Field, deciding: Collection[str]) -> list[UnmetPromise]:
    """Return the promises that are not met, of the cases that decide a row."""
    cases = {f"{c['pack']}/{c['id']}": c for one in field.readings for c in one.cases}
    return [
        {
            "case": name,
            "promise": one_line(case["why"], 200),
            "observed": one_line(describe_row(case["outcome"], [case]), 160),
        }
        for name, case in cases.items()
        if name in deciding and case["outcome"] in ("fail", "warn")
    ]


def shots_of(field: Field, facts: Mapping[str, ShotFacts]) -> list[SurveyShot]:
    """Return what was sent for a row and what came back, without controls."""
    shots = (s for one in field.readings for case in one.cases for s in case["shots"])
    made: dict[str, SurveyShot] = {
        shot["id"]: {
            "id": shot["id"],
            "mode": shot["mode"],
            "sent": "" if shot["value"] is None else compact_json(shot["value"], 80),
            "status": facts[shot["id"]].status,
            "error": one_line(facts[shot["id"]].error, 160),
            "unchanged": facts[shot["id"]].compared == "same",
        }
        for shot in shots
        if shot["id"] in facts
    }
    return [*made.values()]
