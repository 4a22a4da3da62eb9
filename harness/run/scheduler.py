"""Order of sending: cases are sent ahead of the one that is judged, and released after it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from harness.fire.engine import Engine
from harness.model import Answer, Exchange, Plan
from harness.plan.repetitions import repeat_plan

WINDOW: Final = 64  # repetitions of cases that are sent ahead of the one that is judged
QUEUED: Final = 2 * WINDOW  # repetitions that the engine has in its queue


@dataclass(slots=True)
class Scheduler:
    """Hands the plans to the engine in their order, each `repeat` times in a row.

    Attributes:
        shared: How many plans use a script, by script id.
        judged: How many plans that use a script are judged, by script id.
    """

    engine: Engine
    plans: Sequence[Plan]
    repeat: int
    answers: dict[str, Answer]
    order: Mapping[str, int] = field(init=False)
    shared: Counter[str] = field(init=False)
    judged: Counter[str] = field(default_factory=Counter)
    coming: Iterator[tuple[int, Plan]] = field(init=False)

    def __post_init__(self) -> None:
        self.order = {plan.case.name: index for index, plan in enumerate(self.plans)}
        self.shared = Counter(script.id for plan in self.plans for script in plan.scripts)
        self.coming = (
            (self.item(plan, turn), repeat_plan(plan, turn))
            for plan in self.plans
            for turn in range(1, self.repeat + 1)
        )

    def item(self, plan: Plan, turn: int) -> int:
        """Return the position of a repetition in the run."""
        return self.order[plan.case.name] * self.repeat + turn - 1

    def enqueue(self, item: int = 0) -> None:
        """Fill the engine's queue up to QUEUED repetitions after `item`."""
        for ahead, plan in self.coming:
            self.engine.add(ahead, plan.scripts)
            if ahead >= item + QUEUED:
                return

    def wait(self, plan: Plan, turn: int) -> Mapping[str, Exchange]:
        """Wait for the exchanges of a repetition, by shot id."""
        item = self.item(plan, turn)
        self.enqueue(item)
        return self.engine.wait(item, repeat_plan(plan, turn).scripts)

    def release(self, plan: Plan, turn: int) -> None:
        """Free the scripts of a judged repetition that no later case uses."""
        for first, script in zip(plan.scripts, repeat_plan(plan, turn).scripts, strict=True):
            self.judged[script.id] += 1
            if self.judged[script.id] >= self.shared[first.id]:
                del self.judged[script.id]
                self.engine.forget([script.id])
                for shot in script.shots:
                    self.answers.pop(shot.id, None)
