"""Mutants of tool results, call ids and legacy function messages."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from harness.testbed.base import Mutant
from harness.testbed.mutants.openai.operators import Body


def join_ids(original: Callable[..., list[Body]], *args: Any) -> list[Body]:
    """Sends the joined arguments of all calls in each call."""
    calls = original(*args)
    text = "".join(item["function"]["arguments"] for item in calls)
    return [{**item, "function": {**item["function"], "arguments": text}} for item in calls]


RESULTS = (
    Mutant("calls.joined", "joins the arguments of all calls", "tools.parallel",
           "body $.choices[0].message.tool_calls[*].function.arguments", {"tool_calls": join_ids}),
)  # fmt: skip
