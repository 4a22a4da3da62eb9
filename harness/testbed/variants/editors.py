"""Gateways that take the foreign forms in which Cursor sends chat requests to /chat/completions."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any, Final

from harness.testbed.base import Variant
from harness.testbed.gateway.responses.translation import as_messages

Body = dict[str, Any]
TEXT_INPUT: Final = {"type": "object", "properties": {"input": {"type": "string"}}}


def take_foreign_forms(original: Callable[[Any], Body], request: Any) -> Body:
    """Reads a body, and returns it as Chat Completions has it; what is wrong in it stays wrong."""
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


def messages_of(message: Any) -> Iterator[Any]:
    """Yields a message with calls in place of its blocks, after one message for each result."""
    if isinstance(message, dict) and message.get("tool_calls") == []:
        del message["tool_calls"]
    blocks = blocks_of(message)
    kinds = [block.get("type") for block in blocks]
    if "tool_use" not in kinds and "tool_result" not in kinds:
        yield message
        return
    for block in blocks:
        if block["type"] == "tool_result":
            result = {"tool_call_id": block["tool_use_id"], "content": block["content"]}
            yield {"role": "tool", **result}
    calls = [call_of(block) for block in blocks if block["type"] == "tool_use"]
    rest = [block for block in blocks if block["type"] not in ("tool_use", "tool_result")]
    if rest or calls:
        yield message | {"content": rest or None} | ({"tool_calls": calls} if calls else {})


def blocks_of(message: Any) -> list[Body]:
    """Returns the parts of a message's content; none if it has none, or one that is wrong."""
    content = message.get("content") if isinstance(message, dict) else None
    parts = content if isinstance(content, list) else []
    return parts if all(isinstance(part, dict) and part.get("type") for part in parts) else []


def call_of(block: Body) -> Body:
    function = {"name": block["name"], "arguments": json.dumps(block["input"])}
    return {"id": block["id"], "type": "function", "function": function}


def nested_tool(tool: Any) -> Any:
    """Returns the function of a tool in a foreign form; a custom tool becomes one with a text."""
    if not isinstance(tool, dict) or tool.get("type") not in (None, "function", "custom"):
        return tool
    inner = tool.get("function", tool) if "type" not in tool else tool
    if not isinstance(inner, dict) or "name" not in inner:
        return tool
    schema = inner.get("parameters") or inner.get("input_schema")
    if tool.get("type") == "custom":
        schema = TEXT_INPUT
    function = {"name": inner["name"], "description": inner.get("description")}
    return {"type": "function", "function": function | ({"parameters": schema} if schema else {})}


EDITORS = (
    Variant("editors.foreign-forms", "takes the forms of other protocols at /chat/completions",
            {"chat.parse": take_foreign_forms}),
)  # fmt: skip
