"""The state of one case while it is judged: its answers, findings and open causes."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Final

from harness.judge.answers import Answers
from harness.judge.credit import credit_of, limit_credit
from harness.judge.evaluate import Context, evaluate
from harness.judge.proof import is_replaced
from harness.judge.tries import further_tries
from harness.judge.usage import without_usage
from harness.language import checks
from harness.language.checks.status import OK
from harness.model import (
    LEVELS,
    SIGNALS,
    Blocker,
    Cause,
    Exchange,
    Finding,
    Grade,
    Level,
    Plan,
    PlannedAssertion,
    Signal,
    Signals,
    SignalState,
    Stage,
    max_grade,
)

IMPLICIT: Final = ("shape", "forwarded")  # stages of what every shot must meet


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
        distorted: Why a stream shows nothing else, since another request breaks the same rule.
        blocked_by: What prevents shots, as another case has to report it.
        proved: Shots whose forwarded request is decided.
        open: Why assertions that only warn are undecided, each with its cause.
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
    distorted: dict[str, tuple[str, Blocker]] = field(default_factory=dict)
    blocked_by: list[Blocker] = field(default_factory=list)
    proved: set[str] = field(default_factory=set)
    open: list[tuple[Cause, str]] = field(default_factory=list)

    def exchange(self, shot: str) -> Exchange | None:
        return self.answers.exchanges.get(shot)

    def is_answered(self, shot: str) -> bool:
        """Whether a request has a complete answer with a success status."""
        exchange = self.exchange(shot)
        return exchange is not None and exchange.end == "complete" and exchange.status in OK

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
        return bool((exchange := self.exchange(shot)) and exchange.forwarded)

    def is_refused_by_provider(self, shot: str) -> bool:
        """Whether the provider refused the last request that the shot caused."""
        exchange = self.exchange(shot)
        forwarded = (exchange and exchange.forwarded) or ()
        return bool(forwarded) and 400 <= forwarded[-1].status < 500

    def add_cause(self, cause: Cause, reason: str) -> None:
        self.causes.append((cause, reason))

    def block(self, shot: str, reason: str, *blockers: Blocker) -> None:
        """Leave a shot undecided, because another fault prevents it."""
        self.add_cause("blocked", reason)
        self.undecided.add(shot)
        self.blocked_by += blockers

    def add_failure(self, shot: str, rule: str, expected: str, got: str) -> None:
        """Record a `must` failure that no assertion of the case checks for."""
        place = self.plan.case.place
        self.findings += [Finding(rule, expected, got, shot, rule, grade="accepted", place=place)]

    def evaluate(self, assertion: PlannedAssertion) -> None:
        """Run an assertion on all its active shots and record the findings."""
        check = checks.BY_ID.get(assertion.check)
        sees = self.reached_provider if check and check.grade == "upstream" else None
        level, every = assertion.level, assertion.shots
        shots = [shot for shot in every if self.is_active(shot, level) or (sees and sees(shot))]
        shots = [s for s in shots if not (s in self.proved and is_replaced(assertion))]
        together = shots and check and check.across
        for group in [shots] if together else [[shot] for shot in shots]:
            findings = self.best_of_tries(assertion, group)
            for shot in group:
                own = [finding for finding in findings if finding.shot in (shot, "")]
                self.record(assertion, shot, own or [replace(findings[0], status="holds")])

    def best_of_tries(self, assertion: PlannedAssertion, shots: Sequence[str]) -> list[Finding]:
        """Evaluate an assertion. Words that the model writes in one of several tries count."""
        findings = self.check(assertion, shots)
        if len(shots) == 1 and findings[0].status == "fails" and findings[0].depends_on_model:
            for again in further_tries(self.plan.scripts, shots[0]):
                later = self.check(assertion, [again]) if self.is_active(again) else findings
                if later[0].holds:
                    return later
        return findings

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

    def signal(self, shot_id: str, name: Signal) -> SignalState | None:
        """Return what is known about a signal in the protocol and mode of a shot."""
        shot = self.answers.shots[shot_id]
        return self.signals.get((shot.call.protocol, shot.mode, name))

    def dead_signal(self, assertion: PlannedAssertion, shots: Sequence[str]) -> str:
        """Return why a signal that the assertion needs is dead; empty if it needs no such one."""
        for shot in (*shots, *assertion.against):
            for need in sorted(assertion.needs, key=SIGNALS.index):
                state = self.signal(shot, need)
                if state and not state.alive:
                    return f"signal {need}: {state.reason}"
        return ""

    def record(self, assertion: PlannedAssertion, shot: str, findings: Sequence[Finding]) -> None:
        """Keep findings that hold or fail; an undecided one becomes a cause."""
        first = (findings := limit_credit(self, assertion, shot, findings))[0]
        if first.status == "undecided":
            rule = "" if first.cause == "signal" else f"{assertion.rule}: "
            decides = assertion.level == "must" or first.cause == "harness"
            if decides or assertion.level == "should":
                (self.causes if decides else self.open).append((first.cause, rule + first.got))
        if first.status in ("undecided", "not_applicable"):
            return
        completed = [complete(finding, assertion, shot) for finding in findings]
        case, signal = self.plan.case, partial(self.signal, shot)
        self.findings += [without_usage(f, assertion, case, signal) for f in completed]
        if assertion.check == "any_of" and first.status == "fails" and first.level == "should":
            self.ceilings[shot] = first.grade  # what was only counted gives no credit
        if assertion.stage not in IMPLICIT:  # such a check gives no evidence about the field
            self.grades[shot] = max_grade((self.grades.get(shot, "none"), credit_of(first)))


def complete(finding: Finding, assertion: PlannedAssertion, shot: str) -> Finding:
    """Add the assertion's data to a check's finding.

    A protocol rule can be weaker than the assertion that checks it, but never stronger.
    """
    return replace(
        Finding(status="holds", got=finding.got) if finding.holds else finding,
        rule=finding.rule or assertion.rule,
        level=max(finding.level, assertion.level, key=LEVELS.index),
        grade=finding.grade if finding.holds else assertion.grade,
        shot=shot,
        place=assertion.place,
    )
