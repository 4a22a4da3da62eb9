"""Mutants of the Responses endpoint in front of a provider that change what is stored."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from harness.testbed.base import Mutant
from harness.testbed.gateway.model_types import Json
from harness.testbed.gateway.responses.stored import Stored
from harness.testbed.mutants.upstream.operators import mutant_factory

mutant = mutant_factory("openai-responses", "responses.upstream")


def forgets(original: Callable[[str], list[Json]], response_id: str) -> list[Json]:
    """Takes any earlier response for an empty conversation."""
    return []


def carries_over(original: Callable[[Stored], None], response: Stored) -> None:
    """Stores the instructions as a part of the conversation."""
    words = response.answer["instructions"]
    head = [{"role": "system", "content": words}] if words else []
    original(replace(response, conversation=[*head, *response.conversation]))


def only_sent(original: Callable[[Stored], None], response: Stored) -> None:
    """Stores what was sent, and not what the model has answered."""
    items = [item for item in response.conversation if "status" not in item]
    original(replace(response, conversation=items))


BEFORE_MESSAGES: tuple[Mutant, ...] = (
    mutant("forgets", "forgets the earlier conversation", "upstream.state", "any_of",
           {"responses.recall": forgets}),
    mutant("carries-over", "carries instructions over to the next request", "upstream.state",
           "any_of", {"responses.remember": carries_over}),
    mutant("answers-lost", "forgets the answers of the earlier conversation",
           "upstream.state.answers", "any_of", {"responses.remember": only_sent}),
)  # fmt: skip
