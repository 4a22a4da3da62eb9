"""Types of the data of a case in report.json: its shots and its findings."""

from __future__ import annotations

from typing import Literal, NotRequired, TypedDict

from harness.model import Cause, Grade, Json, Level, Mode, Outcome

TierName = Literal["core", "extended", "opt-in"]


class SourceData(TypedDict):
    """A document, or a section of it, that a promise comes from."""

    name: str
    title: str
    url: str


class CaseIdentity(TypedDict):
    """What identifies a case, and the feature that it belongs to."""

    id: str
    pack: str
    row: str
    also: list[str]
    feature: str
    tier: TierName


class UnselectedData(CaseIdentity):
    """A case that was not sent."""

    reason: str


class ShotData(TypedDict):
    """A request of a case, and its outcome."""

    id: str
    step: str
    mode: Mode
    tag: str
    value: Json
    outcome: Outcome
    evidence: Grade
    seconds: float
    repeat: NotRequired[int]
    control: bool
    status: int | None


class FindingData(TypedDict):
    """The result of one assertion on one shot."""

    rule: str
    level: Level
    holds: bool
    grade: Grade
    shot: str
    demanded: str
    at: str
    expected: str
    got: str


class ClaimData(TypedDict):
    """A deviation that the target declares for the row of a case."""

    declared: str
    behaviour: str
    because: str


class ExcuseData(TypedDict):
    """An entry of the baseline that covers a failed rule of a case."""

    rule: str
    reason: str
    issue: str
    until: str


class KnownData(TypedDict):
    """The baseline's entries for a case."""

    whole: bool
    by: list[ExcuseData]


class CaseData(CaseIdentity):
    """A case that was judged."""

    behaviour: str
    level: Level
    title: str
    declared: str
    why: str
    source: list[SourceData]
    place: str
    outcome: Outcome
    evidence: Grade
    cause: NotRequired[Cause]
    repeats: NotRequired[dict[str, int]]
    reason: str
    seconds: float
    claim: NotRequired[ClaimData]
    shots: list[ShotData]
    findings: list[FindingData]
    known: NotRequired[KnownData]
