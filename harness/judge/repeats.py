"""Combination of the verdicts of a case's repetitions into one.

The worst repetition decides. If the repetitions disagree, that is a finding of its own.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from harness.model import GRADES, OUTCOMES, Finding, Outcome, Verdict
from harness.plan.repetitions import original_id

RULE: Final = "flaky"
MAX_KEPT: Final = 5  # further repetitions whose exchanges are kept, each with a new finding


@dataclass(slots=True)
class Repeats:
    """The first verdict, the worst one, and the new findings of each later one."""

    first: Verdict | None = None
    worst: Verdict | None = None
    outcomes: list[Outcome] = field(default_factory=list)
    kept: list[int] = field(default_factory=list)
    additions: list[Verdict] = field(default_factory=list)
    reported: set[tuple[str, ...]] = field(default_factory=set)
    seconds: float = 0.0

    def add(self, verdict: Verdict) -> bool:
        """Add the next repetition and return whether to keep its exchanges."""
        self.outcomes.append(verdict.outcome)
        self.seconds += verdict.seconds
        if self.worst is None or severity(verdict) < severity(self.worst):
            self.worst = verdict
        turn = len(self.outcomes)
        new = [f for f in verdict.findings if is_failure(f) and key(f, turn) not in self.reported]
        if self.first is None:
            self.first = verdict
        elif not new or len(self.kept) > MAX_KEPT:
            return False
        else:
            self.additions.append(reduce_to(verdict, new, turn))
        self.reported |= {key(finding, turn) for finding in new}
        self.kept.append(turn)
        return True

    def verdict(self) -> Verdict:
        """Return the combined verdict; a single repetition is returned unchanged."""
        assert self.first is not None
        assert self.worst is not None
        if len(self.outcomes) == 1:
            return self.first
        parts = [self.first, *self.additions]
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
            kept_repeats=tuple(self.kept),
        )

    def agreement(self, first: Verdict) -> Iterator[Finding]:
        """Yield the finding that says whether the repetitions agree."""
        if first.outcome == "skip":
            return
        agree = len(set(self.outcomes)) == 1
        yield Finding(
            rule=RULE,
            level="should",
            status="holds" if agree else "fails",
            grade=first.evidence,
            shot=first.shots[0].id if first.shots else "",
            place=first.case.place,
            at="" if agree else "repeats",
            expected="" if agree else "the same verdict each time",
            got="" if agree else format_outcomes(self.outcomes),
        )


def key(finding: Finding, turn: int) -> tuple[str, ...]:
    """Identify a finding across repetitions."""
    shot = original_id(finding.shot, turn)
    return finding.rule, finding.level, shot, finding.at, finding.expected, finding.got


def severity(verdict: Verdict) -> tuple[int, int]:
    """Return a sort key: the worst outcome first, then the weakest evidence."""
    return OUTCOMES.index(verdict.outcome), GRADES.index(verdict.evidence)


def is_failure(finding: Finding) -> bool:
    return not finding.holds and finding.level != "may"


def reduce_to(verdict: Verdict, findings: list[Finding], turn: int) -> Verdict:
    """Return a repetition's verdict with only these findings and their shots."""
    shots = {finding.shot for finding in findings}
    kept = tuple(replace(shot, turn=turn) for shot in verdict.shots if shot.id in shots)
    return replace(verdict, shots=kept, findings=tuple(findings))


def format_outcomes(outcomes: Sequence[Outcome]) -> str:
    """Return the outcomes with their counts: `fail 3 of 5, pass 2 of 5`."""
    counts = Counter(outcomes)
    return ", ".join(f"{o} {counts[o]} of {len(outcomes)}" for o in OUTCOMES if counts[o])
