"""Gateways that take the foreign forms in which Cursor sends chat requests to /chat/completions."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any, Final

from harness.testbed.base import Variant
from harness.testbed.mock_provider.responses_validation import as_messages

Body = dict[str, Any]
TEXT_INPUT: Final = {"type": "object", "properties": {"input": {"type": "string"}}}


def take_foreign_forms(original: Callable[[Any], Body], request: Any) -> Body:
    """Reads a body, and returns it as Chat Completions has it."""
    body = original(request)
    if "input" in body and not body.get("messages"):
        body["messages"] = as_messages(body.pop("input"))
    if isinstance(body.get("messages"), list):
        body["messages"] = [each for message in body["messages"] for each in messages_of(message)]
    if isinstance(body.get("tools"), list):
        body["tools"] = [nested_tool(tool) for tool in body["tools"]]
    choice = body.get("tool_choice")
    if isinstance(choice, dict) and choice.get("type") in ("auto", "none", "required"):
        body["tool_choice"] = choice["type"]
    return body


def messages_of(message: Body) -> Iterator[Body]:
    """Yields a message with calls in place of its blocks, after one message for each result."""
    if message.get("tool_calls") == []:
        del message["tool_calls"]
    content: Any = message.get("content")
    parts = [p for p in content if isinstance(p, dict)] if isinstance(content, list) else []
    for part in parts:
        if part.get("type") == "tool_result":
            result = {"tool_call_id": part["tool_use_id"], "content": part["content"]}
            yield {"role": "tool", **result}
    calls = [call_of(part) for part in parts if part.get("type") == "tool_use"]
    rest = [part for part in parts if part.get("type") not in ("tool_use", "tool_result")]
    if rest or not parts:
        content = rest if calls else content
        yield message | {"content": content} | ({"tool_calls": calls} if calls else {})
    elif calls:
        yield {"role": "assistant", "content": None, "tool_calls": calls}


def call_of(block: Body) -> Body:
    function = {"name": block["name"], "arguments": json.dumps(block["input"])}
    return {"id": block["id"], "type": "function", "function": function}


def nested_tool(tool: Body) -> Body:
    """Returns the function of a tool in any form; a custom tool becomes one with a text."""
    inner = tool.get("function") or tool.get("custom") or tool
    schema = inner.get("parameters") or inner.get("input_schema")
    if tool.get("type") == "custom":
        schema = TEXT_INPUT
    function = {"name": inner.get("name"), "description": inner.get("description")}
    return {"type": "function", "function": function | ({"parameters": schema} if schema else {})}


EDITORS = (
    Variant("editors.foreign-forms", "takes the forms of other protocols at /chat/completions",
            {"chat.parse": take_foreign_forms}),
)  # fmt: skip
