"""Cases -> verdicts: fired ahead, judged in order as often as asked, then let go. May not send."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain
from typing import Final

from harness.fire.engine import Engine
from harness.judge import judge
from harness.judge.repeats import Repeats
from harness.model import Answer, Case, Exchange, Plan, Verdict
from harness.plan.repetitions import repeat_plan

WINDOW: Final = 64  # cases, each repetition counted, that are fired ahead of the one that is judged
QUEUED: Final = 2 * WINDOW  # so many are made ready


@dataclass(slots=True)
class Scheduler:
    """A run's cases in their order, each `repeat` times, one repetition after the other."""

    engine: Engine
    plan: Callable[[Case], Plan]
    cases: Sequence[Case]
    repeat: int
    answers: dict[str, Answer]
    order: Mapping[str, int] = field(init=False)
    wanted: Counter[str] = field(init=False)
    judged: Counter[str] = field(default_factory=Counter)
    begun: set[str] = field(default_factory=set)
    coming: Iterator[tuple[int, Case, int]] = field(default_factory=lambda: iter(()))

    def __post_init__(self) -> None:
        self.order = {case.name: index for index, case in enumerate(self.cases)}
        self.wanted = Counter(s.id for case in self.cases for s in self.plan(case).scripts)

    def begin(self, cases: Iterable[Case]) -> None:
        """Fires the cases, and goes on to do so while each is waited for."""
        new = [case for case in cases if case.name not in self.begun]
        self.begun.update(case.name for case in new)
        turns = ((self.item(case, n), case, n) for case in new for n in range(1, self.repeat + 1))
        self.coming = chain(self.coming, turns)
        self.ready(min((self.item(case, 1) for case in new), default=0))

    def item(self, case: Case, turn: int) -> int:
        return self.order[case.name] * self.repeat + turn - 1

    def ready(self, item: int) -> None:
        """Hands the engine what comes next: a few, not the hundred thousand of a long run."""
        for ahead, case, turn in self.coming:
            self.engine.add(ahead, repeat_plan(self.plan(case), turn).scripts)
            if ahead >= item + QUEUED:
                return

    def verdict(self, case: Case) -> tuple[Verdict, Mapping[str, Exchange]]:
        """Waits for the case's own exchanges; those that say something new are kept for it."""
        repeats, kept = Repeats(), dict[str, Exchange]()
        for turn in range(1, self.repeat + 1):
            own, item = repeat_plan(self.plan(case), turn), self.item(case, turn)
            self.ready(item)
            exchanges = self.engine.wait(item, own.scripts)
            if repeats.add(judge(own, exchanges, self.answers)):
                kept.update(exchanges)
            self.let_go(case, own)
        return repeats.verdict(), kept

    def let_go(self, case: Case, own: Plan) -> None:
        """Nothing is kept that no other case will ask for."""
        for first, script in zip(self.plan(case).scripts, own.scripts, strict=True):
            self.judged[script.id] += 1
            if self.judged[script.id] >= self.wanted[first.id]:
                del self.judged[script.id]
                self.engine.forget([script.id])
                for shot in script.shots:
                    self.answers.pop(shot.id, None)
