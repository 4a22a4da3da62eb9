"""Mutants of tool definitions, tool choice and tool calls in Messages."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from harness.testbed.gateway.gateway import Overrides
from harness.testbed.gateway.model_types import Json, Tool
from harness.testbed.mutants.anthropic.operators import (
    Blocks,
    block,
    content,
    forgives,
    misreads,
    mutant,
    plain_only,
    reason,
    refuses,
    repairs,
)
from harness.testbed.mutants.anthropic.request_fields import REFUSED
from harness.testbed.mutants.openai.operators import Body, has, has_value, sets, values_at

CALL = "$.content[?@.type=='tool_use']"
NAME, INPUT, ID = f"body {CALL}.name", f"body {CALL}.input", f"{CALL}.id"
EMPTY: Json = {"type": "object", "properties": {}}


def each_tool(**changes: Json) -> Overrides:
    def tool(original: Callable[[Body], Tool], sent: Body) -> Tool:
        return replace(original(sent), **changes)

    return {"anthropic.tool": tool}


def has_enum_or_any_of(body: Body) -> bool:
    schemas = json.dumps(list(values_at(body, "tools", "*", "input_schema")))
    return '"enum"' in schemas or '"anyOf"' in schemas


def tools(change: Callable[[Body], Any]) -> Overrides:
    """Repairs tools instead of rejecting them."""

    def repair(body: Body) -> None:
        for tool in values_at(body, "tools", "*"):
            if isinstance(tool, dict):
                change(tool)

    return repairs(repair)


def without_schema(tool: Body) -> None:
    tool.setdefault("input_schema", EMPTY)


def accept_openai_format(tool: Body) -> None:
    """Accepts a tool in the format of the other protocol."""
    function = tool.pop("function", tool)
    if "input_schema" not in tool and "parameters" in function:
        schema = function["parameters"]
        tool.clear()
        tool.update(name=function.get("name", "get_weather"), input_schema=schema)


def truncate_name(item: Body) -> None:
    item["name"] = item["name"][:40]


def input_as_text(item: Body) -> None:
    item["input"] = json.dumps(item["input"])


def one_id(blocks: Blocks) -> None:
    calls = [item for item in blocks if item["type"] == "tool_use"]
    for item in calls:
        item["id"] = calls[0]["id"]


def empty_input(item: Body) -> None:
    item["input"] = item["input"] or None


OFFERED = (
    mutant("tools.lost", "drops tools", "tools.called", NAME, misreads(tools=lambda request: ())),
    mutant("tools.empty-refused", "rejects an empty list of tools", "tools.empty", "status",
           refuses(has_value("tools", value=[]), "tools")),
    mutant("tools.malformed", "ignores malformed tools", "tools.malformed", REFUSED,
           forgives("tools")),
    mutant("tools.shortened", "truncates tool names", "tools.name", NAME,
           block("tool_use", truncate_name)),
    mutant("tools.illegal", "ignores tools with an invalid name", "tools.name.illegal", REFUSED,
           forgives("tools")),
    mutant("tools.nameless", "ignores tools without a name", "tools.name.missing",
           "required.refused", forgives("tools")),
    mutant("tools.description", "drops tool descriptions", "tools.description", "any_of",
           each_tool(description="")),
    mutant("tools.schema-lost", "drops tool schemas", "tools.input_schema", "any_of",
           each_tool(parameters=EMPTY)),
    mutant("tools.location-lost", "drops tool schemas", "tools.document", "any_of",
           each_tool(parameters=EMPTY)),
    mutant("tools.kinds", "rejects enum and anyOf", "tools.input_schema.kinds", "status",
           refuses(has_enum_or_any_of, "input_schema")),
    mutant("tools.no-input", "sends no input for a tool without parameters",
           "tools.input_schema.bare", INPUT, block("tool_use", empty_input)),
    mutant("tools.no-schema", "accepts a tool without a schema", "tools.input_schema.missing",
           "required.refused", tools(without_schema)),
    mutant("tools.parameters", "accepts parameters instead of input_schema", "tools.parameters",
           REFUSED, tools(accept_openai_format)),
)  # fmt: skip

CHOSEN = (
    mutant("choice.any", "treats tool_choice any as auto", "tool_choice.any", NAME,
           misreads(choice=lambda request: "auto" if request.choice == "any" else request.choice)),
    mutant("choice.tool-refused", "rejects a named tool_choice and takes any", "tool_choice.tool",
           "honoured_or_refused.consistent",
           refuses(has_value("tool_choice", "type", value="tool"), "tool_choice")),
    mutant("choice.tool", "treats a named tool_choice as any", "tool_choice.tool", NAME,
           misreads(choice=lambda request: "any" if request.choice == "only" else request.choice)),
    mutant("choice.none", "ignores tool_choice none", "tool_choice.none", "any_of",
           misreads(choice=lambda request: "auto" if request.choice == "none" else request.choice)),
    mutant("choice.none-refused", "rejects tool_choice none", "tool_choice.none", "status",
           refuses(has_value("tool_choice", "type", value="none"), "tool_choice")),
    mutant("choice.auto", "reports end_turn with a tool call", "tool_choice.auto", "any_of",
           reason("calls", "end_turn")),
    mutant("choice.absent", "reports end_turn with a tool call", "tool_choice.absent",
           "body $.stop_reason", reason("calls", "end_turn")),
    mutant("choice.nonsense", "ignores an invalid tool_choice", "tool_choice.impossible",
           REFUSED, forgives("tool_choice")),
    mutant("choice.parallel", "ignores parallel_tool_calls",
           "tool_choice.disable_parallel_tool_use", "body $.content",
           misreads(parallel=lambda request: True)),
    mutant("choice.parallel-auto", "ignores parallel_tool_calls",
           "tool_choice.disable_parallel_tool_use.auto", "body $.content",
           misreads(parallel=lambda request: True)),
    mutant("choice.parallel-refused", "rejects disable_parallel_tool_use",
           "tool_choice.disable_parallel_tool_use.false", "status",
           refuses(has("tool_choice", "disable_parallel_tool_use"), "tool_choice")),
)  # fmt: skip


def as_texts(whole: Body) -> Body:
    for item in values_at(whole, "content", {"type": "tool_use"}):
        input_as_text(item)
    return whole


CALLS = (
    mutant("calls.text", "sends a call's input as text", "tools.called", INPUT,
           plain_only({"anthropic.message": lambda original, *args: as_texts(original(*args))})),
    mutant("calls.end_turn", "reports end_turn with a tool call", "tools.called",
           "body $.stop_reason", reason("calls", "end_turn")),
    mutant("calls.no-id", "sends calls with an empty id", "tools.called", f"body {ID}",
           block("tool_use", sets(id=""))),
    mutant("calls.markup", "leaves the model's marks of a call in the text", "tools.markup",
           "body $.content[?@.type=='text'].text",
           content(lambda blocks: [{"type": "text", "text": "<tool_call>"}, *blocks])),
    mutant("calls.same-id", "uses one id for all calls of an answer", "tools.parallel",
           f"unique {ID}", content(one_id)),
    mutant("calls.one-id", "uses one call id in all answers", "tools.ids-differ",
           f"unique {ID}", block("tool_use", sets(id="toolu_0"))),
)  # fmt: skip

ANTHROPIC_TOOLS = (*OFFERED, *CHOSEN, *CALLS)
