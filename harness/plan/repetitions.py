"""A plan -> the same plan under other names: repeated, or one of several runs'. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace

from harness.model import Demand, Plan, Script


def again(plan: Plan, turn: int) -> Plan:
    """The plan of a repetition, counted from 1; the first one is the plan itself.

    Controls are repeated too: each repetition is compared with what was sent along with it.
    """
    return plan if turn == 1 else relabelled(plan, lambda name: named(name, turn))


def relabelled(plan: Plan, rename: Callable[[str], str]) -> Plan:
    """With every script called otherwise, and its shots after it."""
    names = renamed(plan, rename)
    scripts = (
        Script(rename(script.id), tuple(replace(s, id=names[s.id]) for s in script.shots))
        for script in plan.scripts
    )
    demands = tuple(demand_again(demand, names) for demand in plan.demands)
    return replace(plan, scripts=tuple(scripts), demands=demands)


def joined(plan: Plan, turns: Iterable[int]) -> Plan:
    """All that was fired and asked in these repetitions."""
    plans = [again(plan, turn) for turn in turns]
    scripts = tuple(script for each in plans for script in each.scripts)
    demands = tuple(demand for each in plans for demand in each.demands)
    return replace(plan, scripts=scripts, demands=demands)


def named(name: str, turn: int) -> str:
    return name if turn == 1 else f"{name}/r{turn}"


def renamed(plan: Plan, rename: Callable[[str], str]) -> Mapping[str, str]:
    """What each shot is called then: a step's name stays the last part."""
    return {
        shot.id: rename(script.id) + shot.id.removeprefix(script.id)
        for script in plan.scripts
        for shot in script.shots
    }


def origin(name: str, turn: int) -> str:
    """What a shot of a repetition is called in the first one."""
    before, _, after = name.rpartition(f"/r{turn}")
    return before + after if turn > 1 else name


def demand_again(demand: Demand, names: Mapping[str, str]) -> Demand:
    return replace(
        demand,
        shots=tuple(names[shot] for shot in demand.shots),
        against=tuple(names[shot] for shot in demand.against),
        parts=tuple(tuple(demand_again(each, names) for each in part) for part in demand.parts),
    )
