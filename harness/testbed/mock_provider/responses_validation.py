"""Checks request bodies of the Responses protocol, as the provider does."""

from __future__ import annotations

from harness.testbed.gateway.endpoint import Body
from harness.testbed.gateway.errors import missing
from harness.testbed.gateway.openai.message_validation import check_messages
from harness.testbed.gateway.responses import fields
from harness.testbed.gateway.responses.fields import unsupported
from harness.testbed.gateway.responses.items import check_items
from harness.testbed.gateway.responses.tools import check_tools
from harness.testbed.gateway.responses.translation import as_chat
from harness.testbed.gateway.validators import Check, anything
from harness.testbed.mock_provider import openai_validation as rules

# Unlike the reference gateway, it refuses what it does not know. It keeps no responses, so that it
# makes none in the background.
FIELDS: dict[str, Check] = {
    **fields.FIELDS,
    "input": anything,
    "tools": anything,
    "tool_choice": anything,
    **dict.fromkeys(("background", "context_management", "prompt_cache_options"), anything),
    "client_metadata": anything,
}


def check(body: Body) -> None:
    if "model" not in body:
        raise missing("model")
    if "input" not in body:
        raise missing("input")
    for name, value in body.items():
        rules.check_field(name, value, FIELDS, rules.unknown_field_error)
    unsupported("background", body.get("background"))
    fields.check_fields({"input": body["input"]})
    if isinstance(body["input"], list):
        check_items("input", body["input"])
    check_tools(body)


def check_conversation(body: Body) -> None:
    """Checks the request together with the earlier items."""
    check_messages("input", as_chat(body)["messages"])
