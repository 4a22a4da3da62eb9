"""Mutants of the Responses endpoint in front of a provider that change what is stored."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from harness.testbed.base import Mutant
from harness.testbed.gateway.model_types import Json
from harness.testbed.gateway.responses.stored import Stored
from harness.testbed.mutants.upstream.operators import mutant_factory
from harness.testbed.mutation.rows import mutants_in

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


def without_blanks(original: Callable[[Json], Json], request: Json) -> Json:
    """Strips the texts of the request to the provider."""
    body = original(request)
    for message in body["messages"]:
        if isinstance(message["content"], str):
            message["content"] = message["content"].strip()
            continue
        for part in message["content"]:
            part |= {"text": part["text"].strip()} if "text" in part else {}
    return body


def without_empty_results(original: Callable[[Json], Json], request: Json) -> Json:
    body = original(request)
    for message in body["messages"]:
        if isinstance(message["content"], list):
            message["content"] = [*filter(is_not_empty, message["content"])]
    return body


def is_not_empty(part: Json) -> bool:
    return part.get("type") != "tool_result" or bool(part.get("content"))


BEFORE_MESSAGES: tuple[Mutant, ...] = (
    *mutants_in("upstream/responses"),
    mutant("forgets", "forgets the earlier conversation", "upstream.state", "any_of",
           {"responses.recall": forgets}),
    mutant("carries-over", "carries instructions over to the next request", "upstream.state",
           "any_of", {"responses.remember": carries_over}),
    mutant("answers-lost", "forgets the answers of the earlier conversation",
           "upstream.state.answers", "any_of", {"responses.remember": only_sent}),
    mutant("blanks", "strips the texts of the caller", "upstream.sent.blanks",
           "forwarded $.messages..[?@=='  A line,\\n\\tand another  one.\\n\\n']",
           {"forward.anthropic.body": without_blanks}),
    mutant("empty-result", "drops results that are empty", "tools.result.empty",
           "forwarded $.messages[*].content[?@.type=='tool_result'].tool_use_id",
           {"forward.anthropic.body": without_empty_results}),
)  # fmt: skip
