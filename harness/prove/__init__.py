"""Cases against gateways wrong in one way each -> what is wrong with us. Fires without sockets.

A mutant must be caught by the case and the rule that it names; a case must catch a mutant by a
demand of its own; the right gateway and every harmless variant must pass everything. Who else
catches a mutant is asked only where it matters: of survivors, for cases that have bitten nobody
yet, or by `full`.
"""

from __future__ import annotations

import difflib
import multiprocessing
import sys
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from functools import partial
from multiprocessing.context import BaseContext

from harness.prove.in_process_upstream import PROVIDERS
from harness.prove.matrix import Kill, Matrix
from harness.prove.worker import REFERENCES, Job, Kills, Reference, begin, prepare, work
from harness.run.inputs import UPSTREAM
from harness.testbed.base import Mutant
from harness.testbed.mutants import MUTANTS
from harness.testbed.variants import VARIANTS
from harness.util.errors import UsageError

__all__ = ["Kill", "Matrix", "prove"]

Hands = Callable[[Iterable[Job]], Iterator[Kills]]


def prove(
    packs: Sequence[str] = (),
    workers: int = 2,
    only: Sequence[str] = (),
    progress: Callable[[str], None] = lambda name: None,
    full: bool = False,
) -> Matrix:
    """The kill matrix of the cases of the packs; `told` hears of each gateway that is done.

    `full`: all cases against all mutants. Raises UsageError for an unknown mutant, FileProblems for
    faulty files.
    """
    matrix = begun(prepare(tuple(packs)), packs, only, full)
    jobs = [Job("right", "right")] + [Job("variant", v.id) for v in VARIANTS if not only]
    if any(case.feature == UPSTREAM for case in REFERENCES[0].cases) and not only:
        jobs += [Job("provider", name) for name in PROVIDERS]
    jobs += [Job("everywhere" if full else "mutant", name) for name in matrix.mutants]
    with worker_pool(tuple(packs), workers) as them:
        for job, found in zip(jobs, them(jobs), strict=True):
            enter(matrix, job, found)
            progress(job.name)
        jobs = doubts(matrix)
        for job, found in zip(jobs, them(jobs), strict=True):
            enter(matrix, job, found)
    return matrix


def doubts(matrix: Matrix) -> list[Job]:
    """What is looked at once more: who else catches the survivors, whom else a case may bite."""
    if matrix.full:
        return []
    jobs = [Job("everywhere", mutant.id) for mutant in matrix.survivors()]
    return jobs + [Job("teeth", case) for case in matrix.cases_without_kills()]


def enter(matrix: Matrix, job: Job, found: Kills) -> None:
    for name, kills in found.items():
        if job.kind in ("right", "variant", "provider"):
            matrix.accused[name] = tuple(f"{k.case}: {k.rule} ({k.level})" for k in kills)
        else:
            matrix.kills[name] = tuple(dict.fromkeys((*matrix.kills.get(name, ()), *kills)))


def begun(
    known: Reference, packs: Sequence[str], only: Sequence[str], full: bool = False
) -> Matrix:
    """Which mutants are to be caught, and which name a case that nobody has."""
    plans, home = known.plans, known.home
    loaded = {case.pack for case in known.cases}
    if not plans:
        raise UsageError(f"every case of {', '.join(packs)} asks by an SDK, which needs a socket")
    for name in only:
        if name not in home:
            near = difflib.get_close_matches(name, home, 1)
            raise UsageError(f"no mutant `{name}`" + (f"; did you mean {near[0]}?" if near else ""))
    return Matrix(
        cases=tuple(case.name for case in known.cases),
        mutants={name: mutant for name, mutant in home.items() if not only or name in only},
        shots=len({shot.id for plan in plans for shot in plan.shots}),
        strays=tuple(m for m in MUTANTS if m.id not in home and expected(m, loaded, not packs)),
        apart=known.apart,
        partial=bool(only),
        full=full,
    )


def expected(mutant: Mutant, loaded: Iterable[str], everything: bool) -> bool:
    """Whether a mutant's case should be among these packs."""
    pack, slash, _ = mutant.case.partition("/")
    return pack in loaded if slash else everything


@contextmanager
def worker_pool(packs: tuple[str, ...], workers: int) -> Iterator[Hands]:
    """Who does the jobs, the longest of which come first; one worker is this process."""
    if workers == 1:
        yield partial(map, work)
        return
    with ProcessPoolExecutor(workers, context(), initializer=begin, initargs=(packs,)) as pool:
        yield partial(pool.map, work)


def context() -> BaseContext:
    """A copy of this process is prepared already; where there are threads, none may be made."""
    alone = sys.platform == "linux" and threading.active_count() == 1
    return multiprocessing.get_context("fork" if alone else "spawn")
