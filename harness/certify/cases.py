"""Checks that the requests of a run carry its nonce, and that its cases are those of local packs.

A transcript contains its own cases, so its author could have written easier ones. The cases that a
pack's version requires must therefore send and assert what the same cases of the local packs do.
Cases that were added later do not matter.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Final, Literal, NamedTuple

from harness.certify.statement import run_nonce
from harness.fire.request import NONCE
from harness.language.behaviours import BY_ID
from harness.load.absent_features import without_absent_features
from harness.load.pack_folders import pack_folder
from harness.load.packs import load_packs
from harness.load.requirements import cases_in, load_requirements
from harness.model import Pack, Place, Plan, PlannedAssertion, Target
from harness.model.cases import Requirements
from harness.model.exchanges import is_shared
from harness.plan import plan
from harness.plan.repetitions import rename_scripts, repeat_plan
from harness.report.text import plural
from harness.run.replay import RecordedRun
from harness.util import serialization
from harness.util.errors import FileProblems, UsageError

SHARD: Final = re.compile(r"/s\d+$")
NO_PLACE: Final = Place("", 0, 0)
MAX_NAMES: Final = 5


class Check(NamedTuple):
    """One result of a verification; a `note` could not be checked or does not have to hold."""

    result: Literal["ok", "wrong", "note"]
    message: str


def compare_cases(run: RecordedRun, names: Sequence[str]) -> tuple[list[Pack], list[Check]]:
    """Return the run's packs with the requirements known here, and a check for each of them.

    The local packs are those named, or the shipped packs with the ids of the run's packs.
    """
    local = local_packs(run, names)
    target = serialization.from_json(Target, run.header["target"])
    packs = [replace(pack, frozen=requirements(pack, local.get(pack.id))) for pack in run.packs]
    return packs, [compare_pack(run, pack, local.get(pack.id), target) for pack in packs]


def local_packs(run: RecordedRun, names: Sequence[str]) -> dict[str, Pack]:
    folders = list(names)
    for pack in run.packs if not names else ():
        try:
            folders.append(str(pack_folder(pack.id)))
        except UsageError:
            continue  # `compare_pack` reports it
    loaded = load_packs(folders, tuple(BY_ID))
    return {pack.id: pack for pack in without_absent_features(loaded)}  # as in a run


def requirements(pack: Pack, local: Pack | None) -> Requirements | None:
    """Return those of the version that was run, which can be older than the local pack."""
    if local is None:
        return None
    problems: list[tuple[Place, str]] = []
    frozen = load_requirements(Path(local.folder), pack.id, pack.version, problems)
    if problems:
        raise FileProblems(problems)
    return frozen


def compare_pack(run: RecordedRun, pack: Pack, local: Pack | None, target: Target) -> Check:
    title = f"{pack.id} {pack.version}"
    if pack.frozen is None or local is None:
        return Check("wrong", f"the requirements of {title} are unknown here: use --pack FOLDER")
    recorded = {one.case.id: one for one in run.plans if one.case.pack == pack.id}
    cases = {case.id: case for case in local.cases}
    names = [name for _, _, name in cases_in(pack.frozen.profiles) if name in recorded]
    different = [
        name
        for name in names
        if name not in cases
        or canonical_plan(plan(cases[name], local, target)) != canonical_plan(recorded[name])
    ]
    if not different:
        return Check("ok", f"{title}: its {len(names)} required cases are those of the local pack")
    more = f" and {len(different) - MAX_NAMES} more" if len(different) > MAX_NAMES else ""
    listed = ", ".join(different[:MAX_NAMES]) + more
    if pack.digest == local.digest:
        return Check("wrong", f"{title}: these cases were changed in the transcript: {listed}")
    return Check(
        "wrong",
        f"{title}: these cases differ from the local pack ({local.version}): {listed}; "
        f"use --pack FOLDER with the version of the run",
    )


def canonical_plan(one: Plan) -> str:
    """Return a plan as text, without places, and without the suffixes of merged shards."""
    one = rename_scripts(one, lambda name: SHARD.sub("", name) if is_shared(name) else name)
    case = replace(one.case, place=NO_PLACE, places={})
    assertions = tuple(without_place(assertion) for assertion in one.assertions)
    data = dict(serialization.to_json(replace(one, case=case, assertions=assertions)))
    if data.get("claim"):
        data["claim"] = {**data["claim"], "place": None}
    return json.dumps(data, sort_keys=True)


def without_place(assertion: PlannedAssertion) -> PlannedAssertion:
    parts = tuple(tuple(without_place(one) for one in part) for part in assertion.parts)
    return replace(assertion, place=NO_PLACE, parts=parts)


def check_nonce(run: RecordedRun, expected: str) -> Iterator[Check]:
    """Every request must carry the nonce, except those that an SDK made."""
    nonce = run_nonce(run)
    if expected and nonce != expected:
        yield Check("wrong", f"the nonce of the run is {nonce or 'none'}, not {expected}")
    if not nonce:
        return
    turns = range(1, run.repeat + 1)
    plans = [repeat_plan(plan, turn) for plan in run.plans for turn in turns]
    own_shots = {shot.id for plan in plans for shot in plan.shots if not shot.call.client}
    exchanges = run.recorded.values()
    sent = [one for one in exchanges if one.attempts and one.shot in own_shots]
    missing = [one for one in sent if (NONCE, nonce) not in one.request_headers]
    if not sent:
        yield Check("note", f"the nonce is {nonce}; SDKs made every request and do not send it")
    elif missing:
        yield Check("wrong", f"{plural(len(missing), 'request')} did not carry the nonce")
    else:
        yield Check("ok", f"{plural(len(sent), 'request')} carried the nonce {nonce}")
