"""Mutants of response fields: missing, wrong, or filled although always empty."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from harness.testbed.base import Mutant
from harness.testbed.gateway.gateway import Overrides
from harness.testbed.gateway.ids import ResponseIds
from harness.testbed.gateway.model_types import ModelReply
from harness.testbed.mutants.openai.operators import (
    Body,
    answers,
)
from harness.testbed.mutation.rows import mutants_in

CONTENT = "body $.choices[0].message.content"
PRESENT, ALWAYS, EMPTY = "present", "always", "always_empty"


def whole(change: Callable[[Body], Any]) -> Overrides:
    return answers(lambda _, data: change(data))


def plain(change: Callable[[Body], Any]) -> Overrides:
    """Changes plain answers only, since their streams would violate other rules as well."""
    return answers(lambda body, data: None if body.get("stream") else change(data))


def streams(change: Callable[[Body], Any]) -> Overrides:
    """Changes streams only."""
    return answers(lambda body, data: change(data) if body.get("stream") else None)


def counts(**numbers: int) -> Callable[[Body], Any]:
    """Returns a change to these token counts, and to the total."""

    def change(data: Body) -> None:
        used = data["usage"]
        used.update(numbers)
        used["total_tokens"] = used["prompt_tokens"] + used["completion_tokens"]

    return change


def add_choice(data: Body) -> None:
    data["choices"].append({**data["choices"][0], "index": 1})


def anthropic_reason(reply: ModelReply) -> str:
    """Returns the finish reason of the Anthropic protocol."""
    return {"end": "end_turn", "length": "max_tokens", "calls": "tool_use"}.get(
        reply.finish, "stop"
    )


def vary_prompt_tokens(
    original: Callable[[Body, ModelReply, ResponseIds], Body],
    body: Body,
    reply: ModelReply,
    ids: ResponseIds,
) -> Body:
    """Reports different prompt tokens for equal requests."""
    data = original(body, reply, ids)
    data["usage"]["prompt_tokens"] += int(ids.digest[:4], 16)
    data["usage"]["total_tokens"] += int(ids.digest[:4], 16)
    return data


def add_cached_tokens(data: Body) -> None:
    if data["usage"]["prompt_tokens"] > 500:
        data["usage"]["prompt_tokens_details"] = {"cached_tokens": 500}


def field(name: str, description: str, rule: str, override: Overrides, case: str = "") -> Mutant:
    return Mutant(
        f"answer.{name}", description, case or f"response.{name.rpartition('-')[0]}", rule, override
    )


FIELDS = (
    field("choices-two", "sends two choices", PRESENT, whole(add_choice), "shape.choices"),
    field("choices-streamed", "streams two choices", "events $[*].choices[*].index",
          whole(add_choice), "response.choices.streamed"),
    field("choices.finish_reason-native", "sends the finish reason of the provider", PRESENT,
          {"finish_reason": lambda original, reply: anthropic_reason(reply)}),
    field("choices.message.content-parts", "sends the content as parts", CONTENT,
          plain(lambda data: data["choices"][0]["message"].update(content=[{"text": "ready"}])),
          "shape.content"),
)  # fmt: skip

USAGE = (
    field("usage.prompt_tokens-constant-streamed", "reports 10 prompt tokens in every stream",
          "more_than", streams(counts(prompt_tokens=10)), "shape.usage.input"),
    field("usage.completion_tokens-one", "reports one output token for every answer",
          "body $.usage.completion_tokens", whole(counts(completion_tokens=1)),
          "shape.usage.output"),
    field("usage.prompt_tokens-restless", "reports other prompt tokens for a repeated prompt",
          "same $.usage.prompt_tokens", {"completion": vary_prompt_tokens},
          "response.usage.prompt_tokens.repeated"),
    field("usage.prompt_tokens-cached", "reports cached tokens",
          "body $.usage.prompt_tokens_details", whole(add_cached_tokens),
          "behaviour.no_prompt_cache"),
)  # fmt: skip


ANSWERS = (*mutants_in("openai/response_fields"), *FIELDS, *USAGE)
