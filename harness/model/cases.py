"""The nouns of files: rows, cases, packs, targets. May not do anything."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from harness.model.deviations import Claim
from harness.model.types import Json, Pairs, Place


@dataclass(frozen=True, slots=True)
class Row:
    """One line of a document's table."""

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
class Requirements:
    """The cases that a version of a pack requires: tier -> feature -> ids. Never changed."""

    digest: str
    profiles: Mapping[str, Mapping[str, tuple[str, ...]]]


@dataclass(frozen=True, slots=True)
class Pack:
    """A folder of cases: one protocol as one document promises it.

    `headers` go with every request. `other_protocols` has the headers, base request and modes of
    further protocols, which a step may use. `frozen` is what this version requires, once frozen.
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
    """One protocol of a target. `auth`: `bearer` or `x-api-key`."""

    protocol: str
    base_url: str
    auth: str = "bearer"
    model: str = ""
    headers: Pairs = ()


@dataclass(frozen=True, slots=True)
class Tier:
    """What a target allows: requests and tokens a minute (0: any number), and requests at once."""

    rpm: float = 0.0
    tpm: float = 0.0
    concurrency: int = 32


@dataclass(frozen=True, slots=True)
class Target:
    """The endpoint under test, and what it claims."""

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
