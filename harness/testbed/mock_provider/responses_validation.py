"""Checks request bodies of the Responses protocol, as the provider does."""

from __future__ import annotations

from harness.testbed.gateway.endpoint import Body
from harness.testbed.gateway.errors import missing, wrong_type
from harness.testbed.gateway.openai.message_validation import check_messages
from harness.testbed.gateway.responses.translation import as_chat
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
        rules.check_field(name, value, FIELDS, rules.unknown_field_error)
    if not isinstance(body.get("input"), str | list):
        raise wrong_type("input", "a string or an array of items", body.get("input"))


def check_conversation(body: Body) -> None:
    """Checks the request together with the earlier items."""
    chat_body = as_chat(body)
    check_messages("input", chat_body["messages"])
    for name in ("tools", "tool_choice"):
        if chat_body.get(name):
            rules.FIELDS[name](name, chat_body[name])
