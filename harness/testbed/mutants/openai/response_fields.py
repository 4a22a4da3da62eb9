"""Mutants of the answer's own fields: each missing, wrong, or filled where it stays empty."""

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
    """Changes plain answers; their streams would break other laws as well."""
    return answers(lambda body, data: None if body.get("stream") else change(data))


def second(data: Body) -> None:
    data["choices"].append({**data["choices"][0], "index": 1})


def milliseconds(data: Body) -> None:
    data["created"] *= 1000


def native(reply: ModelReply) -> str:
    """The provider's own words."""
    return {"end": "end_turn", "length": "max_tokens", "calls": "tool_use"}.get(
        reply.finish, "stop"
    )


def half(data: Body) -> None:
    data["usage"]["total_tokens"] = data["usage"]["prompt_tokens"]


def zero(*names: str) -> Overrides:
    return usage(sets(**dict.fromkeys(names, 0)))


def restless(
    original: Callable[[Body, ModelReply, ResponseIds], Body],
    body: Body,
    reply: ModelReply,
    ids: ResponseIds,
) -> Body:
    """The prompt of equal requests is counted differently, as by a cache that is counted apart."""
    data = original(body, reply, ids)
    data["usage"]["prompt_tokens"] += int(ids.digest[:4], 16)
    data["usage"]["total_tokens"] += int(ids.digest[:4], 16)
    return data


def cached(data: Body) -> None:
    if data["usage"]["prompt_tokens"] > 500:
        data["usage"]["prompt_tokens_details"] = {"cached_tokens": 500}


def field(name: str, says: str, rule: str, wrong: Overrides, case: str = "") -> Mutant:
    return Mutant(
        f"answer.{name}", says, case or f"response.{name.rpartition('-')[0]}", rule, wrong
    )


FIELDS = (
    field("id-missing", "sends no id", PRESENT, whole(drops("id"))),
    field("id-empty", "sends an empty id", PRESENT, whole(sets(id=""))),
    field("id-same", "gives every answer one id", "unique $.id", whole(sets(id="chatcmpl-1")),
          "response.id.unique"),
    field("id-fixed", "gives every answer one id", "unique $.id", whole(sets(id="chatcmpl-1")),
          "shape.id.unique"),
    field("id-absent", "sends no id", PRESENT, whole(drops("id")), "shape.id"),
    field("choices-none", "sends no choice", PRESENT, whole(sets(choices=[]))),
    field("choices-two", "sends two choices", PRESENT, whole(second), "shape.choices"),
    field("choices-streamed", "streams two choices", "events $[*].choices[*].index",
          whole(second), "response.choices.streamed"),
    field("choices.finish_reason-native", "says why in the provider's words", PRESENT,
          {"finish_reason": lambda original, reply: native(reply)}),
    field("choices.finish_reason-missing", "does not say why it ended", PRESENT,
          choice(drops("finish_reason")), "shape.finish_reason"),
    field("choices.finish_reason-length", "always says length", FINISH,
          {"finish_reason": lambda original,
              reply: "length"}, "response.choices.finish_reason.stop"),
    field("choices.index-1", "counts choices from 1", ALWAYS, choice(sets(index=1))),
    field("choices.message.role-bot", "calls itself bot", ALWAYS, message(sets(role="bot"))),
    field("choices.message.role-missing", "does not say who speaks", ALWAYS,
          message(drops("role")), "shape.role"),
    field("choices.message.content-null", "sends no text", CONTENT, message(sets(content=None))),
    field("choices.message.content-parts", "sends the text in parts", CONTENT,
          plain(lambda data: data["choices"][0]["message"].update(content=[{"text": "ready"}])),
          "shape.content"),
    field("object-other", "calls a completion something else", ALWAYS,
          plain(sets(object="text_completion"))),
    field("object-missing", "does not say what it sends", "body $.object",
          plain(drops("object")), "shape.plain"),
    field("created-milliseconds", "counts the time in milliseconds", PRESENT,
          whole(milliseconds)),
    field("created-text", "writes the time as a text", PRESENT,
          whole(lambda data: data.update(created="2025-01-01T00:00:00Z")), "shape.created"),
    field("model-missing", "does not name the model", PRESENT, whole(drops("model"))),
    field("model-empty", "does not name the model", PRESENT, whole(sets(model="")),
          "shape.model"),
)  # fmt: skip

USAGE = (
    field("usage.completion_tokens-zero", "counts nothing", PRESENT, zero("completion_tokens")),
    field("usage.prompt_tokens-zero", "counts nothing", PRESENT, zero("prompt_tokens")),
    field("usage.prompt_tokens-constant", "counts every prompt as 10", "more_than",
          usage(sets(prompt_tokens=10)), "response.usage.prompt_tokens.grow"),
    field("usage.total_tokens-half", "does not count what it wrote",
          "sum $.usage.total_tokens", whole(half)),
    field("usage-missing", "sends no usage", "body $.usage.prompt_tokens", whole(sets(usage=None)),
          "shape.usage"),
    field("usage.prompt_tokens-restless", "counts a repeated prompt differently",
          "same $.usage.prompt_tokens", {"completion": restless}, "behaviour.no_prompt_cache"),
    field("usage.prompt_tokens-cached", "tells how much came from a cache",
          "body $.usage.prompt_tokens_details", whole(cached), "behaviour.no_prompt_cache"),
)  # fmt: skip

ALWAYS_EMPTY = (
    field("usage.completion_tokens_details-told", "tells how the answer's tokens divide", EMPTY,
          usage(sets(completion_tokens_details={"reasoning_tokens": 3}))),
    field("usage.prompt_tokens_details-told", "tells how the prompt's tokens divide", EMPTY,
          usage(sets(prompt_tokens_details={"cached_tokens": 0}))),
    field("choices.message.refusal-told", "refuses in a field of its own", EMPTY,
          message(sets(refusal="I would rather not."))),
    field("choices.message.audio-told", "adds sound", EMPTY,
          message(sets(audio={"id": "audio_1", "data": "AAAA"}))),
    field("logprobs-told", "sends log probabilities", EMPTY,
          choice(sets(logprobs={"content": [], "refusal": None}))),
    field("service_tier-told", "tells a service tier", EMPTY, whole(sets(service_tier="standard"))),
    field("system_fingerprint-told", "tells a fingerprint", EMPTY,
          whole(sets(system_fingerprint="fp_1"))),
)  # fmt: skip

ANSWERS = (*FIELDS, *USAGE, *ALWAYS_EMPTY)
