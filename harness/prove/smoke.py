"""Choice of the smoke subset: for each pack the few cases that kill the most mutants.

Cases of opt-in features are not part of it, nor mutants that only a provider can see.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence, Set
from dataclasses import dataclass
from typing import Final

from harness.load.smoke import Smoke
from harness.model import Pack
from harness.prove import worker_pool
from harness.prove.jobs import Job
from harness.prove.worker import prepare

SHARE: Final = 0.2  # of a pack's shots

Kills = Mapping[str, Set[str]]  # mutant -> the cases that kill it


@dataclass(frozen=True, slots=True)
class Candidates:
    """The cases to choose from: kills and own case of each mutant, shots of each case."""

    kills: Kills
    home: Mapping[str, str]
    shots: Mapping[str, Set[str]]


def candidates(packs: Sequence[str], workers: int) -> Candidates:
    """Run every case against every mutant, which takes minutes."""
    reference = prepare(tuple(packs))
    home = {name: m.case for name, m in reference.home.items() if not reference.needs_provider(m)}
    shots = {plan.case.name: frozenset(shot.id for shot in plan.shots) for plan in reference.plans}
    with worker_pool(tuple(packs), workers) as run_jobs:
        results = run_jobs([Job("all-cases", name) for name in home])
        kills = {
            name: frozenset(kill.case for kill in by_gateway[name])
            for name, by_gateway in zip(home, results, strict=True)
        }
    return Candidates(kills, home, shots)


def smokes(packs: Iterable[Pack], pool: Candidates) -> dict[str, Smoke]:
    """Return the subset of each pack. Parents come first: their subsets count for children."""
    subsets: dict[str, Smoke] = {}
    chosen: set[str] = set()
    for pack in packs:
        usual = {
            case.name
            for case in pack.cases
            if pack.features.get(case.feature) != "opt-in" and case.name in pool.shots
        }
        if not usual:
            continue
        earlier = {name for name in chosen if name.partition("/")[0] in pack.extends}
        parents = {name for name in pool.shots if name.partition("/")[0] in pack.extends}
        own = pick(pool, usual, earlier, usual | parents)
        chosen |= {*own}
        mutants = [name for name, case in pool.home.items() if case in usual]
        caught = [name for name in mutants if pool.kills[name] & {*own, *earlier}]
        cases = tuple(case.id for case in pack.cases if case.name in own)
        subsets[pack.id] = Smoke(cases=cases, catches=len(caught), mutants=len(mutants))
    return subsets


def pick(
    pool: Candidates, cases: Collection[str], earlier: Collection[str], homes: Collection[str]
) -> list[str]:
    """Choose greedily: at least one case, and more up to a share of the shots.

    Each time the case with the most new kills per new shot is added, in addition to the earlier
    ones. Only mutants whose own case is among the homes count.
    """
    kills = {name: by for name, by in pool.kills.items() if pool.home[name] in homes}
    catches = {case: {name for name in kills if case in kills[name]} for case in sorted(cases)}
    sent = {shot for case in earlier for shot in pool.shots[case]}
    caught = {name for name, by in kills.items() if by & {*earlier}}
    every = sent.union(*(pool.shots[case] for case in cases))
    limit, own = len(sent) + SHARE * len(every - sent), list[str]()

    def worth(case: str) -> tuple[float, int]:
        new = len(catches[case] - caught)
        return new / (len(pool.shots[case] - sent) or 0.5), new

    while fits := [
        case
        for case in catches
        if catches[case] - caught and (not own or len(sent | pool.shots[case]) <= limit)
    ]:
        own.append(max(fits, key=worth))
        caught |= catches[own[-1]]
        sent |= pool.shots[own[-1]]
    return own
