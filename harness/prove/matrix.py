"""What every case found on every gateway -> what is wrong with us. Fires and judges nothing."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace

from harness.model import Verdict
from harness.testbed.base import Mutant

CHAT = "openai"
# Every answer owes these, whatever the case is about: they are no teeth of its own.
UNASKED = ("schema", "stream.", "transport", "prerequisite")


@dataclass(frozen=True, slots=True)
class Kill:
    """One finding on a mutant that does not hold."""

    case: str
    rule: str
    level: str


@dataclass(slots=True)
class Matrix:
    """`cases`, and those of `mutants`: full names. `partial`: some mutants were not asked for: no
    teeth are counted. `full`: every case was tried on every mutant. `apart`: cases that ask by an
    SDK, of which nothing is known here.
    """

    kills: dict[str, tuple[Kill, ...]] = field(default_factory=dict)
    accused: dict[str, tuple[str, ...]] = field(default_factory=dict)
    cases: tuple[str, ...] = ()
    shots: int = 0
    apart: int = 0
    mutants: Mapping[str, Mutant] = field(default_factory=dict)
    strays: tuple[Mutant, ...] = ()
    partial: bool = False
    full: bool = False

    def survivors(self) -> list[Mutant]:
        """Mutants that their own case does not catch by their own rule."""
        return [
            mutant
            for name, mutant in self.mutants.items()
            if not any(caught(kill, mutant) for kill in self.kills[name])
        ]

    def cases_without_kills(self) -> list[str]:
        """Cases that catch no mutant by a demand of their own."""
        biting = {
            kill.case
            for name, kills in self.kills.items()
            for kill in kills
            if kills_by_own_assertion(kill, self.mutants[name])
        }
        return [] if self.partial else [case for case in self.cases if case not in biting]

    def right(self) -> bool:
        wrong = self.survivors() or self.cases_without_kills() or self.strays
        return not (wrong or any(self.accused.values()))


def caught(kill: Kill, mutant: Mutant) -> bool:
    same = kill.rule == mutant.rule or kill.rule.startswith(f"{mutant.rule} ")
    return same and kill.case == mutant.case


def kills_by_own_assertion(kill: Kill, mutant: Mutant) -> bool:
    """Whether a case caught a mutant by a demand of its own, or by the law it is there for."""
    return not kill.rule.startswith(UNASKED) or caught(kill, mutant)


def kills_of(verdict: Verdict) -> Iterator[Kill]:
    """Only a fail or a warn kills; an inconclusive one kills nothing."""
    if verdict.outcome in ("fail", "warn"):
        rules = {(f.rule, f.level) for f in verdict.findings if not f.holds and f.level != "may"}
        yield from (Kill(verdict.case.name, rule, level) for rule, level in sorted(rules))


def accused(verdict: Verdict) -> Iterator[Kill]:
    """What a right gateway is blamed for: anything but a pass."""
    if verdict.outcome == "inconclusive":
        yield Kill(verdict.case.name, f"inconclusive: {verdict.reason}", str(verdict.cause))
    elif verdict.outcome == "skip":
        yield Kill(verdict.case.name, "skip", "")
    yield from kills_of(verdict)


def mutants_of_cases(mutants: Iterable[Mutant], cases: Mapping[str, str]) -> dict[str, Mutant]:
    """Those whose case is among these, full name -> protocol; each names it in full from here on.

    A bare id is that of a case of Chat Completions, whatever pack has it.
    """
    chat = {name.partition("/")[2]: name for name, protocol in cases.items() if protocol == CHAT}
    named = ((m, m.case if "/" in m.case else chat.get(m.case, "")) for m in mutants)
    return {m.id: replace(m, case=name) for m, name in named if name in cases}
