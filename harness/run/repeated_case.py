"""A case while its repetitions are judged, one after the other, and its result."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from harness.judge.repeats import Repeats
from harness.model import Exchange, Plan, Verdict
from harness.plan.repetitions import combine_plans


@dataclass(frozen=True, slots=True)
class CaseResult:
    """A judged case. `plan` and `exchanges` are those of the repetitions that are kept."""

    plan: Plan
    verdict: Verdict
    exchanges: Mapping[str, Exchange]


@dataclass(slots=True)
class RepeatedCase:
    """A case while its repetitions are judged, in their order.

    Attributes:
        kept: The results of the repetitions with a new finding, with their exchanges.
        error: What the harness failed at; no further repetition is judged then.
    """

    plan: Plan
    repeats: Repeats = field(default_factory=Repeats)
    kept: list[CaseResult] = field(default_factory=list)
    error: Exception | None = None

    def add(self, result: CaseResult) -> None:
        """Add the next repetition; keep its exchanges if it has a new finding."""
        if self.repeats.add(result.verdict):
            self.kept.append(result)

    def result(self) -> CaseResult:
        """Return the result of all repetitions. Raises the error, if any."""
        if self.error:
            raise self.error
        exchanges = {name: each for part in self.kept for name, each in part.exchanges.items()}
        plan = combine_plans([part.plan for part in self.kept])
        return CaseResult(plan, self.repeats.verdict(), exchanges)


Repetition = tuple[Plan, int]  # the plan of its case, and which one it is, from 1


def unjudged(plan: Plan, reason: str) -> CaseResult:
    """Return the result of a case that the harness failed to judge."""
    verdict = Verdict(plan.case, "inconclusive", "none", "harness", reason, 0.0, (), ())
    return CaseResult(plan, verdict, {})
