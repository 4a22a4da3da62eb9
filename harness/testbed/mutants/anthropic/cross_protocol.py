"""Mutants in which one endpoint differs from the other."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from harness.testbed.base import Mutant
from harness.testbed.gateway.gateway import Overrides
from harness.testbed.gateway.model_types import Image, ModelRequest, Result, Text, Turn
from harness.testbed.mutants.anthropic.error_operators import of_kind, of_status
from harness.testbed.mutants.anthropic.operators import (
    answers,
    block,
    misreads,
    reason,
    refuses,
    usage,
)
from harness.testbed.mutants.anthropic.request_operators import accepts_any_key, authorizes, said
from harness.testbed.mutants.openai import operators
from harness.testbed.mutants.openai.operators import Body, found, sets

TEXT = "body $.content[?@.type=='text'].text"
HERE = "body $.choices[0].message.content"
FINISH = "steps_agree openai.choices[0].finish_reason"
READ, WROTE = "steps_agree openai.usage.prompt_tokens", "steps_agree openai.usage.completion_tokens"
CALL = "steps_agree openai.choices[0].message.tool_calls[0].function"


def cross(name: str, description: str, case: str, rule: str, override: Overrides) -> Mutant:
    return Mutant(f"cross.{name}", description, f"cross-protocol/cross.{case}", rule, override)


def added(count: int) -> Overrides:
    """Adds a text that was not sent."""
    return usage(lambda told: told.update(input_tokens=told["input_tokens"] + count))


def without(*kinds: type) -> Callable[[ModelRequest], tuple[Turn, ...]]:
    """Removes parts of these types from the conversation."""
    return lambda request: tuple(
        replace(turn, parts=tuple(p for p in turn.parts if not isinstance(p, kinds)))
        for turn in request.turns
    )


def latin(request: ModelRequest) -> tuple[Turn, ...]:
    """Drops characters outside ASCII."""
    return tuple(
        replace(turn, parts=tuple(
            replace(p, text=p.text.encode("ascii", "replace").decode())
            for p in turn.parts if isinstance(p, Text)))
        for turn in request.turns
    )  # fmt: skip


def uncounted_tools(body: Body, whole: Body) -> None:
    if body.get("tools"):
        whole["usage"]["input_tokens"] = 12


def strange_id(body: Body) -> bool:
    ids = found(body, "messages", "*", "content", "*", "tool_use_id")
    return any(not str(one).startswith("toolu_") and one != "callParis" for one in ids)


def any_model(original: Callable[[str], Body], name: str) -> Body:
    return {"id": name}


CROSS = (
    cross("injects", "adds a system prompt on one endpoint", "text", READ, added(200)),
    cross("hides-end", "reports finish reason stop on both endpoints", "text", FINISH,
          reason("end", "stop")),
    cross("letters", "drops characters on one endpoint", "echo", TEXT, misreads(turns=latin)),
    cross("output", "counts output tokens twice on one endpoint", "usage.output", WROTE,
          usage(lambda told: told.update(output_tokens=2 * told["output_tokens"]))),
    cross("system", "ignores the system parameter on one endpoint", "system", TEXT,
          misreads(system=lambda request: "")),
    cross("system-openai", "ignores system messages on one endpoint", "system", HERE,
          operators.misreads(system=lambda request: "")),
    cross("history", "drops earlier messages on one endpoint", "history", TEXT,
          misreads(turns=lambda request: request.turns[-1:])),
    cross("limit", "reports a normal end at the token limit on one endpoint", "limit", FINISH,
          reason("length", "end_turn")),
    cross("stop", "reports a normal end at a stop sequence on one endpoint", "stop", FINISH,
          reason("stop", "end_turn")),
    cross("image", "ignores images on one endpoint", "image", TEXT, misreads(turns=without(Image))),
    cross("tool-name", "adds a prefix to tool names on one endpoint", "tool.call",
          f"{CALL}.name", block("tool_use", lambda call: call.update(name=f"x_{call['name']}"))),
    cross("tool-arguments", "drops call arguments on one endpoint", "tool.call",
          f"{CALL}.arguments", block("tool_use", sets(input={}))),
    cross("tool-finish", "reports a normal end with tool calls on one endpoint", "tool.finish",
          "body $.stop_reason", reason("calls", "end_turn")),
    cross("tool-result", "ignores tool results on one endpoint", "tool.result", TEXT,
          misreads(turns=without(Result))),
    cross("tool-usage", "omits tools from the count on one endpoint", "tool.usage", READ,
          answers(uncounted_tools)),
    cross("tool-moved", "accepts only its own call ids", "tool.moved", "status",
          refuses(strange_id, "tool_use_id")),
    cross("model", "accepts every model on one endpoint", "error.model", "status",
          {"anthropic.find_model": any_model}),
    cross("key", "accepts any key on one endpoint", "error.key", "status",
          accepts_any_key(said("x-api-key", "wrong"))),
    cross("bearer", "rejects Bearer on one endpoint", "error.key.bearer", "status",
          authorizes(lambda headers: any(name == "x-api-key" for name, _ in headers))),
    cross("request", "uses an unknown error type on one endpoint", "error.request",
          "steps_agree openai.error.type", of_kind("bad_request", of_status(400))),
)  # fmt: skip
