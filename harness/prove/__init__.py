"""Mutation testing of the packs: the cases run against gateways with one fault each.

The case and the rule that a mutant names must kill it. A case must kill a mutant by an assertion of
its own. The right gateway and every variant must pass all cases. Other cases run against a mutant
only if that is needed: for survivors, for cases that killed none yet, or with `full`.
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

from harness.load.pack_folders import shipped_packs_of_the_wire
from harness.prove.jobs import NO_FILES, Job, Kills, OwnFiles
from harness.prove.matrix import Kill, Matrix
from harness.prove.providers import PROVIDERS
from harness.prove.reference import Reference
from harness.prove.worker import REFERENCES, begin, prepare, work
from harness.run.features import UPSTREAM
from harness.testbed.base import Mutant
from harness.testbed.mutants import MUTANTS
from harness.testbed.variants import VARIANTS
from harness.util.errors import UsageError

__all__ = ["Kill", "Matrix", "OwnFiles", "prove"]

RunJobs = Callable[[Iterable[Job]], Iterator[Kills]]


def prove(
    packs: Sequence[str] = (),
    workers: int = 2,
    only: Sequence[str] = (),
    progress: Callable[[str], None] = lambda name: None,
    full: bool = False,
    own: OwnFiles = NO_FILES,
) -> Matrix:
    """Return the kill matrix of the packs.

    Args:
        packs: Names or folders; all that ship, without those of SDKs, if empty.
        only: Ids of the mutants to run; all of them if empty.
        progress: Is called with the name of each gateway, or idle case, that is done.
        full: Run all cases against all mutants.
        own: Files with further mutants, and with changes of the reference gateway.

    Raises:
        UsageError: A mutant is unknown.
        FileProblems: The files of a pack, or those of `own`, have mistakes.
    """
    chosen = tuple(packs) or shipped_packs_of_the_wire()
    matrix = empty_matrix(prepare(chosen, own), packs, only, full)
    with worker_pool(chosen, workers, own) as run_jobs:
        for jobs_of in (first_pass, second_pass):
            run_pass(matrix, jobs_of(matrix), run_jobs, progress)
    return matrix


def run_pass(
    matrix: Matrix, jobs: Sequence[Job], run_jobs: RunJobs, progress: Callable[[str], None]
) -> None:
    """Run jobs and add what they kill to the matrix."""
    for job, kills in zip(jobs, run_jobs(jobs), strict=True):
        add_kills(matrix, job, kills)
        progress(job.name)


def first_pass(matrix: Matrix) -> list[Job]:
    """Return the right gateways, unless only some mutants run, and each mutant."""
    jobs = [Job("right", "right")]
    if not matrix.partial:
        jobs += [Job("variant", variant.id) for variant in VARIANTS]
        if any(case.feature == UPSTREAM for case in REFERENCES[0].cases):
            jobs += [Job("provider", name) for name in PROVIDERS]
    return jobs + [Job("all-cases" if matrix.full else "mutant", name) for name in matrix.mutants]


def second_pass(matrix: Matrix) -> list[Job]:
    """Return the second pass: all cases for survivors, and mutants for cases that killed none."""
    if matrix.full:
        return []
    jobs = [Job("all-cases", mutant.id) for mutant in matrix.survivors()]
    return jobs + [Job("case", case) for case in matrix.cases_without_kills()]


def add_kills(matrix: Matrix, job: Job, by_gateway: Kills) -> None:
    for name, kills in by_gateway.items():
        if job.kind in ("right", "variant", "provider"):
            matrix.false_accusations[name] = tuple(f"{k.case}: {k.rule} ({k.level})" for k in kills)
        else:
            matrix.kills[name] = tuple(dict.fromkeys((*matrix.kills.get(name, ()), *kills)))


def empty_matrix(
    reference: Reference, packs: Sequence[str], only: Sequence[str], full: bool = False
) -> Matrix:
    """Return the matrix before any case has run."""
    plans, home = reference.plans, reference.home
    loaded = {case.pack for case in reference.cases}
    if not reference.cases:
        raise UsageError(f"every case of {', '.join(packs)} uses an SDK, which needs a socket")
    for name in only:
        if name not in home:
            near = difflib.get_close_matches(name, home, 1)
            raise UsageError(f"no mutant `{name}`" + (f"; did you mean {near[0]}?" if near else ""))
    return Matrix(
        cases=tuple(case.name for case in reference.cases),
        mutants={name: mutant for name, mutant in home.items() if not only or name in only},
        shots=len({shot.id for plan in plans for shot in plan.shots}),
        strays=tuple(m for m in MUTANTS if m.id not in home and expected(m, loaded, not packs)),
        apart=reference.apart,
        partial=bool(only),
        full=full,
    )


def expected(mutant: Mutant, loaded: Iterable[str], everything: bool) -> bool:
    """Whether the mutant's case should exist in the loaded packs."""
    pack, slash, _ = mutant.case.partition("/")
    return pack in loaded if slash else everything


@contextmanager
def worker_pool(
    packs: tuple[str, ...], workers: int, own: OwnFiles = NO_FILES
) -> Iterator[RunJobs]:
    """Yield a function that runs jobs in processes; one worker is this process."""
    if workers == 1:
        yield partial(map, work)
        return
    with ProcessPoolExecutor(workers, context(), initializer=begin, initargs=(packs, own)) as pool:
        yield partial(pool.map, work)


def context() -> BaseContext:
    """Return how to start processes: a fork is prepared already, but must not have threads."""
    can_fork = sys.platform == "linux" and threading.active_count() == 1
    return multiprocessing.get_context("fork" if can_fork else "spawn")
