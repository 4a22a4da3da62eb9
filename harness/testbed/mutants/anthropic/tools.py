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
    mutant,
    plain_only,
    refuses,
    repairs,
)
from harness.testbed.mutants.anthropic.request_fields import REFUSED
from harness.testbed.mutants.openai.operators import Body, values_at
from harness.testbed.mutation.rows import mutants_in

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


def input_as_text(item: Body) -> None:
    item["input"] = json.dumps(item["input"])


def one_id(blocks: Blocks) -> None:
    calls = [item for item in blocks if item["type"] == "tool_use"]
    for item in calls:
        item["id"] = calls[0]["id"]


def empty_input(item: Body) -> None:
    item["input"] = item["input"] or None


OFFERED = (
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


def as_texts(whole: Body) -> Body:
    for item in values_at(whole, "content", {"type": "tool_use"}):
        input_as_text(item)
    return whole


CALLS = (
    mutant("calls.text", "sends a call's input as text", "tools.called", INPUT,
           plain_only({"anthropic.message": lambda original, *args: as_texts(original(*args))})),
    mutant("calls.same-id", "uses one id for all calls of an answer", "tools.parallel",
           f"unique {ID}", content(one_id)),
)  # fmt: skip

ANTHROPIC_TOOLS = (*mutants_in("anthropic/tools"), *OFFERED, *CALLS)
