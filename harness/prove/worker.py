"""Jobs of mutation testing: what the cases find on one gateway.

A worker keeps the exchanges with the right gateway. An exchange that is equal to one of them needs
no new verdict: ids in answers derive from the requests, as long as the same requests came before.
"""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import Final

from harness.prove.gateway_run import KillsIn
from harness.prove.jobs import NO_FILES, Job, Kills, OwnFiles
from harness.prove.matrix import false_accusations, kills_of, variant_problems
from harness.prove.providers import PROVIDERS, STATED, WITH_ALL_CASES, blocked, excused
from harness.prove.reference import Reference
from harness.testbed.base import Variant
from harness.testbed.variants import VARIANTS

REFERENCES: Final[list[Reference]] = []  # a worker keeps one between its jobs


def prepare(packs: tuple[str, ...], own: OwnFiles = NO_FILES) -> Reference:
    REFERENCES[:] = [Reference(packs, own)]
    return REFERENCES[0]


def begin(packs: tuple[str, ...], own: OwnFiles = NO_FILES) -> None:
    """Prepare a worker process, unless it is a copy of a prepared one."""
    if not REFERENCES:
        prepare(packs, own)


def work(job: Job) -> Kills:
    """Return the kills by gateway; nothing for a case that kills no mutant."""
    reference = REFERENCES[0]
    match job.kind:
        case "right":
            return {job.name: reference.false_accusations}
        case "variant":
            variant = variant_with(job.name, reference.own.affects.get(job.name, ()))
            kills = reference.all_cases(partial(variant_problems, variant), variant.overrides)
            return {job.name: tuple(kill for kill in kills if not blocked(kill))}
        case "provider":
            options = PROVIDERS[job.name]
            everything, stated = job.name in WITH_ALL_CASES, STATED.get(job.name)
            if "variant" in options:
                problems = partial(variant_problems, options["variant"])
                kills = reference.with_provider(problems, options["variant"].overrides)
                return {job.name: tuple(kill for kill in kills if not excused(kill, options))}
            wrong: KillsIn = partial(variant_problems, stated) if stated else false_accusations
            kills = reference.with_provider(wrong, everything=everything, **options)
            return {job.name: tuple(kill for kill in kills if not excused(kill, options))}
        case "all-cases":
            mutant = reference.home[job.name]
            apart = reference.needs_provider(mutant)
            run = reference.with_provider if apart else reference.all_cases
            return {job.name: run(kills_of, mutant.override)}
        case "mutant":
            return {job.name: reference.run_own_case(reference.home[job.name])}
        case "case":
            return reference.killed_mutant(job.name)


def variant_with(name: str, affects: tuple[str, ...]) -> Variant:
    """Return a variant that states further rows that can fail on it."""
    variant = next(variant for variant in VARIANTS if variant.id == name)
    return replace(variant, affects=(*variant.affects, *affects))
