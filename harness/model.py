"""The nouns of the harness. Frozen, slotted, standard library only. May not do anything."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Literal

Json = Any
Mode = Literal["plain", "stream"]
Stage = Literal["status", "shape", "assume", "rest"]
Level = Literal["must", "should", "may"]
Outcome = Literal["fail", "inconclusive", "warn", "pass", "skip"]
Cause = Literal[
    "transport", "timeout", "rate-limit", "budget", "model", "environment", "harness"
]
Grade = Literal["none", "accepted", "shape", "effect", "differential", "upstream"]
End = Literal["complete", "unreachable", "dropped", "timeout", "too-large", "malformed", "not-sent"]
Pairs = tuple[tuple[str, str], ...]

OUTCOMES: Final[tuple[Outcome, ...]] = ("fail", "inconclusive", "warn", "pass", "skip")
GRADES: Final[tuple[Grade, ...]] = (
    "none",
    "accepted",
    "shape",
    "effect",
    "differential",
    "upstream",
)


@dataclass(frozen=True, slots=True)
class Place:
    """Where a value was written: a file, and its 1-based line and column."""

    path: str
    line: int
    column: int = 1

    def __str__(self) -> str:
        return f"{self.path}:{self.line}:{self.column}"


@dataclass(frozen=True, slots=True)
class Row:
    """One line of a document's table."""

    id: str
    path: str
    location: str
    declared: str
    status: str = ""
    source: tuple[str, ...] = ()
    note: str = ""
    not_testable: str = ""


@dataclass(frozen=True, slots=True)
class Case:
    """One promise about a row, as written; `spec` is the validated short form, as plain data."""

    id: str
    pack: str
    row: str
    behaviour: str
    feature: str
    spec: Mapping[str, Json]
    place: Place
    places: Mapping[str, Place] = field(default_factory=dict, repr=False, compare=False)
    also: tuple[str, ...] = ()
    why: str = ""

    @property
    def name(self) -> str:
        return f"{self.pack}/{self.id}"

    def at(self, pointer: str) -> Place:
        """The place of `pointer` in the case, or of the nearest ancestor that has one."""
        while pointer and pointer not in self.places:
            pointer = pointer.rpartition("/")[0]
        return self.places.get(pointer, self.place)


@dataclass(frozen=True, slots=True)
class Pack:
    """A folder of cases: one protocol as one document promises it."""

    id: str
    version: str
    title: str
    protocol: str
    folder: str
    digest: str
    extends: tuple[str, ...]
    sources: Mapping[str, Json]
    base: Mapping[str, Json]
    modes: Mapping[str, Mapping[str, Json]]
    define: Mapping[str, Json]
    panel: Mapping[str, Mapping[str, Json]]
    features: Mapping[str, str]
    rows: tuple[Row, ...]
    cases: tuple[Case, ...]


@dataclass(frozen=True, slots=True)
class Call:
    """One HTTP request before keys and captured values are filled in."""

    protocol: str
    method: str
    path: str
    headers: Pairs = ()
    auth: str = "key"
    body: Json = None
    raw: str | None = None


@dataclass(frozen=True, slots=True)
class Shot:
    """One concrete request: case x value x mode x step."""

    id: str
    tag: str
    label: str
    mode: Mode
    step: str
    call: Call
    value: Json = None
    capture: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Script:
    """Shots fired one after the other; a later one may use what an earlier one captured."""

    id: str
    shots: tuple[Shot, ...]


@dataclass(frozen=True, slots=True)
class Demand:
    """A check with its arguments, judged on `shots`, compared with `against`. Resolved data."""

    rule: str
    check: str
    args: Json
    level: Level
    grade: Grade
    shots: tuple[str, ...]
    against: tuple[str, ...]
    place: Place
    stage: Stage = "rest"
    parts: tuple[tuple[Demand, ...], ...] = ()


@dataclass(frozen=True, slots=True)
class Plan:
    """Everything one case needs: what to fire, and what to ask of the answers."""

    case: Case
    scripts: tuple[Script, ...]
    demands: tuple[Demand, ...]
    skip: str = ""

    @property
    def shots(self) -> tuple[Shot, ...]:
        return tuple(shot for script in self.scripts for shot in script.shots)


@dataclass(frozen=True, slots=True)
class Attempt:
    """One try at a shot. Times in seconds since the run began."""

    started: float
    seconds: float
    end: End
    status: int | None = None
    reused: bool = False
    note: str = ""


@dataclass(frozen=True, slots=True)
class Exchange:
    """What came of a shot. Chunks are (seconds since the request was sent, bytes)."""

    shot: str
    method: str
    url: str
    request_headers: Pairs
    request_body: str
    end: End
    status: int | None = None
    http_version: str = ""
    headers: Pairs = ()
    chunks: tuple[tuple[float, bytes], ...] = ()
    attempts: tuple[Attempt, ...] = ()
    started: float = 0.0
    seconds: float = 0.0
    note: str = ""

    @property
    def body(self) -> bytes:
        return b"".join(piece for _, piece in self.chunks)


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


@dataclass(frozen=True, slots=True)
class Verdict:
    """A case's outcome, its evidence grade and what was found."""

    case: Case
    outcome: Outcome
    evidence: Grade
    cause: Cause | None
    reason: str
    seconds: float
    shots: tuple[ShotResult, ...]
    findings: tuple[Finding, ...]


@dataclass(frozen=True, slots=True)
class Front:
    """One protocol of a target. `auth`: `bearer` or `x-api-key`."""

    protocol: str
    base_url: str
    auth: str = "bearer"
    model: str = ""
    headers: Pairs = ()


@dataclass(frozen=True, slots=True)
class Target:
    """The endpoint under test, and what it claims."""

    name: str
    fronts: Mapping[str, Front]
    packs: tuple[str, ...]
    key_env: str = ""
    limited_key_env: str = ""
    builtin: bool = False
    lacks: tuple[str, ...] = ()
    features: tuple[str, ...] = ()
    rpm: float = 0.0
    concurrency: int = 32
