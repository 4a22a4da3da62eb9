"""Checks request bodies of the Responses endpoint. A check raises RequestError."""

from __future__ import annotations

from harness.testbed.gateway.endpoint import Body
from harness.testbed.gateway.errors import missing, wrong_type
from harness.testbed.gateway.model_types import Json
from harness.testbed.gateway.openai.message_validation import text_and_image_messages
from harness.testbed.gateway.openai.tool_validation import a_tool, any_tool_choice
from harness.testbed.gateway.openai.validation import check_together
from harness.testbed.gateway.responses.translation import as_chat
from harness.testbed.gateway.validators import (
    Check,
    a_boolean,
    a_number,
    a_positive_integer,
    a_string,
    an_array,
    an_object,
    non_empty_array,
    nullable,
)

REQUIRED = ("model", "input")
FIELDS: dict[str, Check] = {
    "model": a_string,
    "instructions": nullable(a_string),
    "stream": nullable(a_boolean),
    "max_output_tokens": nullable(a_positive_integer),
    "temperature": nullable(a_number(0, 2)),
    "top_p": nullable(a_number(0, 1)),
    "parallel_tool_calls": nullable(a_boolean),
    "metadata": nullable(an_object),
    "store": nullable(a_boolean),
    "previous_response_id": nullable(a_string),
    "tools": an_array(an_object),
}


def check(body: Body) -> None:
    """Checks the fields that the endpoint has. Any other field is silently ignored."""
    for name in REQUIRED:
        if name not in body:
            raise missing(name)
    for name, test in FIELDS.items():
        if name in body:
            test(name, body[name])
    an_input("input", body["input"])
    chat = as_chat(body)
    text_and_image_messages("input", chat["messages"])
    if "tools" in chat:
        non_empty_array(a_tool)("tools", chat["tools"])
        any_tool_choice("tool_choice", chat["tool_choice"])
        check_together(chat)


def an_input(param: str, value: Json) -> None:
    if not isinstance(value, str | list):
        raise wrong_type(param, "a string or an array of items", value)
