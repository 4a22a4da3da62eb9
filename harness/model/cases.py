"""Dataclasses for what files contain: rows, cases, packs and targets."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from harness.model.deviations import Claim
from harness.model.types import Json, Pairs, Place


@dataclass(frozen=True, slots=True)
class Row:
    """One line of a document's field table.

    Attributes:
        path: The field or part of the protocol, as reports show it.
        location: The part of the protocol that it belongs to, such as request or header.
        declared: The behaviour that the document declares.
        documented_as: What the document says, in its own words.
        source: Names of documents among the pack's `sources`.
        not_testable: The reason why no case can test the row.
    """

    id: str
    path: str
    location: str
    declared: str
    documented_as: str = ""
    source: tuple[str, ...] = ()
    note: str = ""
    not_testable: str = ""


@dataclass(frozen=True, slots=True)
class Case:
    """One promise about a row.

    Attributes:
        row: The row that it is about.
        feature: The feature of the pack that a target needs for it.
        spec: The validated case, as the file has it.
        places: The place of each JSON Pointer of the case in its file.
        also: Further rows that it covers.
    """

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
        """Return the place of a JSON Pointer of the case, or of its nearest ancestor with one."""
        while pointer and pointer not in self.places:
            pointer = pointer.rpartition("/")[0]
        return self.places.get(pointer, self.place)


@dataclass(frozen=True, slots=True)
class Requirements:
    """The cases that a frozen version of a pack requires.

    Attributes:
        digest: The SHA-256 of the file.
        profiles: Case ids by tier and feature.
    """

    digest: str
    profiles: Mapping[str, Mapping[str, tuple[str, ...]]]


@dataclass(frozen=True, slots=True)
class Pack:
    """A folder of cases: one protocol as one document promises it.

    Attributes:
        digest: The SHA-256 of the pack's YAML files.
        extends: Ids of the packs whose definitions and rows this one inherits.
        base: The body that every request starts from.
        modes: Body members that make a request plain or streaming.
        define: Values that requests use as `$name`.
        panel: Sample requests whose answers several cases share.
        features: The tier of each feature: core, extended or opt-in.
        headers: Headers that are sent with every request.
        other_protocols: Headers, base and modes of further protocols that a step can use.
        frozen: What this version requires, if it is frozen.
    """

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
    headers: Mapping[str, str] = field(default_factory=dict)
    other_protocols: Mapping[str, Mapping[str, Json]] = field(default_factory=dict)
    frozen: Requirements | None = None

    @property
    def protocols(self) -> tuple[str, ...]:
        return (self.protocol, *self.other_protocols)


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where and how a target serves one protocol. `auth` is `bearer` or `x-api-key`."""

    protocol: str
    base_url: str
    auth: str = "bearer"
    model: str = ""
    headers: Pairs = ()


@dataclass(frozen=True, slots=True)
class Tier:
    """Rate limits: requests and tokens per minute (0: unlimited) and requests in flight."""

    rpm: float = 0.0
    tpm: float = 0.0
    concurrency: int = 32


@dataclass(frozen=True, slots=True)
class Target:
    """The endpoint under test.

    Attributes:
        endpoints: The endpoint of each protocol, by the protocol's name.
        packs: The packs to test.
        key_env: The environment variable that holds the API key.
        limited_key_env: The variable that holds a key with a low rate limit.
        builtin: Whether the harness starts its reference gateway.
        lacks: Features that the target does not claim to have.
        features: Opt-in features to test.
        rpm: Requests per minute; 0 for no limit.
        tpm: Tokens per minute; 0 for no limit.
        concurrency: Requests in flight.
        tiers: The rate limits of the target's price plans.
        upstream: Whether requests are visible at a mock provider behind the target.
        deviations: Rows that the target claims to treat differently from the document.
    """

    name: str
    endpoints: Mapping[str, Endpoint]
    packs: tuple[str, ...]
    key_env: str = ""
    limited_key_env: str = ""
    builtin: bool = False
    lacks: tuple[str, ...] = ()
    features: tuple[str, ...] = ()
    rpm: float = 0.0
    tpm: float = 0.0
    concurrency: int = 32
    tiers: Mapping[str, Tier] = field(default_factory=dict)
    upstream: bool = False
    deviations: tuple[Claim, ...] = ()
