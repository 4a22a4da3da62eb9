"""Losses and damage beside something else of the same request, in both protocols."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from harness.testbed.gateway.model_types import ModelReply, ModelRequest, Turn

Body = dict[str, Any]


def first_and_last_turns(request: ModelRequest) -> tuple[Turn, ...]:
    """Returns the first turn and the last three."""
    return (*request.turns[:1], *request.turns[1:][-3:])


def count_no_calls(original: Callable[[ModelReply], Body], reply: ModelReply) -> Body:
    """Counts no tokens of calls."""
    return original(replace(reply, output_tokens=0) if reply.calls else reply)
