"""Mutants of tool_choice, finish reasons of calls, and legacy functions."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from harness.testbed.base import Mutant
from harness.testbed.gateway.gateway import Overrides
from harness.testbed.mutants.openai.operators import (
    Body,
    choice,
    forgives,
    has,
    has_value,
    loses,
    misreads,
    refuses,
)

CALLS = "body $.choices[0].message.tool_calls"
NAME = "body $.choices[0].message.tool_calls[*].function.name"
FINISH = "body $.choices[0].finish_reason"


def replaces_choice(test: Callable[[str], bool], choice: str = "auto") -> Overrides:
    """Replaces a tool choice that passes the test."""
    return misreads(choice=lambda request: choice if test(request.choice) else request.choice)


def changes_functions(change: Callable[[Body], Any]) -> Overrides:
    """Changes legacy functions only."""

    def lose(body: Body) -> None:
        for function in body.get("functions", ()):
            change(function)

    return loses(lose)


def report_stop(item: Body) -> None:
    if item["message"].get("tool_calls"):
        item["finish_reason"] = "stop"


def report_tool_calls(item: Body) -> None:
    """Reports finish reason tool_calls for a text."""
    if item["message"]["content"] and item["finish_reason"] == "stop":
        item["finish_reason"] = "tool_calls"


CHOICE = (
    Mutant("tools.finish", "reports finish reason stop with tool calls", "tools.called", FINISH,
           choice(report_stop)),
    Mutant("tool_choice.required-ignored", "ignores tool_choice required", "tool_choice.required",
           CALLS, replaces_choice(lambda choice: choice == "any")),
    Mutant("tool_choice.any-ignored", "treats tool_choice required as none", "tools.required",
           CALLS, replaces_choice(lambda choice: choice == "any", "none")),
    Mutant("tool_choice.required-unnamed", "rejects tool_choice required without naming it",
           "tools.required", "honoured_or_refused.named",
           refuses(has_value("tool_choice", value="required"), "tools")),
    Mutant("tool_choice.named-refused", "rejects a named tool_choice and takes required",
           "tools.named", "honoured_or_refused.consistent",
           refuses(has_value("tool_choice", "type", value="function"), "tool_choice")),
    Mutant("tool_choice.named-ignored", "ignores the named tool_choice",
           "tools.function.name", NAME, replaces_choice(lambda choice: choice == "only")),
    Mutant("tool_choice.name-ignored", "treats a named tool_choice as required", "tools.named",
           NAME, replaces_choice(lambda choice: choice == "only", "any")),
    Mutant("tool_choice.none-ignored", "ignores tool_choice none", "tool_choice.none", CALLS,
           replaces_choice(lambda choice: choice == "none")),
    Mutant("tool_choice.none-called", "ignores tool_choice none", "tools.none", CALLS,
           replaces_choice(lambda choice: choice == "none")),
    Mutant("tool_choice.auto-refused", "rejects tool_choice auto", "tool_choice.auto", "status",
           refuses(has_value("tool_choice", value="auto"), "tool_choice")),
    Mutant("tool_choice.auto-finish", "reports finish reason stop with tool calls", "tools.auto",
           "any_of", choice(report_stop)),
    Mutant("tool_choice.impossible", "ignores an invalid tool_choice",
           "tool_choice.impossible", "rejected.refused", forgives("tool_choice")),
    Mutant("tools.text-finish", "reports finish reason tool_calls for a text",
           "shape.finish_reason.stop", FINISH, choice(report_tool_calls)),
)  # fmt: skip


def rename(function: Body) -> None:
    function["name"] = "f"


FUNCTIONS = (
    Mutant("functions.lost", "drops functions", "functions", "any_of",
           loses(lambda body: body.pop("functions", None))),
    Mutant("functions.renamed", "renames every function to f", "functions.name", "any_of",
           changes_functions(rename)),
    Mutant("functions.description-lost", "drops the descriptions of functions",
           "functions.description", "more_than",
           changes_functions(lambda f: f.pop("description", None))),
    Mutant("functions.parameters-lost", "drops the parameters of functions",
           "functions.parameters", "any_of",
           changes_functions(lambda f: f.pop("parameters", None))),
    Mutant("function_call.refused", "rejects function_call", "function_call", "status",
           refuses(has("function_call"), "function_call")),
)  # fmt: skip
