"""A plan -> the same plan once more: its shots under names of their own. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from harness.model import Demand, Plan, Script


def again(plan: Plan, turn: int) -> Plan:
    """The plan of a repetition, counted from 1; the first one is the plan itself.

    Controls are repeated too: each repetition is compared with what was sent along with it.
    """
    if turn == 1:
        return plan
    names = renamed(plan, turn)
    return replace(
        plan,
        scripts=tuple(script_again(script, turn, names) for script in plan.scripts),
        demands=tuple(demand_again(demand, names) for demand in plan.demands),
    )


def joined(plan: Plan, turns: Iterable[int]) -> Plan:
    """All that was fired and asked in these repetitions."""
    plans = [again(plan, turn) for turn in turns]
    scripts = tuple(script for each in plans for script in each.scripts)
    demands = tuple(demand for each in plans for demand in each.demands)
    return replace(plan, scripts=scripts, demands=demands)


def named(name: str, turn: int) -> str:
    return name if turn == 1 else f"{name}/r{turn}"


def renamed(plan: Plan, turn: int) -> Mapping[str, str]:
    """What each shot is called in a repetition: a step's name stays the last part."""
    return {
        shot.id: named(script.id, turn) + shot.id.removeprefix(script.id)
        for script in plan.scripts
        for shot in script.shots
    }


def origin(name: str, turn: int) -> str:
    """What a shot of a repetition is called in the first one."""
    before, _, after = name.rpartition(f"/r{turn}")
    return before + after if turn > 1 else name


def script_again(script: Script, turn: int, names: Mapping[str, str]) -> Script:
    shots = tuple(replace(shot, id=names[shot.id]) for shot in script.shots)
    return Script(named(script.id, turn), shots)


def demand_again(demand: Demand, names: Mapping[str, str]) -> Demand:
    return replace(
        demand,
        shots=tuple(names[shot] for shot in demand.shots),
        against=tuple(names[shot] for shot in demand.against),
        parts=tuple(tuple(demand_again(each, names) for each in part) for part in demand.parts),
    )
