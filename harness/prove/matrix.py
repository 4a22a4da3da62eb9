"""The kill matrix: surviving mutants, cases that kill none, and false accusations."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from fnmatch import fnmatchcase

from harness.model import GRADES, Verdict
from harness.testbed.base import Mutant, Variant

CHAT = "openai"
OVER_CREDIT = "over-credit"  # the level of a Kill that stands for credit without evidence
NEGATIVE = ("rejected", "required")  # a refused value gives its field no credit
# Rules that every answer must meet; a case kills nothing of its own by them.
IMPLICIT_RULES = ("schema", "stream.", "http.", "transport", "prerequisite", "forward.")


@dataclass(frozen=True, slots=True)
class Kill:
    """One failed finding on a mutant."""

    case: str
    rule: str
    level: str


@dataclass(slots=True)
class Matrix:
    """The findings of the cases on each gateway.

    Attributes:
        false_accusations: What is wrong in the verdicts on each right gateway; over-credit too.
        cases: Full names of the cases.
        apart: The number of cases that use an SDK, which are not run here.
        strays: Mutants whose case does not exist.
        partial: Some mutants were not run, so that cases without kills are not known.
        full: Every case ran against every mutant.
    """

    kills: dict[str, tuple[Kill, ...]] = field(default_factory=dict)
    false_accusations: dict[str, tuple[str, ...]] = field(default_factory=dict)
    cases: tuple[str, ...] = ()
    shots: int = 0
    apart: int = 0
    mutants: Mapping[str, Mutant] = field(default_factory=dict)
    strays: tuple[Mutant, ...] = ()
    partial: bool = False
    full: bool = False

    def survivors(self) -> list[Mutant]:
        """Return the mutants that their own case does not kill by their own rule."""
        return [
            mutant
            for name, mutant in self.mutants.items()
            if not any(caught(kill, mutant) for kill in self.kills[name])
        ]

    def cases_without_kills(self) -> list[str]:
        """Return the cases that kill no mutant by an assertion of their own."""
        killing = {
            kill.case
            for name, kills in self.kills.items()
            for kill in kills
            if kills_by_own_assertion(kill, self.mutants[name])
        }
        return [] if self.partial else [case for case in self.cases if case not in killing]

    def alike(self) -> list[str]:
        """Return the variants that fail only where the reference gateway does."""
        right = {*self.false_accusations.get("right", ())}
        return [
            name
            for name, problems in self.false_accusations.items()
            if problems and name != "right" and right.issuperset(problems)
        ]

    def over_credited(self) -> list[str]:
        """Return the right gateways with credit for an effect that they never show."""
        return [
            name
            for name, problems in self.false_accusations.items()
            if any(problem.endswith(f"({OVER_CREDIT})") for problem in problems)
        ]

    def is_complete(self) -> bool:
        """Whether every mutant is killed, all cases kill one, and no right gateway fails."""
        problems = self.survivors() or self.cases_without_kills() or self.strays
        return not (problems or any(self.false_accusations.values()))


def caught(kill: Kill, mutant: Mutant) -> bool:
    same = kill.rule == mutant.rule or kill.rule.startswith(f"{mutant.rule} ")
    return same and kill.case == mutant.case


def kills_by_own_assertion(kill: Kill, mutant: Mutant) -> bool:
    """Whether a case kills a mutant by its own assertion, or by the rule the mutant names."""
    return not kill.rule.startswith(IMPLICIT_RULES) or caught(kill, mutant)


def kills_of(verdict: Verdict) -> Iterator[Kill]:
    """Yield the failed findings of a verdict; an inconclusive one kills nothing."""
    if verdict.outcome in ("fail", "warn"):
        rules = {(f.rule, f.level) for f in verdict.findings if not f.holds and f.level != "may"}
        yield from (Kill(verdict.case.name, rule, level) for rule, level in sorted(rules))


def false_accusations(verdict: Verdict) -> Iterator[Kill]:
    """Yield what is wrong in a verdict on a right gateway: everything but a pass."""
    if verdict.outcome == "inconclusive":
        yield Kill(verdict.case.name, f"inconclusive: {verdict.reason}", str(verdict.cause))
    elif verdict.outcome == "skip":
        yield Kill(verdict.case.name, "skip", "")
    yield from kills_of(verdict)


def variant_problems(variant: Variant, verdict: Verdict) -> Iterator[Kill]:
    """Yield what is wrong in a verdict on a variant, apart from what the variant states."""
    case = verdict.case
    rows = {f"{case.pack}/{row}" for row in (case.row, *case.also)}
    if (
        case.behaviour not in NEGATIVE
        and matches(rows, variant.not_credited)
        and has_credit(verdict)
    ):
        yield Kill(case.name, f"passes with the grade {verdict.evidence}", OVER_CREDIT)
    if verdict.outcome == "inconclusive" and verdict.cause in variant.causes:
        return
    if not (verdict.outcome in ("fail", "warn") and matches(rows, variant.affects)):
        yield from false_accusations(verdict)


def matches(rows: Iterable[str], patterns: Iterable[str]) -> bool:
    """Return whether one of the rows matches one of the patterns, such as `*/usage*`."""
    return any(fnmatchcase(row, pattern) for row in rows for pattern in patterns)


def has_credit(verdict: Verdict) -> bool:
    """Whether a verdict shows that a field has its effect."""
    strong = GRADES.index(verdict.evidence) >= GRADES.index("effect")
    return verdict.outcome in ("pass", "warn") and strong


def mutants_of_cases(mutants: Iterable[Mutant], cases: Mapping[str, str]) -> dict[str, Mutant]:
    """Return the mutants of some cases, with the case's full name, by id.

    Args:
        cases: The protocol of each case, by its full name. A mutant that names a case without its
            pack means a case of Chat Completions.
    """
    chat = {name.partition("/")[2]: name for name, protocol in cases.items() if protocol == CHAT}
    named = ((m, m.case if "/" in m.case else chat.get(m.case, "")) for m in mutants)
    return {m.id: replace(m, case=name) for m, name in named if name in cases}
