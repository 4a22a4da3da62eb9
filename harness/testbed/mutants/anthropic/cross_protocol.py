"""Mutants in which one endpoint differs from the other."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from harness.testbed.base import Mutant
from harness.testbed.gateway.gateway import Overrides
from harness.testbed.gateway.model_types import Image, ModelRequest, Result, Text, Turn
from harness.testbed.mutants.anthropic.operators import (
    answers,
    misreads,
    refuses,
)
from harness.testbed.mutants.anthropic.request_operators import (
    accepts_any_key,
    authorizes,
    header_contains,
)
from harness.testbed.mutants.openai.operators import Body, values_at
from harness.testbed.mutation.rows import mutants_in

TEXT = "body $.content[?@.type=='text'].text"
READ, WROTE = "steps_agree openai.usage.prompt_tokens", "steps_agree openai.usage.completion_tokens"


def cross(name: str, description: str, case: str, rule: str, override: Overrides) -> Mutant:
    return Mutant(f"cross.{name}", description, f"cross-protocol/cross.{case}", rule, override)


def without(*kinds: type) -> Callable[[ModelRequest], tuple[Turn, ...]]:
    """Removes parts of these types from the conversation."""
    return lambda request: tuple(
        replace(turn, parts=tuple(p for p in turn.parts if not isinstance(p, kinds)))
        for turn in request.turns
    )


def drop_non_ascii(request: ModelRequest) -> tuple[Turn, ...]:
    """Drops characters outside ASCII."""
    return tuple(
        replace(turn, parts=tuple(
            replace(p, text=p.text.encode("ascii", "replace").decode())
            for p in turn.parts if isinstance(p, Text)))
        for turn in request.turns
    )  # fmt: skip


def constant_usage(body: Body, whole: Body) -> None:
    if body.get("tools"):
        whole["usage"]["input_tokens"] = 12


def has_foreign_id(body: Body) -> bool:
    ids = values_at(body, "messages", "*", "content", "*", "tool_use_id")
    return any(not str(id_).startswith("toolu_") and id_ != "callParis" for id_ in ids)


def find_any_model(original: Callable[[str], Body], name: str) -> Body:
    return {"id": name}


CROSS_PROTOCOL = (
    *mutants_in("anthropic/cross_protocol"),
    cross("letters", "drops characters on one endpoint", "echo", TEXT,
          misreads(turns=drop_non_ascii)),
    cross("history", "drops earlier messages on one endpoint", "history", TEXT,
          misreads(turns=lambda request: request.turns[-1:])),
    cross("image", "ignores images on one endpoint", "image",
          "steps_agree openai.usage.prompt_tokens", misreads(turns=without(Image))),
    cross("tool-result", "ignores tool results on one endpoint", "tool.result", TEXT,
          misreads(turns=without(Result))),
    cross("tool-usage", "omits tools from the count on one endpoint", "tool.usage", READ,
          answers(constant_usage)),
    cross("tool-moved", "accepts only its own call ids", "tool.moved", "status",
          refuses(has_foreign_id, "tool_use_id")),
    cross("model", "accepts every model on one endpoint", "error.model", "status",
          {"anthropic.find_model": find_any_model}),
    cross("key", "accepts any key on one endpoint", "error.key", "status",
          accepts_any_key(header_contains("x-api-key", "wrong"))),
    cross("bearer", "rejects Bearer on one endpoint", "error.key.bearer", "status",
          authorizes(lambda headers: any(name == "x-api-key" for name, _ in headers))),
)  # fmt: skip
