"""Tools of Responses that Chat Completions has not: as functions there, and their calls as items.

A custom tool is a function with one text, the members of a namespace are functions of their own,
and the search of the web is a tool that the model of this server runs.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from typing import Final

from harness.testbed.gateway import web_search
from harness.testbed.gateway.endpoint import Body
from harness.testbed.gateway.ids import ResponseIds
from harness.testbed.gateway.model_types import Json, ModelReply

SEARCHES: Final = ("web_search", "web_search_preview")
TEXT: Final = {"type": "object", "properties": {"input": {"type": "string"}}, "required": ["input"]}


def as_functions(tools: Iterable[Body]) -> Iterator[Body]:
    """Yields the functions and custom tools, also those in namespaces, as functions."""
    for tool in tools:
        if tool.get("type") == "namespace":
            yield from as_functions(tool["tools"])
        elif tool.get("type") == "custom":
            yield custom_as_function(tool)
        elif tool.get("type") == "function":
            yield tool


def custom_as_function(tool: Body) -> Body:
    head = {"type": "function", "name": tool["name"]}
    return {**head, "description": tool.get("description"), "parameters": TEXT}


def custom_names(tools: Iterable[Body]) -> set[str]:
    """Returns the names of the custom tools."""
    names: set[str] = set()
    for tool in tools:
        if tool.get("type") == "custom":
            names.add(tool["name"])
        elif tool.get("type") == "namespace":
            names |= custom_names(tool["tools"])
    return names


def searches(body: Body) -> tuple[str, ...]:
    """Returns the tools that the model runs itself, by the names that it knows."""
    kinds = [tool["type"] for tool in body.get("tools") or ()]
    return ("web_search",) if any(kind in SEARCHES for kind in kinds) else ()


def with_own_calls(body: Body, items: list[Body], reply: ModelReply, ids: ResponseIds) -> Json:
    """Returns the items of an answer with calls of custom tools, and the search of the web."""
    custom = custom_names(body.get("tools") or ())
    items = [as_custom_call(item) if item.get("name") in custom else item for item in items]
    if not reply.search:
        return items
    page = web_search.result(reply.search)
    cited = {"type": "url_citation", "url": page["url"], "title": page["title"]}
    for item in items:
        for part in item.get("content", ()):
            part["annotations"] = [{**cited, "start_index": 0, "end_index": len(part["text"])}]
    action = {"type": "search", "query": reply.search}
    head = {"type": "web_search_call", "id": ids.call_id(0, "ws"), "status": "completed"}
    return [{**head, "action": action}, *items]


def as_custom_call(item: Body) -> Body:
    kept = {key: value for key, value in item.items() if key != "arguments"}
    text = json.loads(item["arguments"])["input"]
    return {**kept, "type": "custom_tool_call", "input": text}


def as_function_call(item: Body) -> Body:
    """Returns an earlier call of a custom tool as that of a function."""
    return {**item, "type": "function_call", "arguments": json.dumps({"input": item["input"]})}
