"""Cases against gateways wrong in one way each -> what is wrong with us. Fires without sockets.

A mutant must be caught by the case and the rule that it names; a case must catch a mutant by a
demand of its own; the right gateway and every harmless variant must pass everything. An exchange
that equals the right gateway's needs no new verdict: ids derive from the requests.
"""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor

from harness import session
from harness.errors import UsageError
from harness.judge import judge
from harness.model import Answer, Exchange, Plan, Verdict
from harness.prove.matrix import Kill, Matrix, accused, at_home, killed
from harness.prove.straight import Straight, gateway
from harness.servers.mutants import MUTANTS
from harness.servers.record import Mutant
from harness.servers.variants import VARIANTS

__all__ = ["Kill", "Matrix", "prove"]

Job = tuple[str, str]
RIGHT: Job = ("right", "right")


def prove(
    packs: Sequence[str] = (),
    workers: int = 2,
    only: Sequence[str] = (),
    told: Callable[[str], None] = lambda name: None,
) -> Matrix:
    """The kill matrix of all cases of the packs; `told` hears of each gateway that is done.

    Raises UsageError for an unknown mutant, FileProblems for faulty files.
    """
    plans = planned(tuple(packs))
    matrix = begun(plans, packs, only)
    jobs = [RIGHT] + [("variant", v.id) for v in VARIANTS if not only]
    jobs += [("mutant", name) for name in matrix.mutants]
    for (kind, name), kills in zip(jobs, examined(tuple(packs), jobs, workers), strict=True):
        if kind == "mutant":
            matrix.kills[name] = kills
        else:
            matrix.accused[name] = tuple(f"{k.case}: {k.rule} ({k.level})" for k in kills)
        told(name)
    return matrix


def begun(plans: Sequence[Plan], packs: Sequence[str], only: Sequence[str]) -> Matrix:
    """Which mutants are to be caught, and which name a case that nobody has."""
    cases = tuple(plan.case.name for plan in plans)
    loaded = {plan.case.pack for plan in plans}
    home = [mutant for mutant in MUTANTS if at_home(mutant, cases)]
    mutants = {mutant.id: mutant for mutant in home if not only or mutant.id in only}
    for name in only:
        if name not in mutants:
            near = difflib.get_close_matches(name, [mutant.id for mutant in home], 1)
            raise UsageError(f"no mutant `{name}`" + (f"; did you mean {near[0]}?" if near else ""))
    return Matrix(
        cases=cases,
        mutants=mutants,
        shots=len({shot.id for plan in plans for shot in plan.shots}),
        strays=tuple(m for m in MUTANTS if m not in home and expected(m, loaded, not packs)),
        partial=bool(only),
    )


def expected(mutant: Mutant, loaded: Iterable[str], everything: bool) -> bool:
    """Whether a mutant's case should be among these packs."""
    pack, slash, _ = mutant.case.partition("/")
    return pack in loaded if slash else everything


def examined(
    packs: tuple[str, ...], jobs: Sequence[Job], workers: int
) -> Iterator[tuple[Kill, ...]]:
    """What was found on each gateway; one worker is this process."""
    if workers == 1:
        prepare(packs)
        yield from map(examine, jobs)
        return
    with ProcessPoolExecutor(workers, initializer=prepare, initargs=(packs,)) as pool:
        yield from pool.map(examine, jobs, chunksize=4)


def planned(packs: tuple[str, ...]) -> list[Plan]:
    opened = session.open_session(session.Options(packs=packs))
    return [opened.plan(case) for pack in opened.packs.values() for case in pack.cases]


PREPARED: list[Straight] = []  # what a worker keeps from one job to the next


def prepare(packs: tuple[str, ...]) -> None:
    target = session.open_session(session.Options(packs=packs)).target
    known = Straight(planned(packs), target)
    found(killed, known.plans, known.right, known.read)  # for the answers that cases share
    PREPARED[:] = [known]


def examine(job: Job) -> tuple[Kill, ...]:
    """What the cases find on one gateway; anything but a pass, on one that is right."""
    known = PREPARED[0]
    kind, name = job
    if job == RIGHT:
        return found(accused, known.plans, known.right, {})
    overrides = (
        next(variant.other for variant in VARIANTS if variant.id == name)
        if kind == "variant"
        else next(mutant.wrong for mutant in MUTANTS if mutant.id == name)
    )
    exchanges = known.fire(gateway(overrides))
    changed = {shot for shot, made in exchanges.items() if made is not known.right.get(shot)}
    affected = [p for p in known.plans if any(shot.id in changed for shot in p.shots)]
    kept = {shot: read for shot, read in known.read.items() if shot not in changed}
    return found(killed if kind == "mutant" else accused, affected, exchanges, kept)


def found(
    tell: Callable[[Verdict], Iterator[Kill]],
    plans: Iterable[Plan],
    exchanges: Mapping[str, Exchange],
    read: dict[str, Answer],
) -> tuple[Kill, ...]:
    return tuple(kill for plan in plans for kill in tell(judge(plan, exchanges, read)))
