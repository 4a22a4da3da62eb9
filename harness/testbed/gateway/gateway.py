"""The gateway: a front for each protocol, one model behind them. May not open a socket.

`Gateway(overrides).respond(request) -> reply`, plain dicts both ways:
request: {"method", "path", "headers": [(name, value)], "body": bytes}
reply: {"status", "headers": [(name, value)], "chunks": [bytes], "pauses": [seconds before each
chunk], "framing": "length" | "chunked" | "close", "end": "keep" | "close" | "drop"}

A front is made of organs, its methods. An override replaces one of them by a function that gets
the right organ and its arguments: {"reason": lambda right, said: right(said).upper()}.
It is an organ of the OpenAI front, "anthropic.reason" one of the other, "both.frames" of each.
"forward.answer" is one of the forwarding, "forward.anthropic.limit" of its way to that provider;
without a provider nothing is forwarded, and these change nothing.
A mutant is one override; a harmless variant may have several.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from harness.testbed.forward import Forwarding
from harness.testbed.gateway import model_provider
from harness.testbed.gateway.anthropic.endpoint import AnthropicEndpoint
from harness.testbed.gateway.endpoint import EndpointBase, Reply, Request
from harness.testbed.gateway.ids import IdGenerator
from harness.testbed.gateway.limits import Bucket, Budget, Roomy
from harness.testbed.gateway.model_types import Ask, Said
from harness.testbed.gateway.openai.endpoint import OpenAIEndpoint
from harness.testbed.keys import GATEWAY_KEY, LIMITED_GATEWAY_KEY

LIMITED_BURST, LIMITED_RATE = 20, 0.5
MAX_BODY = 32 * 2**20
PACE = 0.002
# Headers by which a caller is known as one who speaks Anthropic.
SPOKEN = ("anthropic-version", "x-api-key")

Override = Callable[..., Any]
Overrides = Mapping[str, Override]


class Gateway:
    """`rpm`: a limit for the good key; without one its headers depend on the request alone.

    `provider`: who answers behind the gateway, in place of its own model.
    """

    def __init__(
        self,
        overrides: Overrides | None = None,
        *,
        rpm: int = 0,
        clock: Callable[[], float] = time.monotonic,
        max_body: int = MAX_BODY,
        pace: float = PACE,
        answer: Callable[[Ask], Said] = model_provider.answer,
        provider: Forwarding | None = None,
    ) -> None:
        roomy = Bucket(rpm, rpm / 60, clock) if rpm else Roomy()
        limited = Bucket(LIMITED_BURST, LIMITED_RATE, clock)
        meters: dict[str, Callable[[], Budget]] = {
            GATEWAY_KEY: roomy.take,
            LIMITED_GATEWAY_KEY: limited.take,
        }
        self.max_body = max_body
        self._sealer = IdGenerator()
        self.provider, asked = provider, answer if provider is None else provider.asked
        self.openai = OpenAIEndpoint(asked, meters, max_body, pace)
        self.anthropic = AnthropicEndpoint(asked, meters, max_body, pace)
        if provider is not None:
            self.anthropic.weigh = provider.weighed  # type: ignore[method-assign]
        for name, wrong in (overrides or {}).items():
            for front, hook in self.hooks(name):
                setattr(front, hook, partial(wrong, getattr(front, hook)))

    def hooks(self, name: str) -> list[tuple[object, str]]:
        """Whom an override is for, and the organ it replaces there."""
        prefix, _, hook = name.rpartition(".")
        if prefix.startswith("forward"):
            return [(found, hook) for found in self.forwarding(prefix)]
        fronts: dict[str, list[EndpointBase]] = {
            "": [self.openai],
            "anthropic": [self.anthropic],
            "both": [self.openai, self.anthropic],
        }
        return [(front, hook) for front in fronts[prefix]]

    def forwarding(self, prefix: str) -> list[object]:
        """The forwarding, or the side of it that speaks to one kind of provider."""
        if self.provider is None:
            return []
        _, _, protocol = prefix.partition(".")
        found = self.provider.tongues.get(protocol) if protocol else self.provider
        return [] if found is None else [found]

    def respond(self, request: Request) -> Reply:
        return self.endpoint_for(request).respond(request, self._sealer.seal(request))

    def endpoint_for(self, request: Request) -> EndpointBase:
        """By the path where it tells, by the headers where it does not."""
        path = request["path"]
        if path.startswith("/v1/messages"):
            return self.anthropic
        if path.startswith("/v1/chat/"):
            return self.openai
        spoken = any(name.lower() in SPOKEN for name, _ in request["headers"])
        return self.anthropic if spoken else self.openai
