"""Dataclasses for what files contain: rows, cases, packs, targets, claims and baselines."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from harness.model.types import Json, Pairs, Place


@dataclass(frozen=True, slots=True)
class Row:
    """One line of a document's field table.

    `declared` is the behaviour that the document declares, `documented_as` its own words for it.
    `source` names entries of the pack's `sources`. `not_testable` is a reason, or empty.
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

    `spec` is the validated case as the file has it, `places` the place of each of its JSON
    Pointers. `also` are further rows that the case covers.
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
    """The cases that a frozen version of a pack requires: their ids by tier and feature."""

    digest: str
    profiles: Mapping[str, Mapping[str, Sequence[str]]]


@dataclass(frozen=True, slots=True)
class Pack:
    """A folder of cases: one protocol as one document promises it. See docs/case-format.md.

    `features` has the tier of each feature: core, extended or opt-in. `other_protocols` has the
    headers, body and modes of further protocols that a step can use.
    """

    id: str
    version: str
    title: str
    protocol: str
    folder: str
    digest: str
    extends: tuple[str, ...]
    sources: Mapping[str, Json]
    body: Mapping[str, Json]
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
class Accepted:
    """One entry of a baseline: an accepted deviation of a case (ID or PACK/ID).

    An empty `rule` accepts all rules. `until` is the last day on which the entry counts.
    """

    case: str
    reason: str
    place: Place
    rule: str = ""
    issue: str = ""
    until: str = ""

    @property
    def name(self) -> str:
        return f"{self.case} ({self.rule})" if self.rule else self.case


@dataclass(frozen=True, slots=True)
class Claim:
    """A deviation from the document that a target declares for a row (ROW or PACK/ROW).

    `spec` has the keys of the claimed behaviour, as in a case. `declared` is the behaviour of the
    case that the claim replaces.
    """

    row: str
    behaviour: str
    because: str
    place: Place
    spec: Mapping[str, Json] = field(default_factory=dict)
    declared: str = ""


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
    """The gateway under test, with its endpoint of each protocol.

    The environment variable `limited_key_env` has a key with a low rate limit. `builtin`: the
    harness starts its reference gateway. `lacks` are features that the target does not claim to
    have, `features` opt-in features to test. `rpm`, `tpm` and `concurrency` are the limits of the
    tier that applies. `upstream`: requests are visible at a mock provider behind the target.
    `version` is the user's name for what is deployed there. `insecure`: the certificates of its
    endpoints are not checked.
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
    version: str = ""
    insecure: bool = False
