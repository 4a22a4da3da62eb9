"""Plans -> exchanges of the builtin gateway with a provider behind it, without sockets.

May not judge. The provider is the one that `--upstream` plays; each of the gateway's fronts stands
before the other protocol's, where the translating is, or all before their own.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from functools import cached_property, partial
from typing import Any, Final

from harness import run
from harness.fire.conversation import run_script
from harness.fire.redaction.exchange import ExchangeRedactor
from harness.fire.redaction.secrets import find_secrets
from harness.fire.upstream.observer import UpstreamObserver
from harness.model import Call, Exchange, Plan, PlannedAssertion, Script, Shot
from harness.prove.in_process import answer, asked, scripts_of
from harness.prove.matrix import Kill
from harness.run.inputs import UPSTREAM
from harness.testbed.forward import Forwarding
from harness.testbed.forward.provider_client import Send
from harness.testbed.gateway.gateway import Gateway, Overrides
from harness.testbed.mock_provider import Upstream, recording
from harness.testbed.mock_provider.variants import PROVIDER_VARIANTS
from harness.testbed.variants.upstream import UPSTREAM_VARIANTS

ACROSS: Final = ("anthropic", "openai")


class InProcessUpstream:
    """Nowhere listens anything: the gateway's requests are the provider's answers' arguments."""

    def __init__(self, packs: tuple[str, ...]) -> None:
        self.session = run.load_session(run.Options(packs=packs, upstream="127.0.0.1:0"))

    @cached_property
    def plans(self) -> dict[str, Plan]:
        """The cases that ask for more where somebody stands behind, by full name."""
        cases = (case for pack in self.session.packs.values() for case in pack.cases)
        made = (self.session.plan(case) for case in cases)
        return {plan.case.name: plan for plan in made if asks_behind(plan)}

    @cached_property
    def only(self) -> set[str]:
        """The cases that can be run in no other way."""
        return {name for name, plan in self.plans.items() if plan.case.feature == UPSTREAM}

    def fire(
        self,
        plans: Iterable[Plan],
        overrides: Overrides | None = None,
        providers: Sequence[str] = ACROSS,
        usual: recording.Script | None = None,
        other: Overrides | None = None,
    ) -> dict[str, Exchange]:
        """`usual`, `other`: the manners of a provider that is right in another way."""
        upstream, respond = provider(usual, other)
        forwarding = Forwarding(dict.fromkeys(providers, respond), now=lambda: 0.0)
        gateway = Gateway(overrides, pace=0.0, clock=lambda: 0.0, provider=forwarding)
        scripts = scripts_of(plans)
        return asyncio.run(self.played(scripts, gateway, self.observer(upstream)))

    def observer(self, upstream: Upstream) -> UpstreamObserver:
        target = self.session.target
        return UpstreamObserver(
            upstream, ExchangeRedactor(find_secrets(target, self.session.keys), target)
        )

    async def played(
        self, scripts: Iterable[Script], gateway: Gateway, observer: UpstreamObserver
    ) -> dict[str, Exchange]:
        async def send(shot: Shot, call: Call) -> Exchange:
            async with observer.observe(shot, call) as observation:
                seen = answer(gateway, shot, asked(self.session.target, observation.call))
            arrived = seen.chunks[:-1] if seen.end == "dropped" else seen.chunks
            exchange = replace(seen, chunks=arrived, forwarded=observation.forwarded)
            return observer.redactor.exchange(exchange)

        made = [one for script in scripts for one in await run_script(script, send)]
        return {exchange.shot: exchange for exchange in made}


def provider(
    usual: recording.Script | None = None, other: Overrides | None = None
) -> tuple[Upstream, Send]:
    """Who records, and who answers: the same, or somebody between them who changes replies."""
    upstream = Upstream(default_script=usual)
    respond: Send = upstream.respond
    for change in (other or {}).values():
        respond = partial(change, respond)
    return upstream, respond


PROVIDERS: Final[dict[str, dict[str, Any]]] = {
    "provider": {},
    **{f"provider.{one}": {"providers": (one,)} for one in ACROSS},
    **{f"played.{usual.id}": {"usual": usual.script} for usual in PROVIDER_VARIANTS},
    **{variant.id: {"other": variant.overrides} for variant in UPSTREAM_VARIANTS},
}


# What a provider of OpenAI's protocol has no word for: no gateway before one can tell it. These
# cases warn there, and rightly so: their caller goes without.
UNTOLD: Final = {
    "anthropic-messages/stop_sequences",
    "anthropic-messages/stop_sequences.several",
    "anthropic-messages/thinking",
}


def excused(kill: Kill, manners: Mapping[str, Any]) -> bool:
    untold = "openai" in manners.get("providers", ACROSS) and kill.case in UNTOLD
    return untold and kill.level == "should"


def asks_behind(plan: Plan) -> bool:
    return plan.case.feature == UPSTREAM or any(map(is_behind, plan.assertions))


def is_behind(assertion: PlannedAssertion) -> bool:
    inner = (is_behind(each) for part in assertion.parts for each in part)
    return assertion.grade == "upstream" or any(inner)
