"""The state of one case while it is judged: its answers, findings and open causes."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from harness.decode import response
from harness.judge.evaluate import Context, evaluate
from harness.judge.usage import without_usage
from harness.language import checks
from harness.model import (
    LEVELS,
    SIGNALS,
    Answer,
    Cause,
    Exchange,
    Finding,
    Grade,
    Level,
    Plan,
    PlannedAssertion,
    Shot,
    Signal,
    Signals,
    SignalState,
    Stage,
    max_grade,
)
from harness.model.exchanges import is_shared

IMPLICIT: Final = ("shape", "forwarded")  # stages of what every shot must meet


class Answers(dict[str, Answer]):
    """Exchanges, decoded on first use. Answers of shared shots are decoded once per run."""

    def __init__(
        self,
        exchanges: Mapping[str, Exchange],
        shots: Mapping[str, Shot],
        shared: dict[str, Answer],
    ) -> None:
        super().__init__()
        self.exchanges, self.shots, self.shared = exchanges, shots, shared

    def __missing__(self, shot_id: str) -> Answer:
        cache = self.shared if is_shared(shot_id) else self
        answer = self.shared.get(shot_id)
        if answer is None:
            call, mode = self.shots[shot_id].call, self.shots[shot_id].mode
            answer = response.read(self.exchanges[shot_id], call.protocol, mode, call.body)
            cache[shot_id] = answer
        return answer


@dataclass(slots=True)
class CaseEvaluation:
    """The result of a case as it builds up.

    Attributes:
        findings: All findings that hold or fail, in order.
        causes: Why the case is inconclusive, each with a reason; the first one is reported.
        suppressed: The levels of assertions that are no longer evaluated, by shot.
        undecided: Shots of which nothing is known, because an assumption about them failed.
        grades: The strongest evidence of each shot.
        refused: Shots that were refused, where an answer was permitted as well.
        ceilings: The strongest evidence that a shot can have, if something limits it.
        signals: What the calibration of the run has established.
    """

    plan: Plan
    answers: Answers
    signals: Signals = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)
    causes: list[tuple[Cause, str]] = field(default_factory=list)
    suppressed: dict[str, Collection[Level]] = field(default_factory=dict)
    undecided: set[str] = field(default_factory=set)
    grades: dict[str, Grade] = field(default_factory=dict)
    refused: set[str] = field(default_factory=set)
    ceilings: dict[str, Grade] = field(default_factory=dict)

    def exchange(self, shot: str) -> Exchange | None:
        return self.answers.exchanges.get(shot)

    def assertions(self, stage: Stage) -> Iterator[PlannedAssertion]:
        return (assertion for assertion in self.plan.assertions if assertion.stage == stage)

    def is_active(self, shot: str, level: Level = "must") -> bool:
        """Whether assertions of this level are still evaluated on the shot."""
        return level not in self.suppressed.get(shot, ())

    def suppress(self, shot: str, level: Level = "must") -> None:
        """Evaluate no more assertions of this level or a weaker one on the shot."""
        levels = self.suppressed.get(shot, ())
        self.suppressed[shot] = {*levels, *LEVELS[LEVELS.index(level) :]}

    def reached_provider(self, shot: str) -> bool:
        """Whether a request of the shot was seen at the provider, whatever its answer was."""
        exchange = self.exchange(shot)
        return exchange is not None and bool(exchange.forwarded)

    def is_refused_by_provider(self, shot: str) -> bool:
        """Whether the provider refused the last request that the shot caused."""
        exchange = self.exchange(shot)
        forwarded = (exchange and exchange.forwarded) or ()
        return bool(forwarded) and 400 <= forwarded[-1].status < 500

    def add_cause(self, cause: Cause, reason: str) -> None:
        self.causes.append((cause, reason))

    def add_failure(self, shot: str, rule: str, expected: str, got: str) -> None:
        """Record a `must` failure that no assertion of the case checks for."""
        place = self.plan.case.place
        failure = Finding(rule, expected, got, shot, rule, grade="accepted", place=place)
        self.findings.append(failure)

    def evaluate(self, assertion: PlannedAssertion) -> None:
        """Run an assertion on all its active shots and record the findings."""
        check = checks.BY_ID.get(assertion.check)
        at_provider = check is not None and check.grade == "upstream"
        shots = [
            shot
            for shot in assertion.shots
            if self.is_active(shot, assertion.level)
            or (at_provider and self.reached_provider(shot))
        ]
        together = shots and check and check.across
        for group in [shots] if together else [[shot] for shot in shots]:
            findings = self.check(assertion, group)
            for shot in group:
                own = [finding for finding in findings if finding.shot in (shot, "")]
                self.record(assertion, shot, own or [replace(findings[0], status="holds")])

    def check(self, assertion: PlannedAssertion, shots: Sequence[str]) -> list[Finding]:
        """Evaluate an assertion. An exception in a check makes it undecided, not failed."""
        try:
            check = checks.BY_ID.get(assertion.check)
            at_provider = check is not None and check.grade == "upstream"
            is_active = self.reached_provider if at_provider else self.is_active
            context = Context(self.answers, is_active, self.dead_signal)
            return evaluate(assertion, shots, context)
        except Exception as error:
            reason = f"{type(error).__name__}: {error}"
            return [Finding(status="undecided", got=reason, cause="harness")]

    def signals_of(self, shot_id: str) -> dict[Signal, SignalState]:
        """Return what is known about the signals in the protocol and mode of a shot."""
        shot = self.answers.shots[shot_id]
        where = shot.call.protocol, shot.mode
        return {
            name: self.signals[*where, name] for name in SIGNALS if (*where, name) in self.signals
        }

    def dead_signal(self, assertion: PlannedAssertion, shots: Sequence[str]) -> str:
        """Return why a signal that the assertion needs is dead; empty if it needs no such one."""
        if not assertion.needs or not self.signals:
            return ""
        for shot in (*shots, *assertion.against):
            known = self.signals_of(shot)
            for need in assertion.needs:
                state = known.get(need)
                if state and not state.alive:
                    return f"signal {need}: {state.reason}"
        return ""

    def record(self, assertion: PlannedAssertion, shot: str, findings: Sequence[Finding]) -> None:
        """Keep findings that hold or fail; an undecided one becomes a cause."""
        first = findings[0]
        if first.status == "undecided" and (assertion.level == "must" or first.cause == "harness"):
            dead = first.cause == "signal"
            self.add_cause(first.cause, first.got if dead else f"{assertion.rule}: {first.got}")
        if first.status in ("undecided", "not_applicable"):
            return
        completed = [complete(finding, assertion, shot) for finding in findings]
        case, signals = self.plan.case, self.signals_of(shot)
        self.findings += [without_usage(f, assertion, case, signals) for f in completed]
        if assertion.check == "any_of" and first.status == "fails" and first.level == "should":
            self.ceilings[shot] = first.grade  # what was only counted gives no credit
        if assertion.stage not in IMPLICIT:  # such a check gives no evidence about the field
            self.grades[shot] = max_grade((self.grades.get(shot, "none"), first.grade))


def complete(finding: Finding, assertion: PlannedAssertion, shot: str) -> Finding:
    """Add the assertion's data to a check's finding.

    A protocol rule can be weaker than the assertion that checks it, but never stronger.
    """
    return replace(
        Finding(status="holds") if finding.holds else finding,
        rule=finding.rule or assertion.rule,
        level=max(finding.level, assertion.level, key=LEVELS.index),
        grade=finding.grade if finding.holds else assertion.grade,
        shot=shot,
        place=assertion.place,
    )
