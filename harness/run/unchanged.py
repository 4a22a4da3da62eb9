"""The recorded requests that other versions of the packs would send unchanged."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from functools import partial

from harness.judge.tries import MAX_TRIES, again
from harness.model import Plan, Script, Shot
from harness.plan.repetitions import rename_script, repetition_id


def unchanged_shots(before: Iterable[Plan], now: Iterable[Plan], repetitions: int) -> set[str]:
    """Return the ids of the shots whose recorded answers count for the new plans.

    They include the simpler requests that a failed shot needs, all repetitions, and further tries.
    """
    recorded = scripts_by_id(before)
    return {
        sent.shots[index].id
        for script in scripts_by_id(now).values()
        for index in range(same_shots(script, recorded.get(script.id)))
        for sent in sendings(script, repetitions)
    }


def scripts_by_id(plans: Iterable[Plan]) -> dict[str, Script]:
    """Return the scripts that a run sends, and those that it sends only if a shot fails."""
    return {
        script.id: script
        for plan in plans
        for script in (*plan.scripts, *(each.script for each in plan.prerequisites))
    }


def sendings(script: Script, repetitions: int) -> Iterator[Script]:
    """Yield the script as each repetition sends it, and as each further try sends it."""
    for turn in range(1, repetitions + 1):
        repeated = rename_script(script, partial(repetition_id, turn=turn))
        yield repeated
        yield from (again(repeated, number) for number in range(2, MAX_TRIES + 1))


def same_shots(now: Script, before: Script | None) -> int:
    """Return how many shots of a script come before the first whose request has changed."""
    shots: Sequence[Shot] = before.shots if before else ()
    same = 0
    for old, new in zip(shots, now.shots, strict=False):
        if (old.call, old.mode) != (new.call, new.mode):
            break
        same += 1
        if dict(old.capture) != dict(new.capture):
            break
    return same
