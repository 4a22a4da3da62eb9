"""Types of an expansion: probes, assertions, and the behaviour that produces them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from harness.language.case_schema import definitions
from harness.model import Case, Grade, Json, Level, Mode, Stage

Step = Mapping[str, Json]  # one request of a case, as the case file has it


@dataclass(frozen=True, slots=True)
class Probe:
    """A conversation that is sent in each mode.

    Attributes:
        tag: the name by which assertions select it.
        label: the part of the shot ids that distinguishes the probes of a case.
        steps: the requests of the conversation, in order.
        value: the value under test, for reports.
        put: (JSON Pointer, value) pairs that are written into the last request.
        drop: JSON Pointers of fields that the last request leaves out.
        modes: the modes to send it in; empty: those of the case.
        times: how often each mode sends it.
        at_once: whether these requests are sent together, not one after the other.
        shared: equal shared probes of several cases are sent once a run.
        exact: the request is not sent in another way if a field is refused by name.
        panel: a group of the pack's sample answers (`plain`, `stream`, `error`) instead of steps.
    """

    tag: str
    label: str = ""
    steps: tuple[Step, ...] = ()
    value: Json = None
    put: tuple[tuple[str, Json], ...] = ()
    drop: tuple[str, ...] = ()
    modes: tuple[Mode, ...] = ()
    times: int = 1
    at_once: bool = False
    shared: bool = False
    exact: bool = False
    panel: str = ""


@dataclass(frozen=True, slots=True)
class Assertion:
    """A check with its arguments, before the shots it applies to have ids.

    Attributes:
        tags: it applies to the probes with one of these tags.
        step: the step of the conversation; empty: the last one.
        against: the tag of the controls to compare with.
        beside: the step of the same conversation to compare with.
        pointer: the JSON Pointer of its place in the case.
        parts: the alternatives of `any_of`, or the checks of `when`.
        controls: the probes to send for `against`.
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
    controls: tuple[Probe, ...] = ()


@dataclass(frozen=True, slots=True)
class Expansion:
    """The probes and assertions that a case stands for."""

    probes: tuple[Probe, ...]
    assertions: tuple[Assertion, ...]


@dataclass(frozen=True, slots=True)
class Behaviour:
    """A named way to treat a field. The schema of case files has its keys and its description.

    Attributes:
        ceiling: the best grade that answers alone can reach.
        needs: the evidence that `--upstream` would add.
    """

    id: str
    ceiling: Grade
    expand: Callable[[Case], Expansion]
    needs: str = ""

    @property
    def promise(self) -> str:
        """Return one phrase for reports and documentation."""
        return str(definitions()[self.id]["description"])

    @property
    def keys(self) -> Mapping[str, Json]:
        """Return the schemas of its own keys in a case file."""
        return dict(definitions()[self.id].get("properties", {}))

    @property
    def required(self) -> tuple[str, ...]:
        """Return the keys that a case must have."""
        return tuple(definitions()[self.id].get("required", ()))
