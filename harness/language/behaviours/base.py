"""The shape of an expansion: what a short case becomes, still as data. May not fire or judge."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from harness.model import Case, Grade, Json, Level, Mode, Stage

NOTHING: Mapping[str, Any] = {}


@dataclass(frozen=True, slots=True)
class Step:
    """One request of a script: laid over the base, then values put at and dropped from pointers."""

    name: str = ""
    request: Mapping[str, Json] = field(default_factory=dict)
    omit: tuple[str, ...] = ()
    put: tuple[tuple[str, Json], ...] = ()
    drop: tuple[str, ...] = ()
    http: Mapping[str, Json] = field(default_factory=dict)
    protocol: str = ""
    raw: str | None = None
    capture: Mapping[str, str] = field(default_factory=dict)
    client: Mapping[str, str] = field(default_factory=dict)
    upstream: Mapping[str, Json] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Probe:
    """A conversation to fire in each mode. `shared` ones with the same bytes are fired once a run.

    `panel` names a group of the pack's panel (`ok`, `stream`, `error`) instead of own steps.
    """

    tag: str
    label: str = ""
    steps: tuple[Step, ...] = ()
    value: Json = None
    modes: tuple[Mode, ...] = ()
    times: int = 1
    shared: bool = False
    panel: str = ""


@dataclass(frozen=True, slots=True)
class Assertion:
    """A demand before shots have ids: judged on the probes with one of `tags`, at `step`.

    An empty `step` is the last one. `against` is the tag of the controls to compare with,
    `beside` the step of the same conversation.
    """

    rule: str
    check: str
    args: Json = None
    level: Level = "must"
    tags: tuple[str, ...] = ("probe",)
    step: str = ""
    against: str = ""
    stage: Stage = "rest"
    pointer: str = ""
    parts: tuple[tuple[Assertion, ...], ...] = ()
    beside: str = ""


@dataclass(frozen=True, slots=True)
class Expansion:
    """Everything a short case stands for."""

    probes: tuple[Probe, ...]
    assertions: tuple[Assertion, ...]


@dataclass(frozen=True, slots=True)
class Behaviour:
    """A named way to treat a field. `keys` are the JSON Schemas of its own keys in a case file."""

    id: str
    promise: str
    ceiling: Grade
    keys: Mapping[str, Json]
    required: tuple[str, ...]
    expand: Callable[[Case], Expansion]
    needs: str = ""
