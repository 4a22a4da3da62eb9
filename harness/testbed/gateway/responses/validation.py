"""Checks request bodies of the Responses endpoint. A check raises RequestError."""

from __future__ import annotations

from harness.testbed.gateway.endpoint import Body
from harness.testbed.gateway.errors import bad_value, missing
from harness.testbed.gateway.model_types import Json
from harness.testbed.gateway.openai.message_validation import text_and_image_messages
from harness.testbed.gateway.responses.fields import check_fields, unsupported
from harness.testbed.gateway.responses.items import check_items
from harness.testbed.gateway.responses.own_tools import SEARCHES
from harness.testbed.gateway.responses.tools import check_tools
from harness.testbed.gateway.responses.translation import as_chat

REQUIRED = ("model", "input")
# Types of items and tools that only a model of this server has.
OWN_ITEMS = ("compaction", "custom_tool_call", "custom_tool_call_output")
OWN_TOOLS = ("custom", "namespace", *SEARCHES)


def check(body: Body) -> None:
    """Checks what the request has itself."""
    for name in REQUIRED:
        if name not in body:
            raise missing(name)
    check_fields(body)
    if isinstance(body["input"], list):
        check_items("input", body["input"])
    check_tools(body)
    if body.get("background") and body.get("store") is False:
        raise bad_value("background", "only stored responses can be made in the background.")


def check_for_provider(body: Body) -> None:
    """Refuses what only a model of this server does, since a provider answers."""
    unsupported("background", body.get("background"))
    refuse_types("input", body["input"] if isinstance(body["input"], list) else [], OWN_ITEMS)
    refuse_types("tools", body.get("tools") or [], OWN_TOOLS)


def refuse_types(param: str, items: list[Json], types: tuple[str, ...]) -> None:
    for number, item in enumerate(items):
        if item.get("type") in types:
            raise bad_value(f"{param}[{number}].type", f"'{item['type']}' is not supported here.")


def check_conversation(body: Body) -> None:
    """Checks the request together with the earlier items: each result has its call."""
    text_and_image_messages("input", as_chat(body)["messages"])
