"""Verdicts on the same case, one a repetition -> one. May not overrule any of them.

A fail among them is a fail, however many passed; that they disagree is a finding of its own.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from harness.model import GRADES, OUTCOMES, Finding, Outcome, Verdict
from harness.plan.repetitions import original_id

RULE: Final = "flaky"
MOST: Final = 5  # repetitions shown beside the first: each with something that none before had


@dataclass(slots=True)
class Repeats:
    """What is kept of so many verdicts: the first, the worst, and what each newly found."""

    first: Verdict | None = None
    worst: Verdict | None = None
    outcomes: list[Outcome] = field(default_factory=list)
    shown: list[int] = field(default_factory=list)
    news: list[Verdict] = field(default_factory=list)
    seen: set[tuple[str, ...]] = field(default_factory=set)
    seconds: float = 0.0

    def add(self, verdict: Verdict) -> bool:
        """Takes the next one; whether its exchanges are to be kept."""
        self.outcomes.append(verdict.outcome)
        self.seconds += verdict.seconds
        if self.worst is None or weight(verdict) < weight(self.worst):
            self.worst = verdict
        turn = len(self.outcomes)
        found = [f for f in verdict.findings if tells(f) and self.key(f, turn) not in self.seen]
        if self.first is None:
            self.first = verdict
        elif not found or len(self.shown) > MOST:
            return False
        else:
            self.news.append(only(verdict, found, turn))
        self.seen |= {self.key(finding, turn) for finding in found}
        self.shown.append(turn)
        return True

    def key(self, finding: Finding, turn: int) -> tuple[str, ...]:
        shot = original_id(finding.shot, turn)
        return finding.rule, finding.level, shot, finding.at, finding.expected, finding.got

    def verdict(self) -> Verdict:
        """Of one repetition its own verdict, as it is."""
        assert self.first is not None
        assert self.worst is not None
        if len(self.outcomes) == 1:
            return self.first
        parts = [self.first, *self.news]
        return Verdict(
            case=self.first.case,
            outcome=self.worst.outcome,
            evidence=self.worst.evidence,
            cause=self.worst.cause,
            reason=self.worst.reason,
            seconds=self.seconds,
            shots=tuple(shot for part in parts for shot in part.shots),
            findings=(*self.agreement(self.first), *(f for part in parts for f in part.findings)),
            repeats=tuple(self.outcomes),
            shown=tuple(self.shown),
        )

    def agreement(self, first: Verdict) -> Iterator[Finding]:
        if first.outcome == "skip":
            return
        agree = len(set(self.outcomes)) == 1
        yield Finding(
            rule=RULE,
            level="should",
            holds=agree,
            grade=first.evidence,
            shot=first.shots[0].id if first.shots else "",
            demanded=str(first.case.place),
            at="" if agree else "repeats",
            expected="" if agree else "the same verdict each time",
            got="" if agree else said(self.outcomes),
        )


def weight(verdict: Verdict) -> tuple[int, int]:
    """The strongest outcome first; of equal ones that which rests on least."""
    return OUTCOMES.index(verdict.outcome), GRADES.index(verdict.evidence)


def tells(finding: Finding) -> bool:
    return not finding.holds and finding.level != "may"


def only(verdict: Verdict, found: list[Finding], turn: int) -> Verdict:
    """Of a repetition what it newly found, and the shots that this was found on."""
    shots = {finding.shot for finding in found}
    kept = tuple(replace(shot, turn=turn) for shot in verdict.shots if shot.id in shots)
    return replace(verdict, shots=kept, findings=tuple(found))


def said(outcomes: Sequence[Outcome]) -> str:
    """`fail 3 of 5, pass 2 of 5`."""
    counted = Counter(outcomes)
    return ", ".join(f"{o} {counted[o]} of {len(outcomes)}" for o in OUTCOMES if counted[o])
