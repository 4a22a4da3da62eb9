"""A recorded run, the packs here -> whether its cases are theirs. Judges no answer.

A transcript brings its own cases, so whoever writes one could write easier ones. What a version
requires must therefore ask and demand what the same case of the packs here does; what was added to
them since is no matter.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Final

from harness.language.behaviours import BY_ID
from harness.load import load_packs, pack_folder
from harness.load.requirements import load_requirements, required
from harness.model import Pack, Place, Plan, PlannedAssertion, Target
from harness.model.cases import Requirements
from harness.plan import plan
from harness.plan.repetitions import rename_scripts
from harness.plan.shots import is_shared
from harness.run.replay import RecordedRun
from harness.util import serialization
from harness.util.errors import FileProblems, UsageError

SHARD: Final = re.compile(r"/s\d+$")
NOWHERE: Final = Place("", 0, 0)
MOST: Final = 5


def compared(run: RecordedRun, names: Sequence[str]) -> tuple[list[Pack], list[tuple[bool, str]]]:
    """The run's packs with what is required of their version here; and what is to be said.

    `names`: the packs here, where they are not among those that ship. Raises FileProblems.
    """
    ours, target = here(run, names), serialization.from_json(Target, run.header["target"])
    found, told = [], []
    for pack in run.packs:
        known = replace(pack, frozen=laid_down(pack, ours.get(pack.id)))
        found.append(known)
        told.append(same_cases(run, known, ours.get(pack.id), target))
    return found, told


def here(run: RecordedRun, names: Sequence[str]) -> dict[str, Pack]:
    """The packs of the run as they are here: what is named, else what ships."""
    wanted = list(names)
    for pack in run.packs if not names else ():
        try:
            wanted.append(str(pack_folder(pack.id)))
        except UsageError:
            continue  # that it is not here is told
    return {pack.id: pack for pack in load_packs(wanted, tuple(BY_ID))}


def laid_down(pack: Pack, ours: Pack | None) -> Requirements | None:
    """What is required of the version that was run, which may be an older one."""
    problems: list[tuple[Place, str]] = []
    found = (
        load_requirements(Path(ours.folder), pack.id, pack.version, problems)
        if ours is not None
        else None
    )
    if problems:
        raise FileProblems(problems)
    return found


def same_cases(
    run: RecordedRun, known: Pack, ours: Pack | None, target: Target
) -> tuple[bool, str]:
    if known.frozen is None or ours is None:
        says = f"what {known.id} {known.version} requires is not known here: --pack FOLDER names it"
        return False, says
    then = {each.case.id: each for each in run.plans if each.case.pack == known.id}
    cases = {case.id: case for case in ours.cases}
    names = [name for _, _, name in required(known.frozen) if name in then]
    other = [
        name
        for name in names
        if name not in cases or bare(plan(cases[name], ours, target)) != bare(then[name])
    ]
    if other:
        return False, otherwise(known, ours, other)
    return True, f"{known.id} {known.version}: its {len(names)} required cases are those of here"


def otherwise(then: Pack, now: Pack, names: Sequence[str]) -> str:
    listed = ", ".join(names[:MOST]) + (f" and {len(names) - MOST} more" if names[MOST:] else "")
    if then.digest == now.digest:
        return f"{then.id} {then.version}: these cases were changed in the transcript: {listed}"
    return (
        f"{then.id} {then.version}: these cases are not those of the pack here ({now.version}): "
        f"{listed}; --pack FOLDER names the pack of then"
    )


def bare(one: Plan) -> str:
    """A plan as text, without the places where it was written.

    The controls of merged shards have names of their own: which shard's each is says nothing.
    """
    one = rename_scripts(one, lambda name: SHARD.sub("", name) if is_shared(name) else name)
    case = replace(one.case, place=NOWHERE, places={})
    assertions = tuple(placeless(assertion) for assertion in one.assertions)
    made = dict(serialization.to_json(replace(one, case=case, assertions=assertions)))
    if made.get("claim"):
        made["claim"] = {**made["claim"], "place": None}
    return json.dumps(made, sort_keys=True)


def placeless(one: PlannedAssertion) -> PlannedAssertion:
    parts = tuple(tuple(placeless(assertion) for assertion in part) for part in one.parts)
    return replace(one, place=NOWHERE, parts=parts)
