"""The right gateway as the reference of mutation testing, and the runs of cases against others."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from harness.judge.signals import observe_signals
from harness.model import Answer, Exchange, Plan, Script
from harness.model.options import Options
from harness.plan.calibration import plan_calibration
from harness.prove.absent_plans import plans_of_absent_features
from harness.prove.calibration import Calibrator, scripts_in
from harness.prove.gateway_run import Fire, GatewayRun, KillsIn
from harness.prove.in_process import InProcessGateway, changed, gateway, scripts_of
from harness.prove.in_process_upstream import InProcessUpstream
from harness.prove.jobs import NO_FILES, Kills, OwnFiles
from harness.prove.matrix import (
    Kill,
    false_accusations,
    kills_by_own_assertion,
    kills_of,
    mutants_of_cases,
)
from harness.prove.own_mutants import is_behind, load_own, providers_for, with_own
from harness.prove.providers import SAME_RESPONSES
from harness.run import load_session
from harness.run.features import UPSTREAM
from harness.testbed.base import Mutant
from harness.testbed.gateway.gateway import Gateway, Overrides
from harness.testbed.mutants import MUTANTS
from harness.testbed.mutation.rows import merged


class Reference:
    """The plans, the mutants of their cases, and the exchanges with the right gateway.

    Attributes:
        apart: The number of cases that use an SDK, which needs a socket.
        home: The mutants that name one of the cases, by id.
    """

    def __init__(self, packs: tuple[str, ...], own: OwnFiles = NO_FILES) -> None:
        self.own = load_own(own.overrides)
        loaded = load_session(Options(packs=packs))
        cases = [case for pack in loaded.packs.values() for case in pack.cases]
        upstream_cases = [case for case in cases if case.feature == UPSTREAM]
        plans = [loaded.plan(case) for case in cases if case.feature != UPSTREAM]
        absent = plans_of_absent_features(loaded)
        elsewhere = absent.targets(plans)
        plans += absent.plans
        self.behind = InProcessUpstream(packs, self.own.overrides)
        self.plans = [plan for plan in plans if not any(shot.call.client for shot in plan.shots)]
        self.apart = len(plans) - len(self.plans)
        self.cases = [*(plan.case for plan in self.plans), *upstream_cases]
        self.protocols = {case.name: loaded.packs[case.pack].protocol for case in self.cases}
        self.home = mutants_of_cases(with_own(MUTANTS, own.mutants, self.protocols), self.protocols)
        self.in_process_gateway = InProcessGateway(loaded.target, elsewhere)
        self.answers: dict[str, Answer] = {}
        calibrations = plan_calibration(self.plans, loaded.packs.values(), loaded.target)
        self.scripts = [*scripts_in(calibrations), *scripts_of(self.plans)]
        self.right = self.in_process_gateway.fire(self.gateway(), self.scripts)
        self.calibrator = Calibrator(calibrations, self.right)
        signals = self.calibrator.signals_of_right
        run = GatewayRun(self.plans, self.right, self.fire({}), signals, self.answers)
        self.false_accusations = run.kills(false_accusations)

    def gateway(self, overrides: Overrides | None = None) -> Gateway:
        """Return a new gateway with these overrides, on top of the author's own."""
        return gateway(merged(self.own.overrides, overrides or {}))

    def plan(self, case: str) -> Plan:
        return next(plan for plan in self.plans if plan.case.name == case)

    def all_cases(self, kills_in: KillsIn, overrides: Overrides) -> tuple[Kill, ...]:
        """Run all cases against a changed gateway; those with a different exchange are judged.

        A script that does not reach a changed endpoint is not sent. Its requests are not equal to
        any request to another endpoint, so that leaving them out does not change ids of answers.
        """
        right, scripts = self.right, self.meeting(overrides, self.scripts)
        sent = right | self.in_process_gateway.fire(self.gateway(overrides), scripts)
        same = {shot for shot, exchange in sent.items() if exchange == right[shot]}
        answers = {shot: answer for shot, answer in self.answers.items() if shot in same}
        plans = [plan for plan in self.plans if any(shot.id not in same for shot in plan.shots)]
        signals = self.calibrator.signals(self.calibrator.calibrations, sent)
        return GatewayRun(plans, sent, self.fire(overrides), signals, answers).kills(kills_in)

    def fire(self, overrides: Overrides) -> Fire:
        """Return what sends scripts to a new gateway with these overrides."""
        return lambda scripts: self.in_process_gateway.fire(self.gateway(overrides), scripts)

    def run_own_case(self, mutant: Mutant) -> tuple[Kill, ...]:
        """Run the mutant's own case, as if it were the only one of the run."""
        if self.needs_provider(mutant):
            providers = providers_for(mutant, self.protocols[mutant.case])
            return self.with_provider(kills_of, mutant.override, mutant.case, providers=providers)
        return self.without_provider(self.plan(mutant.case), mutant.override)

    def needs_provider(self, mutant: Mutant) -> bool:
        """Whether only the provider behind the gateway can see the mutant."""
        return is_behind(mutant) or mutant.case in self.behind.only

    def with_provider(
        self,
        kills_in: KillsIn,
        overrides: Overrides | None = None,
        case: str = "",
        everything: bool = False,
        **more: Any,
    ) -> tuple[Kill, ...]:
        """Run one case, those that see the provider, or all, before a provider."""
        plans = [plan for name, plan in self.behind.all_plans.items() if case in ("", name)]
        if not (case or everything):
            plans = [*self.behind.plans.values()]
        if more.get("providers") == SAME_RESPONSES:  # other plans have the provider of Chat
            plans = [plan for plan in plans if speaks(plan, "responses")]
        calibrations = self.behind.calibrations_for(plans)
        sent = self.behind.fire(plans, overrides, scripts_in(calibrations), **more)

        def fire(scripts: Sequence[Script]) -> dict[str, Exchange]:
            return self.behind.fire_scripts(scripts, overrides, **more)

        return GatewayRun(plans, sent, fire, observe_signals(calibrations, sent)).kills(kills_in)

    def without_provider(self, plan: Plan, overrides: Overrides) -> tuple[Kill, ...]:
        """Run one case. Requests of the calibration cannot change the ids in its answers."""
        calibrations = self.calibrator.needed_by([plan])
        scripts = self.meeting(overrides, scripts_in(calibrations))
        calibrated = self.in_process_gateway.fire(self.gateway(overrides), scripts)
        signals = self.calibrator.signals(calibrations, self.right | calibrated)
        sent = self.in_process_gateway.fire(self.gateway(overrides), plan.scripts)
        return GatewayRun([plan], sent, self.fire(overrides), signals).kills(kills_of)

    def meeting(self, overrides: Overrides, scripts: Iterable[Script]) -> list[Script]:
        """Return the scripts that reach a changed endpoint."""
        endpoints = changed(overrides)
        return [s for s in scripts if self.in_process_gateway.meets(s, endpoints)]

    def killed_mutant(self, case: str) -> Kills:
        """Return a mutant that the case kills by an assertion of its own; its own ones first."""
        for mutant in sorted(self.home.values(), key=lambda mutant: mutant.case != case):
            kills = self.kills_of_mutant(case, mutant)
            if any(kills_by_own_assertion(kill, mutant) for kill in kills):
                return {mutant.id: kills}
        return {}

    def kills_of_mutant(self, case: str, mutant: Mutant) -> tuple[Kill, ...]:
        """Run one case against a mutant that it may see."""
        if case in self.behind.only:
            if not self.needs_provider(mutant):
                return ()
            providers = providers_for(mutant, self.protocols[mutant.case])
            return self.with_provider(kills_of, mutant.override, case, providers=providers)
        plan, endpoints = self.plan(case), changed(mutant.override)
        if not any(self.in_process_gateway.meets(script, endpoints) for script in plan.scripts):
            return ()
        return self.without_provider(plan, mutant.override)


def speaks(plan: Plan, protocol: str) -> bool:
    """Whether a case sends requests of a protocol."""
    return any(shot.call.protocol == protocol for shot in plan.shots)
