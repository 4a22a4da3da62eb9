"""Forwarding: what a front was asked -> the provider behind it -> what was said. Never answers.

With providers of both protocols each front is before the other's: translating is what it is for.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping

from harness.testbed.forward.provider_client import Send
from harness.testbed.forward.to_anthropic import ToAnthropic
from harness.testbed.forward.to_openai import ToOpenAI
from harness.testbed.gateway.model_types import Ask, Said
from harness.testbed.keys import PROVIDER_KEY

Kind = type[ToAnthropic] | type[ToOpenAI]
OTHER = {"openai": "anthropic", "anthropic": "openai"}


class Forwarding:
    """`providers`: for each protocol what sends a request and brings the reply, as dicts."""

    def __init__(
        self,
        providers: Mapping[str, Send],
        key: str = PROVIDER_KEY,
        now: Callable[[], float] = time.time,
    ) -> None:
        kinds: dict[str, Kind] = {"anthropic": ToAnthropic, "openai": ToOpenAI}
        self.tongues = {
            protocol: kinds[protocol](send, key, now) for protocol, send in providers.items()
        }

    def tongue(self, ask: Ask) -> ToAnthropic | ToOpenAI:
        return self.tongues.get(OTHER[ask.spoken]) or self.tongues[ask.spoken]

    def asked(self, ask: Ask) -> Said:
        """What a front calls: `answer` may have been replaced since it was made."""
        return self.answer(ask)

    def weighed(self, ask: Ask) -> int:
        return self.count(ask)

    def answer(self, ask: Ask) -> Said:
        return self.tongue(ask).answer(ask)

    def count(self, ask: Ask) -> int:
        return self.tongue(ask).count(ask)
