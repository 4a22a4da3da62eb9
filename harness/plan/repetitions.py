"""Renames the scripts of a plan, for repetitions and for transcripts of several runs."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace

from harness.model import Plan, PlannedAssertion, Script, Shot


def repeat_plan(plan: Plan, turn: int) -> Plan:
    """Return the plan of a repetition, counted from 1; the first one is the plan itself.

    Controls are repeated too, so that each repetition is compared with its own.
    """
    return plan if turn == 1 else rename_scripts(plan, lambda name: repetition_id(name, turn))


def rename_scripts(plan: Plan, rename: Callable[[str], str]) -> Plan:
    """Return the plan with new ids for its scripts, and for their shots accordingly."""
    scripts = tuple(rename_script(script, rename) for script in plan.scripts)
    renamed = (shot.id for script in scripts for shot in script.shots)
    names = dict(zip((shot.id for shot in plan.shots), renamed, strict=True))
    assertions = tuple(rename_assertion(assertion, names) for assertion in plan.assertions)
    prerequisites = tuple(
        replace(
            each,
            script=rename_script(each.script, rename),
            shots=tuple(names[shot] for shot in each.shots),
        )
        for each in plan.prerequisites
    )
    return replace(
        plan,
        scripts=scripts,
        assertions=assertions,
        prerequisites=prerequisites,
        controls={names[shot]: names[control] for shot, control in plan.controls.items()},
    )


def possible_shots(plan: Plan) -> tuple[Shot, ...]:
    """Return the shots of a plan, and those that are sent only if another one fails."""
    return (*plan.shots, *(shot for each in plan.prerequisites for shot in each.script.shots))


def rename_script(script: Script, rename: Callable[[str], str]) -> Script:
    """Return the script and its shots with a new id; the name of a step stays the last part."""
    name = rename(script.id)
    shots = (replace(s, id=name + s.id.removeprefix(script.id)) for s in script.shots)
    return Script(name, tuple(shots))


def combine_repetitions(plan: Plan, turns: Iterable[int]) -> Plan:
    """Return a plan with the scripts and assertions of these repetitions."""
    return combine_plans([repeat_plan(plan, turn) for turn in turns])


def combine_plans(plans: Sequence[Plan]) -> Plan:
    """Return the first of some plans of a case with the scripts and assertions of all."""
    scripts = tuple(script for each in plans for script in each.scripts)
    assertions = tuple(assertion for each in plans for assertion in each.assertions)
    controls = {shot: control for each in plans for shot, control in each.controls.items()}
    return replace(plans[0], scripts=scripts, assertions=assertions, controls=controls)


def repetition_id(name: str, turn: int) -> str:
    """Return the name of a script in a repetition."""
    return name if turn == 1 else f"{name}/r{turn}"


def original_id(name: str, turn: int) -> str:
    """Return the id in the first repetition of a shot of repetition `turn`."""
    before, _, after = name.rpartition(f"/r{turn}")
    return before + after if turn > 1 else name


def rename_assertion(assertion: PlannedAssertion, names: Mapping[str, str]) -> PlannedAssertion:
    return replace(
        assertion,
        shots=tuple(names[shot] for shot in assertion.shots),
        against=tuple(names[shot] for shot in assertion.against),
        parts=tuple(
            tuple(rename_assertion(each, names) for each in part) for part in assertion.parts
        ),
    )
