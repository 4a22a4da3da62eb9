"""The kill matrix -> for each pack the few cases that catch the most. Fires without sockets.

Cases of opt-in features are no part of it, nor the mutants that only a provider could see.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence, Set
from dataclasses import dataclass
from typing import Final

from harness.load.smoke import Smoke
from harness.model import Pack
from harness.prove import worker_pool
from harness.prove.worker import Job, Reference, prepare

SHARE: Final = 0.2  # of a pack's shots

Kills = Mapping[str, Set[str]]  # mutant -> the cases that catch it


@dataclass(frozen=True, slots=True)
class Field:
    """What there is to choose from: each mutant's own case (`home`), and the shots of a case."""

    kills: Kills
    home: Mapping[str, str]
    shots: Mapping[str, Set[str]]


def field(packs: Sequence[str], workers: int) -> Field:
    """Every case against every mutant: minutes."""
    known = prepare(tuple(packs))
    return field_of(known, fired(known, packs, workers))


def field_of(known: Reference, kills: Kills) -> Field:
    home = {name: known.home[name].case for name in kills}
    shots = {plan.case.name: frozenset(shot.id for shot in plan.shots) for plan in known.plans}
    return Field(kills, home, shots)


def fired(known: Reference, packs: Sequence[str], workers: int) -> Kills:
    names = [name for name, mutant in known.home.items() if not known.needs_provider(mutant)]
    jobs = [Job("everywhere", name) for name in names]
    with worker_pool(tuple(packs), workers) as them:
        return {
            name: frozenset(kill.case for kill in found[name])
            for name, found in zip(names, them(jobs), strict=True)
        }


def smokes(packs: Iterable[Pack], known: Field) -> dict[str, Smoke]:
    """By pack, the parents first: what they have is there for those that extend them."""
    made: dict[str, Smoke] = {}
    chosen: set[str] = set()
    for pack in packs:
        usual = {
            case.name
            for case in pack.cases
            if pack.features.get(case.feature) != "opt-in" and case.name in known.shots
        }
        if not usual:
            continue
        given = {name for name in chosen if name.partition("/")[0] in pack.extends}
        parents = {name for name in known.shots if name.partition("/")[0] in pack.extends}
        own = pick(known, usual, given, usual | parents)
        chosen |= {*own}
        mutants = [name for name, case in known.home.items() if case in usual]
        caught = [name for name in mutants if known.kills[name] & {*own, *given}]
        cases = tuple(case.id for case in pack.cases if case.name in own)
        made[pack.id] = Smoke(cases, len(caught), len(mutants))
    return made


def pick(
    known: Field, cases: Collection[str], given: Collection[str], homes: Collection[str]
) -> list[str]:
    """Again and again the case that catches most for each new shot: one, and more up to a share.

    What counts are the mutants at home in `homes`; `given` are chosen already.
    """
    kills = {name: by for name, by in known.kills.items() if known.home[name] in homes}
    catches = {case: {name for name in kills if case in kills[name]} for case in sorted(cases)}
    sent = {shot for case in given for shot in known.shots[case]}
    caught = {name for name, by in kills.items() if by & {*given}}
    every = sent.union(*(known.shots[case] for case in cases))
    room, own = len(sent) + SHARE * len(every - sent), list[str]()

    def worth(case: str) -> tuple[float, int]:
        new = len(catches[case] - caught)
        return new / (len(known.shots[case] - sent) or 0.5), new

    while fits := [
        case
        for case in catches
        if catches[case] - caught and (not own or len(sent | known.shots[case]) <= room)
    ]:
        own.append(max(fits, key=worth))
        caught |= catches[own[-1]]
        sent |= known.shots[own[-1]]
    return own
