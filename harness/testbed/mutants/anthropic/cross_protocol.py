"""Mutants of which one front says something else than the other."""

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
from harness.testbed.mutants.anthropic.request_operators import authorizes, said, unlocked
from harness.testbed.mutants.openai import operators
from harness.testbed.mutants.openai.operators import Body, found, sets

TEXT = "body $.content[?@.type=='text'].text"
HERE = "body $.choices[0].message.content"
FINISH = "steps_agree openai.choices[0].finish_reason"
READ, WROTE = "steps_agree openai.usage.prompt_tokens", "steps_agree openai.usage.completion_tokens"
CALL = "steps_agree openai.choices[0].message.tool_calls[0].function"


def cross(name: str, says: str, case: str, rule: str, wrong: Overrides) -> Mutant:
    return Mutant(f"cross.{name}", says, f"cross-protocol/cross.{case}", rule, wrong)


def added(count: int) -> Overrides:
    """Something is read that nobody sent."""
    return usage(lambda told: told.update(input_tokens=told["input_tokens"] + count))


def without(*kinds: type) -> Callable[[ModelRequest], tuple[Turn, ...]]:
    """The conversation without parts of these kinds."""
    return lambda request: tuple(
        replace(turn, parts=tuple(p for p in turn.parts if not isinstance(p, kinds)))
        for turn in request.turns
    )


def latin(request: ModelRequest) -> tuple[Turn, ...]:
    """Letters beyond ASCII are lost on the way to the model."""
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
    cross("injects", "puts a prompt of its own before one front's", "text", READ, added(200)),
    cross("hides-end", "says stop on both", "text", FINISH, reason("end", "stop")),
    cross("letters", "loses letters on one front", "echo", TEXT, misreads(turns=latin)),
    cross("output", "counts what it writes twice on one front", "usage.output", WROTE,
          usage(lambda told: told.update(output_tokens=2 * told["output_tokens"]))),
    cross("system", "has no system parameter on one front", "system", TEXT,
          misreads(system=lambda request: "")),
    cross("system-openai", "has no system messages on the other front", "system", HERE,
          operators.misreads(system=lambda request: "")),
    cross("history", "forgets what was said on one front", "history", TEXT,
          misreads(turns=lambda request: request.turns[-1:])),
    cross("limit", "says that it was at an end where the limit cut it", "limit", FINISH,
          reason("length", "end_turn")),
    cross("stop", "does not tell a stop sequence from an end", "stop", FINISH,
          reason("stop", "end_turn")),
    cross("image", "sees no pictures on one front", "image", TEXT, misreads(turns=without(Image))),
    cross("tool-name", "puts a prefix before a tool's name on one front", "tool.call",
          f"{CALL}.name", block("tool_use", lambda call: call.update(name=f"x_{call['name']}"))),
    cross("tool-arguments", "loses a call's arguments on one front", "tool.call",
          f"{CALL}.arguments", block("tool_use", sets(input={}))),
    cross("tool-finish", "says that it was at an end where it calls a tool", "tool.finish",
          "body $.stop_reason", reason("calls", "end_turn")),
    cross("tool-result", "does not read what a tool returned on one front", "tool.result", TEXT,
          misreads(turns=without(Result))),
    cross("tool-usage", "does not count tools on one front", "tool.usage", READ,
          answers(uncounted_tools)),
    cross("tool-moved", "knows only ids of its own", "tool.moved", "status",
          refuses(strange_id, "tool_use_id")),
    cross("model", "knows every model on one front", "error.model", "status",
          {"anthropic.find_model": any_model}),
    cross("key", "asks for no good key on one front", "error.key", "status",
          unlocked(said("x-api-key", "wrong"))),
    cross("bearer", "takes no Bearer on one front", "error.key.bearer", "status",
          authorizes(lambda headers: any(name == "x-api-key" for name, _ in headers))),
    cross("request", "has an error type of its own on one front", "error.request",
          "steps_agree openai.error.type", of_kind("bad_request", of_status(400))),
)  # fmt: skip
