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
from harness.model import Calibration, Call, Exchange, Plan, Script, Shot
from harness.model.options import Options
from harness.plan.calibration import plan_calibration, restrict_calibrations
from harness.prove.in_process import answer, gateway_request, scripts_of
from harness.prove.matrix import Kill
from harness.run import load_session
from harness.run.features import UPSTREAM
from harness.testbed.forward import Forwarding
from harness.testbed.forward.provider_client import Send
from harness.testbed.gateway.gateway import Gateway, Overrides
from harness.testbed.mock_provider import Upstream, recording
from harness.testbed.mock_provider.variants import PROVIDER_VARIANTS
from harness.testbed.variants.forwarding import FORWARDING
from harness.testbed.variants.refusing_providers import REFUSING_PROVIDERS
from harness.testbed.variants.upstream import UPSTREAM_VARIANTS
from harness.testbed.variants.usage import USAGE

ACROSS: Final = ("anthropic", "openai")


class InProcessUpstream:
    """Runs in-process: the gateway's upstream requests are passed directly to the mock provider."""

    def __init__(self, packs: tuple[str, ...]) -> None:
        self.session = load_session(Options(packs=packs, upstream="127.0.0.1:0"))

    @cached_property
    def all_plans(self) -> dict[str, Plan]:
        """The plans of all cases without an SDK, by the case's full name."""
        cases = (case for pack in self.session.packs.values() for case in pack.cases)
        plans = map(self.session.plan, cases)
        return {
            plan.case.name: plan
            for plan in plans
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
        forwarding = Forwarding(dict.fromkeys(providers, respond), now=lambda: 0.0)
        gateway = Gateway(overrides, pace=0.0, clock=lambda: 0.0, provider=forwarding)
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
                request = gateway_request(self.session.target, observation.call)
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


# Right gateways on which all cases run, since every forwarded request is checked.
WITH_ALL_CASES: Final = (
    *("provider", *(f"provider.{protocol}" for protocol in ACROSS)),
    "upstream.newest",
)
# The ways to forward that are also tried before a provider of the caller's protocol.
ONE_PROVIDER: Final[Mapping[str, Sequence[str]]] = {
    "forwarding.lists": ACROSS,
    "forwarding.texts": ACROSS,
    "forwarding.results-apart": ("anthropic",),
    "forwarding.cache-marks": ("anthropic",),
    "forwarding.stop-text": ("openai",),
    "forwarding.thinking-budget": ("anthropic",),
}
PROVIDERS: Final[dict[str, dict[str, Any]]] = {
    "provider": {},
    **{f"provider.{protocol}": {"providers": (protocol,)} for protocol in ACROSS},
    **{f"played.{usual.id}": {"usual": usual.script} for usual in PROVIDER_VARIANTS},
    **{one.id: {"other": one.overrides} for one in (*UPSTREAM_VARIANTS, *REFUSING_PROVIDERS)},
    **{f"provider.{variant.id}": {"variant": variant} for variant in USAGE},
    **{variant.id: {"overrides": variant.overrides} for variant in FORWARDING},
    **{
        f"{variant.id}.{protocol}": {"overrides": variant.overrides, "providers": (protocol,)}
        for variant in FORWARDING
        for protocol in ONE_PROVIDER.get(variant.id, ())
    },
}
# What these state about their verdicts, by id.
STATED: Final = {
    **{one.id: one for one in (*UPSTREAM_VARIANTS, *REFUSING_PROVIDERS, *FORWARDING)},
    **{f"{one.id}.{protocol}": one for one in FORWARDING for protocol in ACROSS},
}


# OpenAI's protocol has no field for these, so that no gateway can forward them to such a provider.
# The cases rightly warn there, or are undecided: the caller does not get what the field promises.
NOT_FORWARDABLE: Final = {
    "anthropic-messages/thinking",
    "anthropic-messages/thinking.adaptive",  # inconclusive: the answer does not show the thinking
    "anthropic-messages/thinking.display.omitted",
    "anthropic-messages/thinking.display.summarized",
    "cross-protocol/cross.stop",
}


def excused(kill: Kill, options: Mapping[str, Any]) -> bool:
    """Whether a warning on a right gateway is right, because of its provider's protocol."""
    speaks_openai = "openai" in options.get("providers", ACROSS)
    return speaks_openai and kill.case in NOT_FORWARDABLE and kill.level in ("should", "model")
