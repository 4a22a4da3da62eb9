"""The nouns of judging: answers, findings, verdicts. May not do anything."""

from __future__ import annotations

from dataclasses import dataclass

from harness.model.cases import Case
from harness.model.exchanges import Forwarded
from harness.model.types import Cause, End, Grade, Json, Level, Mode, Outcome, Pairs


@dataclass(frozen=True, slots=True)
class Event:
    """One dispatched server-sent event. `number` counts from 0; `event` is "" when unnamed."""

    number: int
    event: str
    data: str
    id: str = ""


@dataclass(frozen=True, slots=True)
class Complaint:
    """A law that an answer breaks. `at` is a JSON Pointer, `event 3`, `header name` or `body`."""

    rule: str
    at: str
    expected: str
    got: str
    level: Level = "must"


@dataclass(frozen=True, slots=True)
class Answer:
    """A client's view of an exchange; a stream is assembled into the plain answer's shape."""

    shot: str
    mode: Mode
    end: End
    status: int | None
    headers: Pairs
    text: str
    body: Json
    unreadable: str = ""
    streamed: bool = False
    events: tuple[Event, ...] = ()
    chunks: tuple[Json, ...] = ()
    complaints: tuple[Complaint, ...] = ()
    request: Json = None
    note: str = ""
    forwarded: tuple[Forwarded, ...] | None = None

    def header(self, name: str) -> list[str]:
        return [value for key, value in self.headers if key.lower() == name.lower()]


@dataclass(frozen=True, slots=True)
class Finding:
    """What one demand showed. The same rule id whether it holds or not."""

    rule: str
    level: Level
    holds: bool
    grade: Grade
    shot: str
    demanded: str
    at: str = ""
    expected: str = ""
    got: str = ""


@dataclass(frozen=True, slots=True)
class ShotResult:
    id: str
    step: str
    mode: Mode
    tag: str
    value: Json
    outcome: Outcome
    evidence: Grade
    seconds: float
    turn: int = 1


@dataclass(frozen=True, slots=True)
class Verdict:
    """A case's outcome, its evidence grade and what was found.

    `repeats`: the outcome of each repetition, where there were several; `shown`: those whose
    exchanges say something that no earlier one did, counted from 1.
    """

    case: Case
    outcome: Outcome
    evidence: Grade
    cause: Cause | None
    reason: str
    seconds: float
    shots: tuple[ShotResult, ...]
    findings: tuple[Finding, ...]
    repeats: tuple[Outcome, ...] = ()
    shown: tuple[int, ...] = (1,)
