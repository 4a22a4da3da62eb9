"""--llm-smoke, --llm-shard -> which of the selected cases are left to others. May not fire."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from harness.load.smoke import load_smoke
from harness.model import Case
from harness.plan.shards import shards
from harness.plugin.options import place
from harness.run import Session

SMOKE: Final = "not among --smoke"


def unsmoked(session: Session, cases: Sequence[Case]) -> list[str]:
    """Those that are not among the few that catch the most. Raises UsageError."""
    packs = {case.pack for case in cases}
    few = {f"{pack}/{id_}" for pack in packs for id_ in load_smoke(session.packs[pack]).cases}
    return [case.name for case in cases if case.name not in few]


def smoke_told(session: Session) -> str:
    """How many they are, and what the others would catch besides."""
    known = [(pack, load_smoke(pack)) for pack in session.packs.values()]
    few = sum(len(smoke.cases) for _, smoke in known)
    every = sum(len(pack.cases) for pack, _ in known)
    caught = sum(smoke.catches for _, smoke in known)
    mutants = sum(smoke.mutants for _, smoke in known)
    return (
        f"{few} of {every} cases; of the faults that all of them catch ({mutants} are known) these "
        f"catch {caught}"
    )


def left_out(config: Any, session: Session, cases: Sequence[Case]) -> dict[str, str]:
    """The cases that are not for this run, by name, and why."""
    gone = dict.fromkeys(unsmoked(session, cases) if config.getoption("--llm-smoke") else (), SMOKE)
    shard = config.getoption("--llm-shard")
    if not shard:
        return gone
    number, of = place(shard)
    parts = shards([session.plan(case) for case in cases if case.name not in gone], of)
    return gone | {
        plan.case.name: f"in shard {other}/{of}"
        for other, part in enumerate(parts, 1)
        for plan in part
        if other != number
    }
