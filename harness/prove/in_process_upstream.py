"""The reference gateway with a mock provider behind it, in this process.

Each endpoint of the gateway calls the provider of the other protocol, so that it translates, or
all call the provider of their own.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from functools import cached_property, partial
from typing import Any, Final

from harness.fire.alternatives import send_with_alternative
from harness.fire.conversation import run_script
from harness.fire.redaction.exchange import ExchangeRedactor
from harness.fire.redaction.secrets import find_secrets
from harness.fire.upstream_observer import UpstreamObserver
from harness.model import Calibration, Call, Exchange, Plan, Script, Shot, Target
from harness.model.options import Options
from harness.plan.calibration import plan_calibration, restrict_calibrations
from harness.prove.absent_plans import AbsentPlans, plans_of_absent_features
from harness.prove.in_process import answer, gateway_request, scripts_of
from harness.prove.providers import ACROSS, ALWAYS
from harness.run import load_session
from harness.run.features import UPSTREAM
from harness.testbed.forward import Forwarding
from harness.testbed.forward.provider_client import Send
from harness.testbed.gateway.gateway import Gateway, Overrides
from harness.testbed.mock_provider import recording
from harness.testbed.mock_provider.server import Upstream
from harness.testbed.mutation.rows import merged

ADDRESS: Final = "127.0.0.1:0"  # nothing listens: requests are passed in this process


class InProcessUpstream:
    """Runs in-process: the gateway's upstream requests are passed directly to the mock provider.

    Args:
        additions: Changes of the right gateway.
    """

    def __init__(self, packs: tuple[str, ...], additions: Overrides | None = None) -> None:
        self.additions = additions or {}
        self.session = load_session(Options(packs=packs, upstream=ADDRESS))

    @cached_property
    def session_plans(self) -> tuple[Plan, ...]:
        cases = (case for pack in self.session.packs.values() for case in pack.cases)
        return tuple(map(self.session.plan, cases))

    @cached_property
    def absent(self) -> AbsentPlans:
        return plans_of_absent_features(self.session, ADDRESS)

    @cached_property
    def elsewhere(self) -> Mapping[str, Target]:
        """The shots that are for another target than the session's, with that target."""
        return self.absent.targets(self.session_plans)

    @cached_property
    def all_plans(self) -> dict[str, Plan]:
        """The plans of all cases without an SDK, by the case's full name."""
        return {
            plan.case.name: plan
            for plan in (*self.session_plans, *self.absent.plans)
            if not any(shot.call.client for shot in plan.shots)
        }

    @cached_property
    def plans(self) -> dict[str, Plan]:
        """The plans that have assertions of their own on forwarded requests."""
        return {name: plan for name, plan in self.all_plans.items() if sees_provider(plan)}

    @cached_property
    def only(self) -> set[str]:
        """The cases that need a provider."""
        return {name for name, plan in self.plans.items() if plan.case.feature == UPSTREAM}

    @cached_property
    def calibrations(self) -> tuple[Calibration, ...]:
        packs, target = self.session.packs.values(), self.session.target
        return plan_calibration([*self.all_plans.values()], packs, target)

    def calibrations_for(self, plans: Iterable[Plan]) -> tuple[Calibration, ...]:
        return restrict_calibrations(self.calibrations, plans)

    def fire(
        self,
        plans: Iterable[Plan],
        overrides: Overrides | None = None,
        first: Iterable[Script] = (),
        **more: Any,
    ) -> dict[str, Exchange]:
        """Send the scripts `first` and those of the plans."""
        scripts = {script.id: script for script in (*first, *scripts_of(plans))}.values()
        return self.fire_scripts(scripts, overrides, **more)

    def fire_scripts(
        self,
        scripts: Iterable[Script],
        overrides: Overrides | None = None,
        providers: Sequence[str] = ACROSS,
        usual: recording.Script | None = None,
        other: Overrides | None = None,
    ) -> dict[str, Exchange]:
        """Send the scripts; `usual` and `other` are variants of a right provider."""
        upstream, respond = provider(usual, other)
        every = (*providers, *ALWAYS)
        forwarding = Forwarding(dict.fromkeys(every, respond), now=lambda: 0.0)
        changes = merged(self.additions, overrides or {})
        gateway = Gateway(changes, pace=0.0, clock=lambda: 0.0, provider=forwarding)
        target = self.session.target
        redactor = ExchangeRedactor(find_secrets(target, self.session.keys), target)
        observer = UpstreamObserver(upstream, redactor)
        return asyncio.run(self.send_all(scripts, gateway, observer))

    async def send_all(
        self, scripts: Iterable[Script], gateway: Gateway, observer: UpstreamObserver
    ) -> dict[str, Exchange]:
        async def send(shot: Shot, call: Call) -> Exchange:
            return await send_with_alternative(partial(send_once, shot), call)

        async def send_once(shot: Shot, call: Call) -> Exchange:
            async with observer.observe(shot, call) as observation:
                target = self.elsewhere.get(shot.id, self.session.target)
                request = gateway_request(target, observation.call)
                exchange = answer(gateway, shot, request)
            chunks = exchange.chunks[:-1] if exchange.end == "dropped" else exchange.chunks
            exchange = replace(exchange, chunks=chunks, forwarded=observation.forwarded)
            return observer.redactor.exchange(exchange)

        return {e.shot: e for script in scripts for e in await run_script(script, send)}


def sees_provider(plan: Plan) -> bool:
    """Whether a case is about what reaches the provider, or what comes from it."""
    own = [a for a in plan.assertions if a.stage != "forwarded"]
    return plan.case.feature == UPSTREAM or any(a.grade == "upstream" for a in own)


def provider(
    usual: recording.Script | None = None, other: Overrides | None = None
) -> tuple[Upstream, Send]:
    """Return the provider that records, and the function that answers, with changed replies."""
    upstream = Upstream(default_script=usual)
    respond: Send = upstream.respond
    for change in (other or {}).values():
        respond = partial(change, respond)
    return upstream, respond
