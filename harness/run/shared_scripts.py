"""Finds when the answers to scripts that several cases share are needed no more."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator

from harness.model import Plan, Script
from harness.plan.repetitions import repeat_plan


class SharedScripts:
    """Counts the judged plans that use a script, in each repetition, or would if a shot fails.

    Args:
        plans: Those that will be judged.
    """

    def __init__(self, plans: Iterable[Plan]) -> None:
        self.users = Counter(script.id for plan in plans for script in possible_scripts(plan))
        self.judged = Counter[str]()

    def unused_after(self, plan: Plan, turn: int) -> Iterator[Script]:
        """Count a repetition as judged, and yield its scripts that no later case uses."""
        repeated = repeat_plan(plan, turn)
        pairs = zip(possible_scripts(plan), possible_scripts(repeated), strict=True)
        for first, script in pairs:
            self.judged[script.id] += 1
            if self.judged[script.id] >= self.users[first.id]:
                del self.judged[script.id]
                yield script


def possible_scripts(plan: Plan) -> list[Script]:
    """Return the scripts of a plan, and those that it sends only if a shot fails, each once."""
    others = (each.script for each in plan.prerequisites)
    return [*{script.id: script for script in (*plan.scripts, *others)}.values()]
