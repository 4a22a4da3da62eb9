"""Mutants of the OpenAI endpoint that change tools, calls and results for the provider."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import partial
from typing import Any

from harness.testbed.gateway.model_types import Json
from harness.testbed.mutants.upstream.operators import (
    TO_ANTHROPIC,
    Body,
    Change,
    blocks,
    changes_request,
    compat,
    drops,
    sets,
)

NO = "forwarded"
changes_request_body = partial(changes_request, TO_ANTHROPIC)
INPUT = f"{NO} $.messages[1].content[?@.type=='tool_use'].input"
RESULT = "$.messages[2:].content[?@.type=='tool_result' && @.tool_use_id==$.messages[1].content"


def changes_first_tool(change: Callable[[Body], Any]) -> Change:
    """Changes the first tool."""
    return lambda body: [change(tool) for tool in (body.get("tools") or ())[:1]]


def calls_as_text(body: Body) -> None:
    """Converts calls and results to text."""
    for block in blocks(body):
        if block["type"] in ("tool_use", "tool_result"):
            text = json.dumps(block)
            block.clear()
            block.update(type="text", text=text)


def add_call_text(body: Body) -> None:
    for message in body["messages"]:
        if message["content"] and message["content"][0]["type"] == "tool_use":
            message["content"].insert(0, {"type": "text", "text": "(no content)"})


def match_by_order(body: Body) -> None:
    """Matches results to calls by their order."""
    ids = [block["id"] for block in blocks(body, "tool_use")]
    for block, id_ in zip(blocks(body, "tool_result"), ids, strict=False):
        block["tool_use_id"] = id_


def changes_inputs(change: Callable[[Body], Body]) -> Change:
    def change_all(body: Body) -> None:
        for block in blocks(body, "tool_use"):
            block["input"] = change(block["input"])

    return change_all


def drop_call_text(body: Body) -> None:
    """Drops the text next to a call."""
    for message in body["messages"]:
        kinds = [block["type"] for block in message["content"]]
        if "tool_use" in kinds:
            message["content"] = [b for b in message["content"] if b["type"] != "text"]


def choice(**values: Json) -> Change:
    """Replaces a tool choice."""

    def change(body: Body) -> None:
        if body.get("tool_choice"):
            body["tool_choice"] = {**values}

    return change


def read_first_part(original: Callable[[Body], str], message: Body) -> str:
    """Returns the first part of a tool result."""
    content = message.get("content")
    return str(content[0]["text"]) if isinstance(content, list) else original(message)


TOOLS = (
    compat("described", "drops tool descriptions", "upstream.tools",
           f"{NO} $.tools[0].description",
           changes_request_body(changes_first_tool(drops("description")))),
    compat("schema-flat", "keeps only the types of a schema", "upstream.tools.schema",
           f"{NO} $.tools[0].input_schema.properties",
           changes_request_body(
               changes_first_tool(lambda tool: [drops("additionalProperties", "enum")(p) for p in
                                       tool["input_schema"].get("properties", {}).values()]))),
    compat("schema-invented", "adds a parameter to a tool without parameters",
           "upstream.tools.bare", f"{NO} $.tools[0].input_schema.properties",
           changes_request_body(changes_first_tool(
               lambda tool: tool["input_schema"].update(properties={"input": {}})))),
    compat("strict", "forwards strict inside the schema", "upstream.tools.strict",
           f"{NO} $..strict",
           changes_request_body(
               changes_first_tool(lambda tool: tool["input_schema"].update(strict=True)))),
    compat("strict-forwarded", "forwards strict inside the schema", "tools.function.strict",
           "ignored.forwarded", changes_request(TO_ANTHROPIC,
               changes_first_tool(lambda tool: tool["input_schema"].update(strict=True)),
               lambda body: '"strict": true' in json.dumps(body))),
    compat("choice-auto", "forwards a required call as auto", "upstream.tool_choice.required",
           f"{NO} $.tool_choice.type", changes_request_body(choice(type="auto"))),
    compat("choice-any", "forwards a named tool as any", "upstream.tool_choice.named",
           f"{NO} $.tool_choice.type", changes_request_body(choice(type="any"))),
    compat("choice-none", "drops tool_choice none", "upstream.tool_choice.none",
           f"{NO} $", changes_request_body(drops("tool_choice"))),
    compat("choice-forced", "forwards tool_choice auto as any",
           "upstream.tool_choice.auto", f"{NO} $.tool_choice",
           changes_request_body(choice(type="any"))),
    compat("parallel-falsy", "drops parallel_tool_calls false",
           "upstream.parallel.false", f"{NO} $.tool_choice.disable_parallel_tool_use",
           changes_request_body(
               lambda body: (body.get("tool_choice") or {}).pop("disable_parallel_tool_use", 0))),
    compat("parallel-never", "always disables parallel calls", "upstream.parallel.true",
           f"{NO} $.tool_choice.disable_parallel_tool_use",
           changes_request_body(
               lambda body: body.get("tool_choice", {}).update(disable_parallel_tool_use=True),
                lambda body: body.get("tool_choice") == "required")),
    compat("functions-bare", "drops the parameters of functions", "upstream.functions",
           f"{NO} $.tools[0].input_schema.properties",
           changes_request_body(changes_first_tool(sets(input_schema={"type": "object"})),
               lambda b: "functions" in b)),
)  # fmt: skip

CALLS = (
    compat("calls-flat", "forwards calls and results as text", "upstream.tool_calls",
           f"{NO} $.messages[1].content[?@.type=='tool_use'].name",
           changes_request_body(calls_as_text)),
    compat("calls-invented", "adds a text to a call", "upstream.tool_calls",
           f"{NO} $.messages[1].content[?@.type=='text']", changes_request_body(add_call_text)),
    compat("calls-truthy", "drops falsy arguments of a call",
           "upstream.tool_calls.arguments", INPUT,
           changes_request_body(
               changes_inputs(lambda given: {k: v for k, v in given.items() if v}))),
    compat("calls-filled", "adds an argument to a call without arguments",
           "upstream.tool_calls.bare", INPUT,
           changes_request_body(changes_inputs(lambda given: given or {"input": ""}))),
    compat("calls-speechless", "drops the text next to a call", "upstream.tool_calls.text",
           f"{NO} $.messages[1].content[0].text", changes_request_body(drop_call_text)),
    compat("results-by-order", "matches results to calls by their order", "upstream.tool_results",
           f"{NO} {RESULT}[0].id].content", changes_request_body(match_by_order)),
    compat("results-first-part", "forwards only the first part of a tool result",
           "upstream.tool_results.array",
           f"{NO} $.messages[2].content[?@.type=='tool_result'].content",
           {"text": read_first_part}),
    compat("function-call", "drops the arguments of a function call",
           "upstream.function_result", INPUT,
           changes_request_body(changes_inputs(lambda given: {}),
               lambda body: "functions" in body)),
)  # fmt: skip

UPSTREAM_CALLS = (*TOOLS, *CALLS)
