"""Checks request bodies of the Responses endpoint. A check raises RequestError."""

from __future__ import annotations

from harness.testbed.gateway.endpoint import Body
from harness.testbed.gateway.errors import bad_value, missing
from harness.testbed.gateway.openai.message_validation import text_and_image_messages
from harness.testbed.gateway.responses.fields import check_fields, unsupported
from harness.testbed.gateway.responses.items import check_items
from harness.testbed.gateway.responses.tools import check_tools
from harness.testbed.gateway.responses.translation import as_chat

REQUIRED = ("model", "input")


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
    for number, item in enumerate(body["input"] if isinstance(body["input"], list) else ()):
        if item.get("type") == "compaction":
            raise bad_value(f"input[{number}].type", "'compaction' is not supported here.")


def check_conversation(body: Body) -> None:
    """Checks the request together with the earlier items: each result has its call."""
    text_and_image_messages("input", as_chat(body)["messages"])
