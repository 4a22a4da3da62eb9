"""Hands the cases of a run to the engine, ahead of the one that is judged."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Final

from harness.fire.alike import shared_contents
from harness.fire.engine import Engine
from harness.model import Answer, Exchange, Plan, Script
from harness.plan.repetitions import repeat_plan
from harness.run.repeated_case import Repetition
from harness.run.shared_scripts import SharedScripts, possible_scripts

WINDOW: Final = 64  # repetitions of cases that are sent ahead of the one that is judged
QUEUED: Final = 2 * WINDOW  # repetitions that the engine has in its queue


@dataclass(slots=True)
class Scheduler:
    """Hands the plans to the engine in their order, each `repeat` times in a row."""

    engine: Engine
    plans: Sequence[Plan]
    repeat: int
    answers: dict[str, Answer]
    order: Mapping[str, int] = field(init=False)
    scripts: SharedScripts = field(init=False)
    coming: Iterator[tuple[int, Plan]] = field(init=False)
    queued: int = 0

    def __post_init__(self) -> None:
        self.order = {plan.case.name: index for index, plan in enumerate(self.plans)}
        self.scripts = SharedScripts(self.plans)
        planned = (script for plan in self.plans for script in possible_scripts(plan))
        self.engine.alike.cases = shared_contents(planned)
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
        for ahead, plan in islice(self.coming, max(0, item + QUEUED + 1 - self.queued)):
            self.engine.add(ahead, plan.scripts)
            self.queued += 1

    def wait(self, plan: Plan, turn: int) -> Mapping[str, Exchange]:
        """Wait for the exchanges of a repetition, by shot id."""
        item = self.item(plan, turn)
        self.enqueue(item)
        return self.engine.wait(item, repeat_plan(plan, turn).scripts)

    def judgeable(self, plans: Sequence[Plan]) -> Iterator[Repetition]:
        """Send the requests and yield each repetition when all its exchanges are there.

        If the target stops answering, plans that lack an exchange are left out.
        """
        incomplete = set[str]()
        for plan, turn in self.answered(plans):
            if plan.case.name in incomplete:
                continue
            if self.is_complete(plan, turn):
                yield plan, turn
            else:
                incomplete.add(plan.case.name)

    def answered(self, plans: Sequence[Plan]) -> Iterator[Repetition]:
        """Send the requests and yield each repetition when its exchanges are there.

        One with a request that is sent again comes last, or when the answers fill the memory, and
        so do the further ones of its case.
        """
        self.enqueue()
        later: list[Repetition] = []
        for plan in plans:
            for turn in range(1, self.repeat + 1):
                self.wait(plan, turn)
                waits = bool(later) and later[-1][0] is plan
                if waits or self.is_sent_again(plan, turn):
                    later.append((plan, turn))
                else:
                    yield plan, turn
                if later and self.engine.is_full():
                    self.engine.send_again()
                    yield from later
                    later = []
        self.engine.send_again()
        yield from later

    def is_sent_again(self, plan: Plan, turn: int) -> bool:
        """Return whether some requests of a repetition are sent again."""
        return self.engine.runner.is_sent_again(repeat_plan(plan, turn).scripts)

    def is_complete(self, plan: Plan, turn: int) -> bool:
        """Return whether no exchange is missing because the target stopped answering."""
        if not self.engine.runner.health.stopped:
            return True
        reasons = {each.reason for each in self.wait(plan, turn).values()}
        return "stopped" not in reasons and not self.is_sent_again(plan, turn)

    def send_now(self, plan: Plan, turn: int, scripts: Sequence[Script]) -> Mapping[str, Exchange]:
        """Send scripts that are not part of the plan. Shared ones are kept for later cases."""
        exchanges = self.engine.wait(self.item(plan, turn), scripts)
        if self.engine.runner.is_sent_again(scripts):
            self.engine.send_again()
            exchanges = self.engine.wait(self.item(plan, turn), scripts)
        self.engine.forget(script.id for script in scripts if not script.shared)
        return exchanges

    def release(self, plan: Plan, turn: int) -> None:
        """Free the scripts of a judged repetition that no later case uses."""
        for script in self.scripts.unused_after(plan, turn):
            self.engine.forget([script.id])
            for shot in script.shots:
                self.answers.pop(shot.id, None)
