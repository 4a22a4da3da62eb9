"""Request body of Responses -> the same question to Chat Completions. Refuses what is not known."""

from __future__ import annotations

from collections.abc import Iterable

from harness.testbed.gateway.endpoint import Body
from harness.testbed.gateway.errors import missing, wrong_type
from harness.testbed.gateway.model_types import Json
from harness.testbed.gateway.openai.message_validation import check_messages
from harness.testbed.gateway.validators import (
    Check,
    a_boolean,
    a_number,
    a_positive_integer,
    a_string,
    an_object,
    anything,
    nullable,
)
from harness.testbed.mock_provider import openai_validation as rules

FIELDS: dict[str, Check] = {
    "model": a_string,
    "input": anything,
    "instructions": nullable(a_string),
    "stream": nullable(a_boolean),
    "max_output_tokens": nullable(a_positive_integer),
    "temperature": nullable(a_number(0, 2)),
    "top_p": nullable(a_number(0, 1)),
    "parallel_tool_calls": nullable(a_boolean),
    "metadata": nullable(rules.metadata),
    "store": nullable(a_boolean),
    "reasoning": nullable(an_object),
    "text": nullable(an_object),
    **dict.fromkeys(
        (
            "background", "context_management", "conversation", "include", "max_tool_calls",
            "moderation", "previous_response_id", "prompt", "prompt_cache_key",
            "prompt_cache_options", "prompt_cache_retention", "safety_identifier", "service_tier",
            "stream_options", "tool_choice", "tools", "top_logprobs", "truncation", "user",
        ),
        anything,
    ),
}  # fmt: skip


def check(body: Body) -> None:
    if "model" not in body:
        raise missing("model")
    for name, value in body.items():
        rules.check_field(name, value, FIELDS, rules.unknown)
    if not isinstance(body.get("input"), str | list):
        raise wrong_type("input", "a string or an array of items", body.get("input"))
    asked = as_chat(body)
    check_messages("input", asked["messages"])
    for name in ("tools", "tool_choice"):
        if asked.get(name):
            rules.FIELDS[name](name, asked[name])


def as_chat(body: Body) -> Body:
    """The body that would ask the same of Chat Completions."""
    told = body["input"]
    items = [{"role": "user", "content": told}] if isinstance(told, str) else told
    head = [{"role": "system", "content": body["instructions"]}] if body.get("instructions") else []
    asked = {"model": body["model"], "messages": head + joined(items)}
    for name, theirs in (
        ("max_output_tokens", "max_completion_tokens"),
        ("temperature", "temperature"),
        ("top_p", "top_p"),
        ("stream", "stream"),
    ):
        if body.get(name) is not None:
            asked[theirs] = body[name]
    tools = [nested(tool) for tool in body.get("tools") or () if tool.get("type") == "function"]
    if tools:
        choice = body.get("tool_choice") or "auto"
        asked["tools"] = tools
        asked["tool_choice"] = nested(choice) if isinstance(choice, dict) else choice
        asked["parallel_tool_calls"] = body.get("parallel_tool_calls") is not False
    return asked


def nested(tool: Body) -> Body:
    return {"type": tool.get("type"), "function": {k: v for k, v in tool.items() if k != "type"}}


def joined(items: Iterable[Json]) -> list[Body]:
    """Items as messages; calls in a row are one message."""
    messages: list[Body] = []
    for number, item in enumerate(items):
        if not isinstance(item, dict):
            raise wrong_type(f"input[{number}]", "an object", item)
        match item.get("type", "message"):
            case "function_call":
                call = {"name": item.get("name"), "arguments": item.get("arguments")}
                made = {"id": item.get("call_id"), "type": "function", "function": call}
                if messages and messages[-1].get("tool_calls"):
                    messages[-1]["tool_calls"].append(made)
                else:
                    messages.append({"role": "assistant", "content": None, "tool_calls": [made]})
            case "function_call_output":
                told = {"tool_call_id": item.get("call_id"), "content": content(item.get("output"))}
                messages.append({"role": "tool", **told})
            case "message":
                messages.append({"role": item.get("role"), "content": content(item.get("content"))})
            case _:
                continue  # reasoning and the like is read by nobody
    return messages


def content(told: Json) -> Json:
    return [part(one) for one in told] if isinstance(told, list) else told


def part(told: Json) -> Json:
    if not isinstance(told, dict):
        return told
    if told.get("type") in ("input_text", "output_text"):
        return {"type": "text", "text": told.get("text")}
    if told.get("type") == "input_image":
        return {"type": "image_url", "image_url": {"url": told.get("image_url")}}
    return told
