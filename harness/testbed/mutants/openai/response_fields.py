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
    choice,
    drops,
    message,
    sets,
    usage,
)

CONTENT = "body $.choices[0].message.content"
FINISH = "body $.choices[0].finish_reason"
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


def created_in_milliseconds(data: Body) -> None:
    data["created"] *= 1000


def anthropic_reason(reply: ModelReply) -> str:
    """Returns the finish reason of the Anthropic protocol."""
    return {"end": "end_turn", "length": "max_tokens", "calls": "tool_use"}.get(
        reply.finish, "stop"
    )


def wrong_total(data: Body) -> None:
    data["usage"]["total_tokens"] = data["usage"]["prompt_tokens"]


def sets_to_zero(*names: str) -> Overrides:
    return usage(sets(**dict.fromkeys(names, 0)))


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
    field("id-missing", "omits the id", PRESENT, whole(drops("id"))),
    field("id-empty", "sends an empty id", PRESENT, whole(sets(id=""))),
    field("id-same", "uses one id for all answers", "unique $.id", whole(sets(id="chatcmpl-1")),
          "response.id.unique"),
    field("id-fixed", "uses one id for all answers", "unique $.id", whole(sets(id="chatcmpl-1")),
          "shape.id.unique"),
    field("id-absent", "omits the id", PRESENT, whole(drops("id")), "shape.id"),
    field("choices-none", "sends an empty list of choices", PRESENT, whole(sets(choices=[]))),
    field("choices-two", "sends two choices", PRESENT, whole(add_choice), "shape.choices"),
    field("choices-streamed", "streams two choices", "events $[*].choices[*].index",
          whole(add_choice), "response.choices.streamed"),
    field("choices.finish_reason-native", "sends the finish reason of the provider", PRESENT,
          {"finish_reason": lambda original, reply: anthropic_reason(reply)}),
    field("choices.finish_reason-missing", "omits the finish reason", PRESENT,
          choice(drops("finish_reason")), "shape.finish_reason"),
    field("choices.finish_reason-length", "always reports finish reason length", FINISH,
          {"finish_reason": lambda original,
              reply: "length"}, "response.choices.finish_reason.stop"),
    field("choices.index-1", "numbers choices from 1", ALWAYS, choice(sets(index=1))),
    field("choices.message.role-bot", "uses the role bot", ALWAYS, message(sets(role="bot"))),
    field("choices.message.role-missing", "omits the role", ALWAYS,
          message(drops("role")), "shape.role"),
    field("choices.message.content-null", "sends null content", CONTENT,
          message(sets(content=None))),
    field("choices.message.content-parts", "sends the content as parts", CONTENT,
          plain(lambda data: data["choices"][0]["message"].update(content=[{"text": "ready"}])),
          "shape.content"),
    field("object-other", "sends another object type", ALWAYS,
          plain(sets(object="text_completion"))),
    field("object-missing", "omits the object type", "body $.object",
          plain(drops("object")), "shape.plain"),
    field("created-milliseconds", "sends created in milliseconds", PRESENT,
          whole(created_in_milliseconds)),
    field("created-text", "sends created as a string", PRESENT,
          whole(lambda data: data.update(created="2025-01-01T00:00:00Z")), "shape.created"),
    field("model-missing", "omits the model", PRESENT, whole(drops("model"))),
    field("model-empty", "omits the model", PRESENT, whole(sets(model="")),
          "shape.model"),
)  # fmt: skip

USAGE = (
    field("usage.completion_tokens-zero", "reports zero tokens", PRESENT,
          sets_to_zero("completion_tokens")),
    field("usage.prompt_tokens-zero", "reports zero tokens", PRESENT,
          sets_to_zero("prompt_tokens")),
    field("usage.prompt_tokens-constant", "reports 10 prompt tokens for every prompt", "more_than",
          usage(sets(prompt_tokens=10)), "response.usage.prompt_tokens.grow"),
    field("usage.prompt_tokens-constant-streamed", "reports 10 prompt tokens in every stream",
          "more_than", streams(counts(prompt_tokens=10)), "shape.usage.input"),
    field("usage.completion_tokens-one", "reports one output token for every answer",
          "body $.usage.completion_tokens", whole(counts(completion_tokens=1)),
          "shape.usage.output"),
    field("usage.total_tokens-half", "omits output tokens from the total",
          "sum $.usage.total_tokens", whole(wrong_total)),
    field("usage-missing", "omits the usage", "body $.usage.prompt_tokens", whole(sets(usage=None)),
          "shape.usage"),
    field("usage.prompt_tokens-restless", "reports other prompt tokens for a repeated prompt",
          "same $.usage.prompt_tokens", {"completion": vary_prompt_tokens},
          "response.usage.prompt_tokens.repeated"),
    field("usage.prompt_tokens-cached", "reports cached tokens",
          "body $.usage.prompt_tokens_details", whole(add_cached_tokens),
          "behaviour.no_prompt_cache"),
)  # fmt: skip

ALWAYS_EMPTY = (
    field("usage.completion_tokens_details-told", "fills completion_tokens_details", EMPTY,
          usage(sets(completion_tokens_details={"reasoning_tokens": 3}))),
    field("usage.prompt_tokens_details-told", "fills prompt_tokens_details", EMPTY,
          usage(sets(prompt_tokens_details={"cached_tokens": 0}))),
    field("choices.message.refusal-told", "fills the refusal field", EMPTY,
          message(sets(refusal="I would rather not."))),
    field("choices.message.audio-told", "adds audio", EMPTY,
          message(sets(audio={"id": "audio_1", "data": "AAAA"}))),
    field("logprobs-told", "sends log probabilities", EMPTY,
          choice(sets(logprobs={"content": [], "refusal": None}))),
    field("service_tier-told", "reports a service tier", EMPTY,
          whole(sets(service_tier="standard"))),
    field("system_fingerprint-told", "sends a system_fingerprint", EMPTY,
          whole(sets(system_fingerprint="fp_1"))),
)  # fmt: skip

ANSWERS = (*FIELDS, *USAGE, *ALWAYS_EMPTY)
