"""Cases over the builtin gateway with a provider behind it, without sockets: for tests."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache, partial
from typing import Any

from harness import session
from harness.fire.play import play
from harness.fire.secrets import secrets_of
from harness.fire.veil import Veil
from harness.fire.watch import Watch
from harness.judge import judge
from harness.model import Call, Exchange, Plan, Shot, Verdict
from harness.prove.matrix import Kill, accused, killed
from harness.prove.straight import answer, asked, scripts_of
from harness.servers.forward import Forwarding
from harness.servers.gateway import Gateway, Overrides
from harness.servers.upstream import Upstream

PACKS = ("openai-compat", "anthropic-messages")
# Which protocols the providers behind the gateway speak: with both, each front is before the other.
BOTH, LIKE_OPENAI, LIKE_ANTHROPIC = ("anthropic", "openai"), ("openai",), ("anthropic",)
Respond = Callable[[Mapping[str, Any]], dict[str, Any]]


@cache
def opened() -> session.Session:
    return session.open_session(session.Options(packs=PACKS, upstream="127.0.0.1:0"))


@cache
def plans() -> Mapping[str, Plan]:
    """By the case's full name; opt-in ones only where they need an upstream."""
    packs = opened().packs.values()
    cases = [case for pack in packs for case in pack.cases if case.feature != "limits"]
    return {case.name: opened().plan(case) for case in cases}


@dataclass
class Provided:
    """A gateway before providers, all of which are the same upstream."""

    wrong: Overrides = field(default_factory=dict)
    providers: Sequence[str] = BOTH
    other: Overrides = field(default_factory=dict)

    def __post_init__(self) -> None:
        upstream = Upstream()
        respond: Respond = upstream.respond
        for change in self.other.values():
            respond = partial(change, respond)
        forwarding = Forwarding(dict.fromkeys(self.providers, respond), now=lambda: 0.0)
        self.gateway = Gateway(self.wrong, pace=0.0, clock=lambda: 0.0, provider=forwarding)
        self.target, keys = opened().target, opened().keys
        self.watch = Watch(upstream, Veil(secrets_of(self.target, keys), self.target))

    async def straight(self, shot: Shot, call: Call) -> Exchange:
        seen = answer(self.gateway, shot, asked(self.target, call))
        arrived = seen.chunks[:-1] if seen.end == "dropped" else seen.chunks
        return self.watch.veil.exchange(replace(seen, chunks=arrived))

    async def send(self, shot: Shot, call: Call) -> Exchange:
        return await self.watch.send(shot, call, self.straight)

    def fire(self, those: Iterable[Plan]) -> dict[str, Exchange]:
        async def all_of_them() -> list[Exchange]:
            return [made for s in scripts_of(those) for made in await play(s, self.send)]

        return {made.shot: made for made in asyncio.run(all_of_them())}

    def verdicts(self, names: Iterable[str]) -> list[Verdict]:
        those = [plans()[name] for name in names]
        made = self.fire(those)
        return [judge(plan, made) for plan in those]

    def accused(self, names: Iterable[str]) -> list[Kill]:
        return [kill for verdict in self.verdicts(names) for kill in accused(verdict)]

    def killed(self, name: str) -> list[Kill]:
        return [kill for verdict in self.verdicts([name]) for kill in killed(verdict)]
