"""Why the options leave a case out: --case, --feature, --smoke and --shard."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from harness.load.smoke import load_smoke
from harness.model import Case
from harness.model.options import parse_shard
from harness.plan.shards import shards
from harness.run import LiveSession

SMOKE: Final = "not among --smoke"


def option_reason(session: LiveSession, case: Case) -> str:
    """Return why --case or --feature leaves a case out; empty if it is selected."""
    names = session.options.cases
    if names:
        return "" if {case.id, case.name} & {*names} else "not among --case"
    tier = session.packs[case.pack].features.get(case.feature, "core")
    selected = tier != "opt-in" or case.feature in session.target.features
    return "" if selected else f"opt-in: --feature {case.feature}"


def part_reasons(session: LiveSession, cases: Sequence[Case]) -> dict[str, str]:
    """Return why --smoke or --shard leaves cases out, by their full names. Raises UsageError."""
    reasons = dict.fromkeys(outside_smoke(session, cases), SMOKE)
    if not session.options.shard:
        return reasons
    number, of = parse_shard(session.options.shard)
    parts = shards([session.plan(case) for case in cases if case.name not in reasons], of)
    return reasons | {
        plan.case.name: f"in shard {other}/{of}"
        for other, part in enumerate(parts, 1)
        for plan in part
        if other != number
    }


def outside_smoke(session: LiveSession, cases: Sequence[Case]) -> list[str]:
    """Return the cases that --smoke leaves out, by their full names. Raises UsageError."""
    if not session.options.smoke:
        return []
    packs = {case.pack for case in cases}
    smoke = {f"{pack}/{id_}" for pack in packs for id_ in load_smoke(session.packs[pack]).cases}
    return [case.name for case in cases if case.name not in smoke]


def describe_smoke(session: LiveSession) -> str:
    """Return how many cases the smoke subset has, and which share of the mutants it kills."""
    known = [(pack, load_smoke(pack)) for pack in session.packs.values()]
    chosen = sum(len(smoke.cases) for _, smoke in known)
    total = sum(len(pack.cases) for pack, _ in known)
    caught = sum(smoke.catches for _, smoke in known)
    mutants = sum(smoke.mutants for _, smoke in known)
    return (
        f"{chosen} of {total} cases; of the faults that all of them catch ({mutants} are known) "
        f"these catch {caught}"
    )
