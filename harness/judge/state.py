"""One case before the judge: its answers, and what is known so far. May not conclude."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from harness.decode import response as reading
from harness.judge.evaluate import Look, examine
from harness.language import checks
from harness.language.checks import Problem
from harness.model import (
    GRADES,
    Answer,
    Cause,
    Exchange,
    Finding,
    Grade,
    Level,
    Plan,
    PlannedAssertion,
    Shot,
    Stage,
)
from harness.plan.shots import is_shared

LEVELS: tuple[Level, ...] = ("must", "should", "may")


class Answers(dict[str, Answer]):
    """Exchanges read as answers when first asked for, the shared ones once for all cases."""

    def __init__(
        self,
        exchanges: Mapping[str, Exchange],
        shots: Mapping[str, Shot],
        shared: dict[str, Answer],
    ) -> None:
        super().__init__()
        self.exchanges, self.shots, self.shared = exchanges, shots, shared

    def __missing__(self, name: str) -> Answer:
        shot, exchange = self.shots[name], self.exchanges[name]
        read = self.shared.get(name)
        if read is None:
            read = reading.read(exchange, shot.call.protocol, shot.mode, shot.call.body)
        if is_shared(name):
            self.shared[name] = read
        self[name] = read
        return read


@dataclass(slots=True)
class Docket:
    """Findings, open questions (causes), and which demands are heard no more on which shot."""

    plan: Plan
    answers: Answers
    findings: list[Finding] = field(default_factory=list)
    causes: list[tuple[Cause, str]] = field(default_factory=list)
    muted: dict[str, Collection[Level]] = field(default_factory=dict)
    unsaid: set[str] = field(default_factory=set)
    grades: dict[str, Grade] = field(default_factory=dict)

    def exchange(self, shot: str) -> Exchange | None:
        return self.answers.exchanges.get(shot)

    def staged(self, stage: Stage) -> Iterator[PlannedAssertion]:
        return (assertion for assertion in self.plan.assertions if assertion.stage == stage)

    def hears(self, shot: str, level: Level = "must") -> bool:
        return level not in self.muted.get(shot, ())

    def mute(self, shot: str, weakest: Level = "must") -> None:
        """No demand of this level or a weaker one is heard on the shot from now on."""
        known = self.muted.get(shot, ())
        self.muted[shot] = {*known, *LEVELS[LEVELS.index(weakest) :]}

    def open(self, cause: Cause, reason: str) -> None:
        self.causes.append((cause, reason))

    def ask(self, assertion: PlannedAssertion) -> None:
        """One demand to its check, on all shots that still say something."""
        shots = [shot for shot in assertion.shots if self.hears(shot, assertion.level)]
        if not shots:
            return
        if assertion.check in checks.BY_ID and checks.BY_ID[assertion.check].across:
            look = self.look(assertion, shots)
            for shot in shots:
                self.note(assertion, shot, look, [p for p in look.problems if p.shot in (shot, "")])
            return
        for shot in shots:
            look = self.look(assertion, [shot])
            self.note(assertion, shot, look, look.problems)

    def look(self, assertion: PlannedAssertion, shots: Sequence[str]) -> Look:
        """What a demand shows; a crash of ours accuses nobody. Controls that failed are no help."""
        try:
            return examine(assertion, shots, self.answers, self.hears)
        except Exception as error:
            return Look(doubt=f"{type(error).__name__}: {error}", cause="harness")

    def note(
        self, assertion: PlannedAssertion, shot: str, look: Look, problems: Iterable[Problem]
    ) -> None:
        """One finding for each problem, or one that it holds; nothing of what cannot be said."""
        if look.doubt and (assertion.level == "must" or look.cause == "harness"):
            self.open(look.cause, f"{assertion.rule}: {look.doubt}")
        if look.silent or look.doubt:
            return
        told = [self.broken(assertion, shot, problem) for problem in problems]
        place = str(assertion.place)
        held = Finding(assertion.rule, assertion.level, True, look.grade, shot, place)
        self.findings += told or [held]
        if assertion.stage != "shape":  # what every answer owes shows nothing about the field
            known = self.grades.get(shot, "none")
            self.grades[shot] = max(known, look.grade, key=GRADES.index)

    def broken(self, assertion: PlannedAssertion, shot: str, problem: Problem) -> Finding:
        """A law may weigh less than the demand that asks for it, but never more."""
        return Finding(
            rule=problem.rule or assertion.rule,
            level=max(problem.level or assertion.level, assertion.level, key=LEVELS.index),
            holds=False,
            grade=assertion.grade,
            shot=shot,
            demanded=str(assertion.place),
            at=problem.at,
            expected=problem.expected,
            got=problem.got,
        )
