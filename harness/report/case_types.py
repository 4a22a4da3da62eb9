"""Types of the data of a case in report.json: its shots and its findings.

schemas/report.schema.json describes each type and key.
"""

from __future__ import annotations

from typing import Literal, NotRequired, TypedDict

from harness.model import Cause, Grade, Json, Level, Mode, Outcome, Signal

TierName = Literal["core", "extended", "opt-in"]


class SourceData(TypedDict):
    name: str
    title: str
    url: str


class CaseIdentity(TypedDict):
    id: str
    pack: str
    row: str
    also: list[str]
    feature: str
    tier: TierName


class UnselectedData(CaseIdentity):
    """A case that was not sent."""

    reason: str


class ErrorData(TypedDict):
    """An error in the server's own words; `provider` is what the provider behind it answered."""

    type: str
    message: str
    provider: str


class ShotData(TypedDict):
    """A request of a case; `control` if others are compared with it and it is not judged."""

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
    refused: NotRequired[Literal[True]]
    error: NotRequired[ErrorData]


class FindingData(TypedDict):
    """The result of one assertion on one request."""

    rule: str
    level: Level
    holds: bool
    grade: Grade
    shot: str
    demanded: str
    at: str
    expected: str
    got: str
    depends_on_model: NotRequired[Literal[True]]
    others: NotRequired[list[str]]


class BlockerData(TypedDict):
    """A failure that prevents a case; `case` is the one that examines it, or empty."""

    rule: str
    got: str
    case: str


class ReportedData(TypedDict):
    """A case, PACK/ID, that reports what prevents another one, and the rule that fails there."""

    case: str
    rule: str


class ClaimData(TypedDict):
    declared: str
    behaviour: str
    because: str


class ExcuseData(TypedDict):
    rule: str
    reason: str
    issue: str
    until: str


class KnownData(TypedDict):
    whole: bool
    by: list[ExcuseData]


class CaseData(CaseIdentity):
    """A case that was judged."""

    behaviour: str
    level: Level
    title: str
    declared: str
    why: str
    if_failed: NotRequired[str]
    hint: NotRequired[str]
    source: list[SourceData]
    place: str
    outcome: Outcome
    evidence: Grade
    cause: NotRequired[Cause]
    observes: NotRequired[list[Signal]]
    blocking: NotRequired[list[BlockerData]]
    blocked_by: NotRequired[list[ReportedData]]
    refused: NotRequired[Literal["some", "all"]]
    repeats: NotRequired[dict[str, int]]
    reason: str
    seconds: float
    claim: NotRequired[ClaimData]
    shots: list[ShotData]
    findings: list[FindingData]
    known: NotRequired[KnownData]
