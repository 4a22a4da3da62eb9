"""Mutation operators for the forwarding to a provider.

Each endpoint forwards to a provider of the other protocol, so a mutant of the OpenAI endpoint
overrides hooks of the Anthropic client.
"""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

from harness.testbed.base import Mutant
from harness.testbed.gateway.endpoint import Headers
from harness.testbed.gateway.gateway import Overrides
from harness.testbed.gateway.model_types import Json, ModelReply, ModelRequest

Body = dict[str, Json]
Change = Callable[[Body], Any]
MutantFactory = Callable[[str, str, str, str, Overrides], Mutant]
TO_ANTHROPIC, TO_OPENAI = "forward.anthropic", "forward.openai"


def mutant_factory(pack: str, prefix: str) -> MutantFactory:
    """Returns a factory of mutants for the cases of one pack."""

    def mutant(name: str, description: str, case: str, rule: str, override: Overrides) -> Mutant:
        return Mutant(f"{prefix}.{name}", description, f"{pack}/{case}", rule, override)

    return mutant


compat = mutant_factory("openai-compat", "upstream")
chat = mutant_factory("openai-chat", "chat.upstream")
messages = mutant_factory("anthropic-messages", "anthropic.upstream")


def changes_request(side: str, change: Change) -> Overrides:
    """Changes the request to the provider."""

    def provider_request(original: Callable[[ModelRequest], Body], request: ModelRequest) -> Body:
        body = copy.deepcopy(original(request))
        change(body)
        return body

    return {f"{side}.body": provider_request}


def changes_reply(side: str, change: Callable[[ModelReply], ModelReply]) -> Overrides:
    """Changes the provider's answer."""

    def answer(original: Callable[[ModelRequest], ModelReply], request: ModelRequest) -> ModelReply:
        return change(original(request))

    return {f"{side}.complete": answer}


def changes_headers(side: str, change: Callable[[Headers], Headers]) -> Overrides:
    """Changes the provider's headers for the caller."""

    def forwarded_headers(original: Callable[..., Headers], *args: Any) -> Headers:
        return change(original(*args))

    return {f"{side}.forwarded_headers": forwarded_headers}
