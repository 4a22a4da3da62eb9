"""Types of the faults in report.json; schemas/report.schema.json describes each type and key."""

from __future__ import annotations

from typing import Literal, NotRequired, TypedDict

from harness.report.case_types import SourceData

FaultKind = Literal[
    "transport",
    "status",
    "stream",
    "http",
    "schema",
    "header",
    "answer",
    "field",
    "forwarded",
    "claim",
]


class ConsequenceData(TypedDict):
    """A consequence of a fault: a rule that fails in the same answers."""

    rule: str
    at: str
    count: int


class FaultData(TypedDict):
    """One cause of failed findings. The sentences are plain text with code in backticks."""

    id: str
    level: Literal["must", "should"]
    kind: FaultKind
    title: str
    sent: str
    got: list[str]
    promised: str
    source: list[SourceData]
    why: str
    hint: str
    scope: str
    also: list[ConsequenceData]
    rule: str
    at: str
    expected: str
    shots: int
    cases: list[str]
    clears: int
    blocks: list[str]
    depends_on_model: NotRequired[Literal[True]]
