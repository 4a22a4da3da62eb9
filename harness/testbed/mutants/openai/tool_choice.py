"""Mutants of tool_choice, finish reasons of calls, and legacy functions."""

from __future__ import annotations

from harness.testbed.base import Mutant
from harness.testbed.mutants.openai.operators import (
    Body,
    choice,
)
from harness.testbed.mutation.rows import mutants_in

FINISH = "body $.choices[0].finish_reason"


def report_tool_calls(item: Body) -> None:
    """Reports finish reason tool_calls for a text."""
    if item["message"]["content"] and item["finish_reason"] == "stop":
        item["finish_reason"] = "tool_calls"


CHOICE = (
    *mutants_in("openai/tool_choice"),
    Mutant("tools.text-finish", "reports finish reason tool_calls for a text",
           "shape.finish_reason.stop", FINISH, choice(report_tool_calls)),
)  # fmt: skip


FUNCTIONS = (
)  # fmt: skip
