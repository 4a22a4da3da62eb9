"""A job -> what the cases find on each gateway it speaks of. Keeps what is right between jobs.

An answer that equals the right gateway's needs no new verdict: ids derive from the requests, as
long as the same requests came before.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, Final, Literal, NamedTuple

from harness import run
from harness.judge import judge
from harness.model import Answer, Exchange, Plan, Verdict
from harness.prove.in_process import InProcessGateway, changed, gateway, scripts_of
from harness.prove.in_process_upstream import PROVIDERS, InProcessUpstream, excused
from harness.prove.matrix import Kill, accused, kills_by_own_assertion, kills_of, mutants_of_cases
from harness.run.inputs import UPSTREAM
from harness.testbed.base import Mutant
from harness.testbed.gateway.gateway import Overrides
from harness.testbed.mutants import MUTANTS
from harness.testbed.mutants.upstream import UPSTREAM_MUTANTS
from harness.testbed.variants import VARIANTS

Kills = dict[str, tuple[Kill, ...]]
UPSTREAM_MUTANT_IDS: Final = {mutant.id for mutant in UPSTREAM_MUTANTS}
Tell = Callable[[Verdict], Iterator[Kill]]


class Job(NamedTuple):
    """`right`, `variant`, and `provider`, which is right in a way of its own: every case passes.
    `mutant`: its own case against it; `everywhere`: all cases. `teeth`: a case against one mutant
    after the other, until it bites.
    """

    kind: Literal["right", "variant", "provider", "mutant", "everywhere", "teeth"]
    name: str


class Reference:
    """The plans, the mutants of their cases, and what came of them on the right gateway."""

    def __init__(self, packs: tuple[str, ...]) -> None:
        opened = run.load_session(run.Options(packs=packs))
        cases = [case for pack in opened.packs.values() for case in pack.cases]
        unseen = [case for case in cases if case.feature == UPSTREAM]
        plans = [opened.plan(case) for case in cases if case.feature != UPSTREAM]
        self.behind = InProcessUpstream(packs)
        self.plans = [plan for plan in plans if not any(shot.call.client for shot in plan.shots)]
        self.apart = len(plans) - len(self.plans)  # an SDK needs a socket, and here is none
        self.cases = [*(plan.case for plan in self.plans), *unseen]
        protocols = {case.name: opened.packs[case.pack].protocol for case in self.cases}
        self.home = mutants_of_cases(MUTANTS, protocols)
        self.scripts = scripts_of(self.plans)
        self.in_process_gateway = InProcessGateway(opened.target)
        self.right = self.in_process_gateway.fire(gateway(), self.scripts)
        self.read: dict[str, Answer] = {}
        self.accused = found(accused, self.plans, self.right, self.read)

    def plan(self, case: str) -> Plan:
        return next(plan for plan in self.plans if plan.case.name == case)

    def all_cases(self, tell: Tell, overrides: Overrides) -> tuple[Kill, ...]:
        """All scripts that come to a front which is another; judged are the cases that see it.

        No request is like one to another front, so that leaving those out changes no ids.
        """
        fronts = changed(overrides)
        scripts = [
            script for script in self.scripts if self.in_process_gateway.meets(script, fronts)
        ]
        made = {**self.right, **self.in_process_gateway.fire(gateway(overrides), scripts)}
        same = {shot for shot, exchange in made.items() if exchange == self.right[shot]}
        exchanges = {shot: self.right[shot] if shot in same else made[shot] for shot in made}
        affected = [p for p in self.plans if any(shot.id not in same for shot in p.shots)]
        kept = {shot: read for shot, read in self.read.items() if shot in same}
        return found(tell, affected, exchanges, kept)

    def alone(self, mutant: Mutant) -> tuple[Kill, ...]:
        """Its own case, as if it were the only one of the run."""
        if self.needs_provider(mutant):
            return self.provided([self.behind.plans[mutant.case]], kills_of, mutant.override)
        plan = self.plan(mutant.case)
        made = self.in_process_gateway.fire(gateway(mutant.override), plan.scripts)
        return found(kills_of, [plan], made, {})

    def needs_provider(self, mutant: Mutant) -> bool:
        """Whether it is told by somebody behind the gateway."""
        return mutant.id in UPSTREAM_MUTANT_IDS or mutant.case in self.behind.only

    def provided(
        self, plans: Iterable[Plan], tell: Tell, overrides: Overrides | None = None, **more: Any
    ) -> tuple[Kill, ...]:
        plans = list(plans)
        return found(tell, plans, self.behind.fire(plans, overrides, **more), {})

    def killing_mutants(self, case: str) -> Kills:
        if case in self.behind.only:
            return self.teeth_behind(self.behind.plans[case])
        plan = self.plan(case)
        right = self.in_process_gateway.fire(gateway(), plan.scripts)
        for mutant in self.home.values():
            fronts = changed(mutant.override)
            if not any(self.in_process_gateway.meets(script, fronts) for script in plan.scripts):
                continue
            made = self.in_process_gateway.fire(gateway(mutant.override), plan.scripts)
            kills = found(kills_of, [plan], made, {}) if made != right else ()
            if any(kills_by_own_assertion(kill, mutant) for kill in kills):
                return {mutant.id: kills}
        return {}

    def teeth_behind(self, plan: Plan) -> Kills:
        for mutant in filter(self.needs_provider, self.home.values()):
            kills = self.provided([plan], kills_of, mutant.override)
            if any(kills_by_own_assertion(kill, mutant) for kill in kills):
                return {mutant.id: kills}
        return {}


def found(
    tell: Tell, plans: Iterable[Plan], exchanges: Mapping[str, Exchange], read: dict[str, Answer]
) -> tuple[Kill, ...]:
    return tuple(kill for plan in plans for kill in tell(judge(plan, exchanges, read)))


REFERENCES: Final[list[Reference]] = []  # what a worker keeps from one job to the next


def prepare(packs: tuple[str, ...]) -> Reference:
    REFERENCES[:] = [Reference(packs)]
    return REFERENCES[0]


def begin(packs: tuple[str, ...]) -> None:
    """In a process that is a copy of one that is prepared, there is nothing to do."""
    if not REFERENCES:
        prepare(packs)


def work(job: Job) -> Kills:
    """What was found, by gateway; nothing where a case bites nobody."""
    known = REFERENCES[0]
    match job.kind:
        case "right":
            return {job.name: known.accused}
        case "variant":
            other = next(variant.overrides for variant in VARIANTS if variant.id == job.name)
            return {job.name: known.all_cases(accused, other)}
        case "provider":
            manners = PROVIDERS[job.name]
            kills = known.provided(known.behind.plans.values(), accused, **manners)
            return {job.name: tuple(kill for kill in kills if not excused(kill, manners))}
        case "everywhere":
            mutant = known.home[job.name]
            if known.needs_provider(mutant):
                every = known.behind.plans.values()
                return {job.name: known.provided(every, kills_of, mutant.override)}
            return {job.name: known.all_cases(kills_of, mutant.override)}
        case "mutant":
            return {job.name: known.alone(known.home[job.name])}
        case "teeth":
            return known.killing_mutants(job.name)
