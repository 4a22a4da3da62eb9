"""Losses and damage beside something else of the same request, in both protocols."""

from __future__ import annotations

import html
import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from harness.testbed.gateway.model_types import Json, ModelReply, ModelRequest, Turn

Body = dict[str, Any]
LONGEST = 1000  # characters of a text that a mutant keeps


def is_later(request: ModelRequest) -> bool:
    """Whether the model has answered before in this conversation."""
    return len(request.turns) > 1


def system_without_tools(request: ModelRequest) -> str:
    """Returns no system prompt beside tools."""
    return "" if request.tools else request.system


def first_and_last_turns(request: ModelRequest) -> tuple[Turn, ...]:
    """Returns the first turn and the last three."""
    return (*request.turns[:1], *request.turns[1:][-3:])


def first_choice(request: ModelRequest) -> str:
    """Returns the choice of the first turn; later the model chooses."""
    return "auto" if is_later(request) else request.choice


def no_schema_if(test: Callable[[ModelRequest], bool]) -> Callable[[ModelRequest], Json]:
    """Returns a change that ignores the format of the answer in some requests."""
    return lambda request: None if test(request) else request.json_schema


def quoted(values: Mapping[str, Json]) -> Body:
    """Returns all values of arguments as texts."""
    return {k: v if isinstance(v, str) else json.dumps(v) for k, v in values.items()}


def escaped(values: Mapping[str, Json]) -> Body:
    """Returns arguments with the markup in their texts escaped."""
    return {k: html.escape(v) if isinstance(v, str) else v for k, v in values.items()}


def cut_content(owner: Body) -> None:
    """Keeps the beginning of the text of a message or of a tool's result."""
    if isinstance(owner.get("content"), str):
        owner["content"] = owner["content"][:LONGEST]


def count_no_calls(original: Callable[[ModelReply], Body], reply: ModelReply) -> Body:
    """Counts no tokens of calls."""
    return original(replace(reply, output_tokens=0) if reply.calls else reply)
