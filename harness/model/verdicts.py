"""Dataclasses of judging: events, answers, findings and verdicts."""

from __future__ import annotations

from dataclasses import dataclass

from harness.model.cases import Case
from harness.model.exchanges import Forwarded
from harness.model.types import Cause, End, Grade, Json, Level, Mode, Outcome, Pairs, Place, Status


@dataclass(frozen=True, slots=True)
class Event:
    """One dispatched server-sent event.

    Attributes:
        number: The position in the stream, counted from 0.
        event: The event's name; empty for an unnamed event.
    """

    number: int
    event: str
    data: str
    id: str = ""


@dataclass(frozen=True, slots=True)
class Violation:
    """A protocol rule that a stream or a message violates.

    Attributes:
        at: A JSON Pointer, `event 3`, `header NAME` or `body`.
    """

    rule: str
    at: str
    expected: str
    got: str
    level: Level = "must"


@dataclass(frozen=True, slots=True)
class Answer:
    """A client's view of an exchange; a stream is assembled into the shape of a plain answer.

    Attributes:
        unreadable: The reason why there is no body; empty if there is one.
        streamed: Whether the body was read as an event stream.
        chunks: The parsed data of the events.
        request: The request body that was sent.
        forwarded: The requests that reached the provider; None without an upstream.
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

    def header(self, name: str) -> list[str]:
        """Return the values of all headers with this name, in any case."""
        return [value for key, value in self.headers if key.lower() == name.lower()]


@dataclass(frozen=True, slots=True)
class Finding:
    """The result of one assertion on one shot.

    A check fills in `at`, `expected` and `got` (and the shot, if it sees several). The judge adds
    the rest from the assertion.

    Attributes:
        got: What was observed; for an undecided finding the reason.
        rule: The id of the rule, the same whether it holds or fails.
        level: A protocol rule can have a weaker level than the assertion, never a stronger one.
        place: Where the assertion is written.
        cause: Why the finding is undecided.
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

    @property
    def holds(self) -> bool:
        return self.status == "holds"


@dataclass(frozen=True, slots=True)
class ShotResult:
    """The outcome and the evidence of one shot, derived from its findings."""

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
    """The outcome of a case, its evidence grade and its findings.

    Attributes:
        repeats: The outcome of each repetition, if there are several.
        kept_repeats: The repetitions whose exchanges are kept, because they have a finding that no
            earlier one has; counted from 1.
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
