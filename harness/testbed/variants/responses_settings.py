"""Right Responses endpoints that lack a field, or have what the reference gateway lacks."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from harness.testbed.base import Variant
from harness.testbed.gateway.endpoint import Body
from harness.testbed.gateway.errors import RequestError, bad_value
from harness.testbed.gateway.gateway import Overrides
from harness.testbed.gateway.ids import ResponseIds
from harness.testbed.gateway.model_types import Json, ModelReply
from harness.testbed.gateway.responses import stored
from harness.testbed.gateway.responses.fields import FIELDS

KNOWN: Final = {*FIELDS, "input", "tools", "tool_choice"}
# A tool whose calls are items of a type of their own.
CODEX: Final = ("openai-responses/client.codex",)  # which needs fields that some lack
OWN_TOOLS: Final = ("web_search", "custom")


def refuses_any(*names: str) -> Overrides:
    """Refuses fields by an error that names the field."""

    def check(original: Callable[[Body], None], body: Body) -> None:
        for name in names:
            if body.get(name) is not None:
                text = "not supported by this server."
                raise bad_value(name, text, "unsupported_parameter")
        original(body)

    return {"responses.check": check}


def refuses_unknown(original: Callable[[Body], None], body: Body) -> None:
    for name in body:
        if name not in KNOWN:
            message = f"Unknown parameter: '{name}'."
            raise RequestError(400, message, param=name, code="unknown_parameter")
    original(body)


def stores_nothing(original: Callable[[Body], Body], body: Body) -> Body:
    """Stores no response, and says so, so that every id is unknown later."""
    return {**original(body), "store": False}


def unknown_item(original: Callable[..., Json], number: int, item: Body) -> Json:
    if item.get("type") != "item_reference":
        return item
    raise stored.unknown_item(number, item["id"])


def writes_defaults(original: Callable[[Body], Body], body: Body) -> Body:
    """Writes the defaults of tools and formats out, and numbers as floats."""
    settings = original(body)
    settings["tools"] = [
        {"strict": True, "description": None, **tool, "output_schema": None}
        for tool in settings["tools"]
    ]
    settings["text"] = {"verbosity": "medium", **settings["text"]}
    settings["temperature"] = float(settings["temperature"])
    settings["metadata"] = {**settings["metadata"]} or None
    return settings


def with_more_members(original: Callable[..., list[Body]], *args: Any) -> list[Body]:
    """Has members of newer versions in each item."""
    return [{**item, "created_by": None, "agent": {"name": "main"}} for item in original(*args)]


def without_defaults(original: Callable[[Body], Body], body: Body) -> Body:
    """Repeats what the request has, and no defaults."""
    settings = original(body)
    always = ("tools", "tool_choice", "parallel_tool_calls", "store")
    return {
        name: settings[name] for name in settings if body.get(name) is not None or name in always
    }


def accepts_own_tools(original: Callable[[Body], None], body: Body) -> None:
    tools = body.get("tools")
    if isinstance(tools, list) and any(map(is_own, tools)):
        body = {**body, "tools": [tool for tool in tools if not is_own(tool)], "tool_choice": None}
    original(body)


def is_own(tool: Json) -> bool:
    return isinstance(tool, dict) and tool.get("type") in OWN_TOOLS


def reads_own_tools(original: Callable[..., Any], body: Body) -> Any:
    kept = [tool for tool in body.get("tools") or () if not is_own(tool)]
    changed = {**body, "tools": kept}
    return original(changed if kept else {**changed, "tool_choice": None})


def calls_own_tools(
    original: Callable[..., Body], body: Body, reply: ModelReply, ids: ResponseIds
) -> Body:
    """Runs a tool of its own where one is offered, and calls a custom one."""
    answer = original(body, reply, ids)
    for tool in filter(is_own, body.get("tools") or ()):
        if tool["type"] == "web_search":
            head = {"type": "web_search_call", "id": f"ws_{ids.digest[:20]}", "status": "completed"}
            answer["output"].insert(0, {**head, "action": {"type": "search", "query": "weather"}})
        else:
            head = {"type": "custom_tool_call", "id": f"ctc_{ids.digest[:20]}", "call_id": "call_a"}
            answer["output"] = [{**head, "name": tool["name"], "input": "ready"}]
    return answer


RESPONSES_SETTINGS = (
    Variant("responses.strict", "refuses fields that it does not know",
            {"responses.check": refuses_unknown}, affects=CODEX),
    Variant("responses.thoughtless", "refuses reasoning and what can be included by name",
            refuses_any("reasoning", "include"), affects=CODEX, causes=("blocked", "model")),
    Variant("responses.plain", "refuses fields without a visible effect by name",
            refuses_any("user", "safety_identifier", "prompt_cache_key", "service_tier",
                        "prompt_cache_retention", "truncation", "max_tool_calls",
                        "frequency_penalty", "presence_penalty", "stream_options"),
            affects=CODEX),
    Variant("responses.unstored", "stores nothing, and knows no earlier response",
            {"responses.echo": stores_nothing, "responses.resolve_item": unknown_item,
             **refuses_any("background")},
            causes=("blocked",)),
    Variant("responses.defaults", "writes all defaults of settings out",
            {"responses.echo": writes_defaults}),
    Variant("responses.brief", "repeats few settings", {"responses.echo": without_defaults},
            affects=("openai-responses/answer.settings",)),
    Variant("responses.newer", "has further members in items",
            {"responses.output": with_more_members}),
    Variant("responses.tools", "runs a tool of its own, and calls custom ones",
            {"responses.check": accepts_own_tools, "responses.read_request": reads_own_tools,
             "responses.completion": calls_own_tools}),
)  # fmt: skip
