"""Dataclasses of plans: the scripts and assertions of a case."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from harness.model.cases import Case, Claim
from harness.model.exchanges import Script, Shot
from harness.model.types import Grade, Json, Level, Place, Signal, Stage


@dataclass(frozen=True, slots=True)
class PlannedAssertion:
    """An assertion about the answers to shots.

    `grade` is the evidence that it gives if it holds. `against` are the shots of the controls to
    compare with, `parts` the alternatives of `any_of` or the checks of `when`. `needs` are the
    signals without which the assertion is undecided, `observes` those whose absence it reports.
    """

    rule: str
    check: str
    args: Json
    level: Level
    grade: Grade
    shots: tuple[str, ...]
    against: tuple[str, ...]
    place: Place
    stage: Stage = "rest"
    parts: tuple[tuple[PlannedAssertion, ...], ...] = ()
    needs: tuple[Signal, ...] = ()
    observes: tuple[Signal, ...] = ()

    def observed(self) -> Iterator[Signal]:
        """Yield the signals whose absence the assertion or a part of it reports."""
        yield from self.observes
        for part in self.parts:
            for each in part:
                yield from each.observed()


@dataclass(frozen=True, slots=True)
class Prerequisite:
    """A simpler request, sent only if one of `shots` is not answered; `label` describes it.

    With `forms` it is the request of the case `reported_by`, sent only if an answer to one of
    `shots` breaks a rule: the case reports what both answers break.
    """

    script: Script
    shots: tuple[str, ...]
    label: str
    reported_by: str = ""
    forms: bool = False


@dataclass(frozen=True, slots=True)
class Plan:
    """The scripts to send for a case, and the assertions on their answers.

    `skip` is the reason why nothing is sent, or "". `claim` is the one that changed the case.
    `controls` has the id of the same request without the field under test, by shot, if it is sent.
    """

    case: Case
    scripts: tuple[Script, ...]
    assertions: tuple[PlannedAssertion, ...]
    skip: str = ""
    claim: Claim | None = None
    prerequisites: tuple[Prerequisite, ...] = ()
    controls: Mapping[str, str] = field(default_factory=dict)

    @property
    def shots(self) -> tuple[Shot, ...]:
        return tuple(shot for script in self.scripts for shot in script.shots)
