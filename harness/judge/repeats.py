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
        failures = [f for f in verdict.findings if not f.holds and f.level != "may"]
        new = [finding for finding in failures if key(finding, turn) not in self.reported]
        if self.first is None:
            self.first = verdict
        elif not new or len(self.kept) > MAX_KEPT:
            return False
        else:
            shots = {finding.shot for finding in new}
            kept = tuple(replace(s, turn=turn) for s in verdict.shots if s.id in shots)
            self.additions.append(replace(verdict, shots=kept, findings=tuple(new)))
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
        return replace(
            self.worst,
            seconds=self.seconds,
            shots=tuple(shot for part in parts for shot in part.shots),
            findings=(*self.agreement(), *(f for part in parts for f in part.findings)),
            repeats=tuple(self.outcomes),
            kept_repeats=tuple(self.kept),
        )

    def agreement(self) -> Iterator[Finding]:
        """Yield the finding that states whether the repetitions agree."""
        first = self.first
        if first is None or first.outcome == "skip":
            return
        finding = Finding("repeats", "the same verdict each time", format_outcomes(self.outcomes))
        yield replace(
            Finding(status="holds") if len(set(self.outcomes)) == 1 else finding,
            rule=RULE,
            level="should",
            grade=first.evidence,
            shot=first.shots[0].id if first.shots else "",
            place=first.case.place,
        )


def key(finding: Finding, turn: int) -> tuple[str, ...]:
    """Identify a finding across repetitions."""
    shot = original_id(finding.shot, turn)
    return finding.rule, finding.level, shot, finding.at, finding.expected, finding.got


def severity(verdict: Verdict) -> tuple[int, int]:
    """Return a sort key: the worst outcome first, then the weakest evidence."""
    return OUTCOMES.index(verdict.outcome), GRADES.index(verdict.evidence)


def format_outcomes(outcomes: Sequence[Outcome]) -> str:
    """Return the outcomes with their counts: `fail 3 of 5, pass 2 of 5`."""
    counts = Counter(outcomes)
    return ", ".join(f"{o} {counts[o]} of {len(outcomes)}" for o in OUTCOMES if counts[o])
