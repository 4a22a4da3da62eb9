"""Dataclasses of judging: events, answers, findings and verdicts."""

from __future__ import annotations

from dataclasses import dataclass

from harness.model.cases import Case
from harness.model.exchanges import Forwarded
from harness.model.types import (
    AlternativeField,
    Cause,
    End,
    Grade,
    Json,
    Level,
    Mode,
    Outcome,
    Pairs,
    Place,
    Refused,
    Status,
)


@dataclass(frozen=True, slots=True)
class Event:
    """One dispatched server-sent event. `number` counts from 0; `event` is its name, or ""."""

    number: int
    event: str
    data: str
    id: str = ""


@dataclass(frozen=True, slots=True)
class Violation:
    """A violated protocol rule. `at` is a JSON Pointer, `event 3`, `header NAME` or `body`."""

    rule: str
    at: str
    expected: str
    got: str
    level: Level = "must"


@dataclass(frozen=True, slots=True)
class Answer:
    """A client's view of an exchange; a stream is assembled into the shape of a plain answer.

    `unreadable` is the reason why there is no body, or "". `chunks` is the parsed data of the
    events, `request` the body that was sent, `forwarded` None without an upstream. `alternative`
    is the field that was refused by name, if this is the answer to the request without it.
    `attempts` is how often the harness sent the request. `arrivals` are the seconds from the
    request to each of the events.
    """

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
    violations: tuple[Violation, ...] = ()
    request: Json = None
    note: str = ""
    forwarded: tuple[Forwarded, ...] | None = None
    alternative: AlternativeField = ""
    attempts: int = 1
    arrivals: tuple[float, ...] = ()

    def header(self, name: str) -> list[str]:
        """Return the values of all headers with this name, in any case."""
        return [value for key, value in self.headers if key.lower() == name.lower()]


@dataclass(frozen=True, slots=True)
class Finding:
    """The result of one assertion on one shot.

    A check fills in `at`, `expected` and `got` (and the shot, if it sees several). The judge adds
    the remaining fields from the assertion. For an undecided finding, `got` has the reason.
    `depends_on_model`: a more capable model behind the same gateway could change the result.
    `others`: further places, of alternatives of which none holds.
    """

    at: str = ""
    expected: str = ""
    got: str = ""
    shot: str = ""
    rule: str = ""
    level: Level = "must"
    status: Status = "fails"
    grade: Grade = "none"
    place: Place | None = None
    cause: Cause = "environment"
    depends_on_model: bool = False
    others: tuple[str, ...] = ()

    @property
    def holds(self) -> bool:
        return self.status == "holds"


@dataclass(frozen=True, slots=True)
class ShotResult:
    """The outcome and the evidence of one shot, derived from its findings.

    `refused`: it was refused, and an answer was permitted as well.
    """

    id: str
    step: str
    mode: Mode
    tag: str
    value: Json
    outcome: Outcome
    evidence: Grade
    seconds: float
    turn: int = 1
    refused: bool = False


@dataclass(frozen=True, slots=True)
class Blocker:
    """A failure that another case reports, and that prevents this one.

    `rule` is `status`, or the rule that an answer breaks; `got` is what came back, as a finding
    says it. `case` is the full name of the case that examines it, if it is known.
    """

    rule: str
    got: str = ""
    case: str = ""


@dataclass(frozen=True, slots=True)
class Verdict:
    """The outcome of a case, its evidence grade and its findings.

    `repeats` has the outcome of each repetition, if there are several. The exchanges of
    `kept_repeats`, counted from 1, are kept, because they have a finding that no earlier one has.
    `blocked_by` has what prevents the case.
    `refused` says whether some or all requests were refused where an answer was permitted as well.
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
    kept_repeats: tuple[int, ...] = (1,)
    blocked_by: tuple[Blocker, ...] = ()
    refused: Refused = ""
