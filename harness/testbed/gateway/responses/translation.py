"""Converts request bodies of the Responses protocol to Chat Completions."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from harness.testbed.gateway.endpoint import Body
from harness.testbed.gateway.errors import wrong_type
from harness.testbed.gateway.model_types import Json
from harness.testbed.gateway.responses import own_tools

# The fields with an equivalent of Chat Completions, by its name.
FIELDS: Final[dict[str, tuple[str, ...]]] = {
    "max_completion_tokens": ("max_output_tokens",),
    "reasoning_effort": ("reasoning", "effort"),
    "verbosity": ("text", "verbosity"),
    **{
        name: (name,)
        for name in (
            *("temperature", "top_p", "presence_penalty", "frequency_penalty", "stream", "user"),
            *("safety_identifier", "service_tier", "prompt_cache_key", "prompt_cache_retention"),
        )
    },
}


def find(body: Json, path: tuple[str, ...]) -> Json:
    """Returns a member by the names that lead to it; None if there is none."""
    for name in path:
        body = body.get(name) if isinstance(body, dict) else None
    return body


def as_chat(body: Body) -> Body:
    """Returns the equivalent Chat Completions body. Rejects unknown items."""
    data = body["input"]
    items = [{"role": "user", "content": data}] if isinstance(data, str) else data
    head = [{"role": "system", "content": body["instructions"]}] if body.get("instructions") else []
    chat_body: Body = {"model": body["model"], "messages": head + as_messages(items)}
    for chat_name, path in FIELDS.items():
        if (value := find(body, path)) is not None:
            chat_body[chat_name] = value
    if form := (body.get("text") or {}).get("format"):
        chat_body["response_format"] = as_response_format(form)
    tools = [nest_function(tool) for tool in own_tools.as_functions(body.get("tools") or ())]
    if tools:
        choice = body.get("tool_choice") or "auto"
        chat_body["tools"] = tools
        chat_body["tool_choice"] = nest_choice(choice) if isinstance(choice, dict) else choice
        chat_body["parallel_tool_calls"] = body.get("parallel_tool_calls") is not False
    return chat_body


def as_response_format(form: Body) -> Body:
    if form.get("type") != "json_schema":
        return form
    return {"type": "json_schema", "json_schema": {k: v for k, v in form.items() if k != "type"}}


def nest_function(tool: Body) -> Body:
    return {"type": tool.get("type"), "function": {k: v for k, v in tool.items() if k != "type"}}


def nest_choice(choice: Body) -> Body:
    if choice.get("type") != "allowed_tools":
        return nest_function({**choice, "type": "function"})
    tools = [nest_choice(tool) for tool in choice["tools"]]
    return {"type": "allowed_tools", "allowed_tools": {"mode": choice["mode"], "tools": tools}}


def as_messages(items: Iterable[Json]) -> list[Body]:
    """Converts items to messages; consecutive calls become one message."""
    messages: list[Body] = []
    for number, item in enumerate(items):
        if not isinstance(item, dict):
            raise wrong_type(f"input[{number}]", "an object", item)
        if item.get("type") == "custom_tool_call":
            item = own_tools.as_function_call(item)
        match item.get("type", "message"):
            case "function_call":
                call = {"name": item.get("name"), "arguments": item.get("arguments")}
                tool_call = {"id": item.get("call_id"), "type": "function", "function": call}
                if messages and messages[-1].get("tool_calls"):
                    messages[-1]["tool_calls"].append(tool_call)
                else:
                    messages.append(
                        {"role": "assistant", "content": None, "tool_calls": [tool_call]}
                    )
            case "function_call_output" | "custom_tool_call_output":
                result = {
                    "tool_call_id": item.get("call_id"),
                    "content": content(item.get("output")),
                }
                messages.append({"role": "tool", **result})
            case "message":
                messages.append({"role": item.get("role"), "content": content(item.get("content"))})
            case _:
                continue  # reasoning items are ignored
    return messages


def content(value: Json) -> Json:
    return [part(item) for item in value] if isinstance(value, list) else value


def part(item: Json) -> Json:
    if not isinstance(item, dict):
        return item
    if item.get("type") in ("input_text", "output_text"):
        return {"type": "text", "text": item.get("text")}
    if item.get("type") == "input_image":
        detail = {"detail": item["detail"]} if item.get("detail") else {}
        return {"type": "image_url", "image_url": {"url": item.get("image_url"), **detail}}
    return item
