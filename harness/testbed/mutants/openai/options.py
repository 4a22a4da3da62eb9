"""Mutants of fields that are honoured or refused: formats, choices and log probabilities."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from harness.testbed.base import Mutant
from harness.testbed.gateway.model_types import ModelReply
from harness.testbed.mutants.openai.operators import Body
from harness.testbed.variants.options import cut_call


def report_cut_call(original: Callable[..., Body], body: Body, reply: ModelReply, ids: Any) -> Body:
    """Returns a call that the limit cut off as a finished one."""
    whole = cut_call(original, body, reply, ids)
    choice = whole["choices"][0]
    if choice["finish_reason"] == "length" and choice["message"].get("tool_calls"):
        choice["finish_reason"] = "tool_calls"
    return whole


OPTIONS = (
    Mutant("options.call-cut", "reports a truncated tool call as a finished one", "tools.cut",
           "any_of", {"completion": report_cut_call}),
)  # fmt: skip
