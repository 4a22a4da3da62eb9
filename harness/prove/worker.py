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
from harness.prove.in_process import Straight, changed, gateway, scripts_of
from harness.prove.in_process_upstream import PROVIDERS, Behind, excused
from harness.prove.matrix import Kill, accused, at_home, bites, killed
from harness.run.options import UPSTREAM
from harness.testbed.base import Mutant
from harness.testbed.gateway.gateway import Overrides
from harness.testbed.mutants import MUTANTS
from harness.testbed.mutants.upstream.forwarding import UPSTREAM_MUTANTS
from harness.testbed.variants import VARIANTS

Found = dict[str, tuple[Kill, ...]]
BEHIND: Final = {mutant.id for mutant in UPSTREAM_MUTANTS}
Tell = Callable[[Verdict], Iterator[Kill]]


class Job(NamedTuple):
    """`right`, `variant`, and `provider`, which is right in a way of its own: every case passes.
    `mutant`: its own case against it; `everywhere`: all cases. `teeth`: a case against one mutant
    after the other, until it bites.
    """

    kind: Literal["right", "variant", "provider", "mutant", "everywhere", "teeth"]
    name: str


class Known:
    """The plans, the mutants of their cases, and what came of them on the right gateway."""

    def __init__(self, packs: tuple[str, ...]) -> None:
        opened = run.open_session(run.Options(packs=packs))
        cases = [case for pack in opened.packs.values() for case in pack.cases]
        unseen = [case for case in cases if case.feature == UPSTREAM]
        plans = [opened.plan(case) for case in cases if case.feature != UPSTREAM]
        self.behind = Behind(packs)
        self.plans = [plan for plan in plans if not any(shot.call.client for shot in plan.shots)]
        self.apart = len(plans) - len(self.plans)  # an SDK needs a socket, and here is none
        self.cases = [*(plan.case for plan in self.plans), *unseen]
        protocols = {case.name: opened.packs[case.pack].protocol for case in self.cases}
        self.home = at_home(MUTANTS, protocols)
        self.scripts = scripts_of(self.plans)
        self.straight = Straight(opened.target)
        self.right = self.straight.fire(gateway(), self.scripts)
        self.read: dict[str, Answer] = {}
        self.accused = found(accused, self.plans, self.right, self.read)

    def plan(self, case: str) -> Plan:
        return next(plan for plan in self.plans if plan.case.name == case)

    def everywhere(self, tell: Tell, overrides: Overrides) -> tuple[Kill, ...]:
        """All scripts that come to a front which is another; judged are the cases that see it.

        No request is like one to another front, so that leaving those out changes no ids.
        """
        fronts = changed(overrides)
        scripts = [script for script in self.scripts if self.straight.meets(script, fronts)]
        made = {**self.right, **self.straight.fire(gateway(overrides), scripts)}
        same = {shot for shot, exchange in made.items() if exchange == self.right[shot]}
        exchanges = {shot: self.right[shot] if shot in same else made[shot] for shot in made}
        affected = [p for p in self.plans if any(shot.id not in same for shot in p.shots)]
        kept = {shot: read for shot, read in self.read.items() if shot in same}
        return found(tell, affected, exchanges, kept)

    def alone(self, mutant: Mutant) -> tuple[Kill, ...]:
        """Its own case, as if it were the only one of the run."""
        if self.needs_provider(mutant):
            return self.provided([self.behind.plans[mutant.case]], killed, mutant.wrong)
        plan = self.plan(mutant.case)
        made = self.straight.fire(gateway(mutant.wrong), plan.scripts)
        return found(killed, [plan], made, {})

    def needs_provider(self, mutant: Mutant) -> bool:
        """Whether it is told by somebody behind the gateway."""
        return mutant.id in BEHIND or mutant.case in self.behind.only

    def provided(
        self, plans: Iterable[Plan], tell: Tell, overrides: Overrides | None = None, **more: Any
    ) -> tuple[Kill, ...]:
        plans = list(plans)
        return found(tell, plans, self.behind.fire(plans, overrides, **more), {})

    def teeth(self, case: str) -> Found:
        if case in self.behind.only:
            return self.teeth_behind(self.behind.plans[case])
        plan = self.plan(case)
        right = self.straight.fire(gateway(), plan.scripts)
        for mutant in self.home.values():
            fronts = changed(mutant.wrong)
            if not any(self.straight.meets(script, fronts) for script in plan.scripts):
                continue
            made = self.straight.fire(gateway(mutant.wrong), plan.scripts)
            kills = found(killed, [plan], made, {}) if made != right else ()
            if any(bites(kill, mutant) for kill in kills):
                return {mutant.id: kills}
        return {}

    def teeth_behind(self, plan: Plan) -> Found:
        for mutant in filter(self.needs_provider, self.home.values()):
            kills = self.provided([plan], killed, mutant.wrong)
            if any(bites(kill, mutant) for kill in kills):
                return {mutant.id: kills}
        return {}


def found(
    tell: Tell, plans: Iterable[Plan], exchanges: Mapping[str, Exchange], read: dict[str, Answer]
) -> tuple[Kill, ...]:
    return tuple(kill for plan in plans for kill in tell(judge(plan, exchanges, read)))


KNOWN: Final[list[Known]] = []  # what a worker keeps from one job to the next


def prepare(packs: tuple[str, ...]) -> Known:
    KNOWN[:] = [Known(packs)]
    return KNOWN[0]


def begin(packs: tuple[str, ...]) -> None:
    """In a process that is a copy of one that is prepared, there is nothing to do."""
    if not KNOWN:
        prepare(packs)


def work(job: Job) -> Found:
    """What was found, by gateway; nothing where a case bites nobody."""
    known = KNOWN[0]
    match job.kind:
        case "right":
            return {job.name: known.accused}
        case "variant":
            other = next(variant.other for variant in VARIANTS if variant.id == job.name)
            return {job.name: known.everywhere(accused, other)}
        case "provider":
            manners = PROVIDERS[job.name]
            kills = known.provided(known.behind.plans.values(), accused, **manners)
            return {job.name: tuple(kill for kill in kills if not excused(kill, manners))}
        case "everywhere":
            mutant = known.home[job.name]
            if known.needs_provider(mutant):
                every = known.behind.plans.values()
                return {job.name: known.provided(every, killed, mutant.wrong)}
            return {job.name: known.everywhere(killed, mutant.wrong)}
        case "mutant":
            return {job.name: known.alone(known.home[job.name])}
        case "teeth":
            return known.teeth(job.name)
