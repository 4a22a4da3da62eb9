"""Dataclasses of requests and their results: calls, shots, scripts and exchanges."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from harness.model.types import (
    AlternativeField,
    End,
    Json,
    Mode,
    NotSentReason,
    Pairs,
)

PANEL = "panel"  # ids of sample answers begin with it
SHARED = "shared"  # ids of controls begin with it
SIMPLER, AGAIN = "simpler", "again"  # tags of shots that are sent only if another one fails


@dataclass(frozen=True, slots=True)
class Call:
    """One HTTP request before keys and captured values are filled in.

    `without` are names of headers that are not sent; `raw` is a body exactly as written; `reply` is
    the reply script of the mock provider. `client` is the SDK and script that send the request;
    `body` then has the arguments of the SDK. If the target refuses the field `alternative` by name,
    the request is sent once more with the same aim and without that field.
    """

    protocol: str
    method: str
    path: str
    headers: Pairs = ()
    auth: str = "key"
    without: tuple[str, ...] = ()
    body: Json = None
    raw: str | None = None
    reply: Json = None
    client: Mapping[str, str] = field(default_factory=dict)
    alternative: AlternativeField = ""


@dataclass(frozen=True, slots=True)
class Shot:
    """One concrete request: case x value x mode x step.

    `tag` is that of its probe, `label` the part of the id that names the value, control or sample
    answer. `capture` is {name: JSONPath} of values that later shots use.
    """

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
    """Shots that are sent one after the other; a later one can use values captured before."""

    id: str
    shots: tuple[Shot, ...]

    @property
    def tag(self) -> str:
        return self.shots[-1].tag

    @property
    def mode(self) -> Mode:
        return self.shots[-1].mode

    @property
    def shared(self) -> bool:
        return is_shared(self.id)

    @property
    def panel_entry(self) -> str:
        """The entry of the pack's panel that it is the sample answer of, or ""."""
        room, _, rest = self.id.partition("/")
        return rest.partition("/")[0] if room == PANEL else ""


def is_shared(script_or_shot: str) -> bool:
    """Return whether an id is that of a control or sample answer. No pack can have such an id."""
    return script_or_shot.partition("/")[0] in (PANEL, SHARED)


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
class Forwarded:
    """A request that reached the provider, and the status of the provider's answer.

    `refusal` is the message of the provider's error, or "". `has_callers_key`: the gateway has no
    key of its own and forwards the caller's, so the provider's errors about it are for the caller.
    """

    method: str
    path: str
    headers: Pairs
    body: str
    status: int
    protocol: str = ""
    refusal: str = ""
    has_callers_key: bool = False


@dataclass(frozen=True, slots=True)
class Exchange:
    """The result of a shot. Chunks are (seconds since the request was sent, bytes).

    `forwarded` is None if the requests to the provider were not observed. `reason` says why a shot
    was not sent; `note` explains the end to people. `alternative` is the field that was refused by
    name: the exchange is then the one without it, with `forwarded` of the one that was refused.
    `confirmed`: a request without an answer, or
    with an answer of overload, was sent again with nothing else in flight and ended in the same
    way, while a plain request was answered right after it. `digest` is the SHA-256 of what arrived
    of a body of which `chunks` has only the start: it is beyond the limit, or not a text. `same_as`
    is the shot of another case whose request was equal: it was sent once, for both.
    """

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
    reason: NotSentReason = ""
    forwarded: tuple[Forwarded, ...] | None = None
    alternative: AlternativeField = ""
    confirmed: bool = False
    digest: str = ""
    same_as: str = ""

    @property
    def body(self) -> bytes:
        return b"".join(piece for _, piece in self.chunks)
