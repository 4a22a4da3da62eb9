"""Checks of the fields of a Responses request that are not input or tools."""

from __future__ import annotations

from harness.testbed.gateway.endpoint import Body
from harness.testbed.gateway.errors import bad_value, wrong_type
from harness.testbed.gateway.model_types import Json
from harness.testbed.gateway.openai.validation import a_count_of_alternatives
from harness.testbed.gateway.validators import (
    Check,
    a_boolean,
    a_number,
    a_positive_integer,
    a_string,
    an_array,
    an_object,
    nullable,
    one_of,
)

INCLUDED = (
    *("file_search_call.results", "web_search_call.results", "web_search_call.action.sources"),
    *("message.input_image.image_url", "computer_call_output.output.image_url"),
    *("code_interpreter_call.outputs", "reasoning.encrypted_content"),
    "message.output_text.logprobs",
)
EFFORTS = ("none", "minimal", "low", "medium", "high", "xhigh")
SUMMARIES = ("auto", "concise", "detailed")
LEVELS = ("low", "medium", "high")
FORMATS = ("text", "json_object", "json_schema")
TIERS = ("auto", "default", "flex", "scale", "priority")
MAX_PAIRS, MAX_KEY, MAX_VALUE, MAX_NAME = 16, 64, 512, 64


def unsupported(param: str, value: Json) -> None:
    """Refuses a field that this gateway lacks."""
    if value not in (None, False, [], {}):
        raise bad_value(param, "not supported by this server.", "unsupported_parameter")


def metadata(param: str, value: Json) -> None:
    an_object(param, value)
    if len(value) > MAX_PAIRS:
        raise bad_value(
            param, f"expected at most {MAX_PAIRS} pairs.", "object_above_max_properties"
        )
    for key, text in value.items():
        a_string(f"{param}.{key}", text)
        if len(key) > MAX_KEY or len(text) > MAX_VALUE:
            raise bad_value(f"{param}.{key}", "too long.", "string_above_max_length")


def a_short_name(param: str, value: Json) -> None:
    a_string(param, value)
    if len(value) > MAX_NAME:
        raise bad_value(
            param, f"expected at most {MAX_NAME} characters.", "string_above_max_length"
        )


def text_settings(param: str, value: Json) -> None:
    an_object(param, value)
    nullable(one_of(*LEVELS))(f"{param}.verbosity", value.get("verbosity"))
    if value.get("format") is not None:
        text_format(f"{param}.format", value["format"])


def text_format(param: str, value: Json) -> None:
    an_object(param, value)
    one_of(*FORMATS)(f"{param}.type", value.get("type"))
    if value["type"] == "json_schema":
        a_string(f"{param}.name", value.get("name"))
        an_object(f"{param}.schema", value.get("schema"))


def reasoning(param: str, value: Json) -> None:
    an_object(param, value)
    nullable(one_of(*EFFORTS))(f"{param}.effort", value.get("effort"))
    nullable(one_of(*SUMMARIES))(f"{param}.summary", value.get("summary"))


def stream_options(param: str, value: Json) -> None:
    an_object(param, value)
    nullable(a_boolean)(f"{param}.include_obfuscation", value.get("include_obfuscation"))


FIELDS: dict[str, Check] = {
    "model": a_string,
    "instructions": nullable(a_string),
    "stream": nullable(a_boolean),
    "stream_options": nullable(stream_options),
    "max_output_tokens": nullable(a_positive_integer),
    "max_tool_calls": nullable(a_positive_integer),
    "temperature": nullable(a_number(0, 2)),
    "top_p": nullable(a_number(0, 1)),
    "presence_penalty": nullable(a_number(-2, 2)),
    "frequency_penalty": nullable(a_number(-2, 2)),
    "top_logprobs": nullable(a_count_of_alternatives),
    "parallel_tool_calls": nullable(a_boolean),
    "text": nullable(text_settings),
    "reasoning": nullable(reasoning),
    "include": nullable(an_array(one_of(*INCLUDED))),
    "metadata": nullable(metadata),
    "store": nullable(a_boolean),
    "previous_response_id": nullable(a_string),
    "truncation": nullable(one_of("auto", "disabled")),
    "service_tier": nullable(one_of(*TIERS)),
    "user": nullable(a_string),
    "safety_identifier": nullable(a_short_name),
    "prompt_cache_key": nullable(a_short_name),
    "prompt_cache_retention": nullable(one_of("in_memory", "24h")),
    "background": nullable(a_boolean),
    **dict.fromkeys(("conversation", "prompt", "context_management", "moderation"), unsupported),
    "prompt_cache_options": unsupported,
}


def check_fields(body: Body) -> None:
    """Checks the fields that the endpoint has. Any other field is silently ignored."""
    for name, test in FIELDS.items():
        if name in body:
            test(name, body[name])
    if not isinstance(body["input"], str | list):
        raise wrong_type("input", "a string or an array of items", body["input"])
