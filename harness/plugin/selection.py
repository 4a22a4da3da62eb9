"""Why the options leave a case out: --case, --feature, --smoke and --shard."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

from harness.load.pack_folders import shipped_packs_with
from harness.load.smoke import load_smoke
from harness.model import Case
from harness.model.option_values import parse_shard
from harness.plan.shards import shards
from harness.run import LiveSession
from harness.run.replay import opt_in_reason
from harness.util.errors import UsageError
from harness.util.suggestion import suggestion

SMOKE: Final = "not among --smoke"


def check_names(names: Sequence[str], cases: Sequence[Case]) -> None:
    """Raises UsageError for a name that none of the cases has."""
    known = {case.id for case in cases} | {case.name for case in cases}
    for name in names:
        if name not in known:
            raise UsageError(f"no case `{name}`; {case_hint(name, known)}")


def case_hint(name: str, names: Iterable[str]) -> str:
    """Return what to do about a case that is not among the names of the run."""
    if packs := shipped_packs_with(name.rpartition("/")[2]):
        return f"it is a case of {' and '.join(packs)}; name its pack with --pack"
    return suggestion(name, names, "`harness list` shows all")


def option_reason(session: LiveSession, case: Case) -> str:
    """Return why --case or --feature leaves a case out; empty if it is selected."""
    names = session.options.cases
    if names:
        return "" if {case.id, case.name} & {*names} else "not among --case"
    return opt_in_reason(session.packs[case.pack], case.feature, session.target)


def part_reasons(session: LiveSession, cases: Sequence[Case]) -> dict[str, str]:
    """Return why --smoke or --shard leaves cases out, by their full names. Raises UsageError."""
    reasons: dict[str, str] = {}
    if session.options.smoke:
        packs = [session.packs[name] for name in {case.pack for case in cases}]
        smoke = {f"{pack.id}/{case}" for pack in packs for case in load_smoke(pack).cases}
        reasons = {case.name: SMOKE for case in cases if case.name not in smoke}
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


def describe_smoke(session: LiveSession) -> str:
    """Return how many cases the smoke subset has, and which share of the mutants it kills."""
    packs = session.packs.values()
    smokes = [load_smoke(pack) for pack in packs]
    return (
        f"{sum(len(smoke.cases) for smoke in smokes)} of {sum(len(pack.cases) for pack in packs)} "
        f"cases; of the faults that all of them catch ({sum(s.mutants for s in smokes)} are known) "
        f"these catch {sum(s.catches for s in smokes)}"
    )
