"""Checks request bodies of Chat Completions. A check raises RequestError.

Only supported fields are checked. A field that is documented as ignored accepts any value.
`CHAT_FIELDS` are those of OpenAI's reference, `FIELDS` those of Anthropic's compatibility layer.
"""

from __future__ import annotations

from harness.testbed.gateway.errors import bad_value, wrong_type
from harness.testbed.gateway.model_types import Json
from harness.testbed.gateway.openai.message_validation import (
    check_messages,
    text_and_image_messages,
)
from harness.testbed.gateway.openai.tool_validation import (
    a_function,
    a_tool,
    any_tool_choice,
    function_call,
    tool_choice,
)
from harness.testbed.gateway.validators import (
    Check,
    a_boolean,
    a_number,
    a_positive_integer,
    a_string,
    an_object,
    is_integer,
    non_empty_array,
    nullable,
    one_of,
)

_THINKING = ("enabled", "disabled", "adaptive")
FORMATS = ("text", "json_object", "json_schema")
MAX_STOPS, MAX_ALTERNATIVES = 4, 20


def exactly_one(param: str, value: Json) -> None:
    if not is_integer(value):
        raise wrong_type(param, "an integer", value)
    if value != 1:
        raise bad_value(param, "must be exactly 1.", "unsupported_value")


def stop(param: str, value: Json) -> None:
    entries = value if isinstance(value, list) else [value]
    for entry in entries:
        if not isinstance(entry, str):
            raise wrong_type(param, "a string or an array of strings", entry)


def few_stops(param: str, value: Json) -> None:
    stop(param, value)
    if isinstance(value, list) and len(value) > MAX_STOPS:
        raise bad_value(param, f"at most {MAX_STOPS} strings.", "array_above_max_length")


def a_count_of_alternatives(param: str, value: Json) -> None:
    if not is_integer(value):
        raise wrong_type(param, "an integer", value)
    if not 0 <= value <= MAX_ALTERNATIVES:
        raise bad_value(param, f"expected 0 to {MAX_ALTERNATIVES}.", "integer_above_max_value")


def response_format(param: str, value: Json) -> None:
    an_object(param, value)
    one_of(*FORMATS)(f"{param}.type", value.get("type"))
    if value["type"] == "json_schema":
        an_object(f"{param}.json_schema", value.get("json_schema"))
        a_string(f"{param}.json_schema.name", value["json_schema"].get("name"))
        nullable(an_object)(f"{param}.json_schema.schema", value["json_schema"].get("schema"))


def text_only(param: str, value: Json) -> None:
    if not isinstance(value, list):
        raise wrong_type(param, "an array of strings", value)
    if value != ["text"]:
        raise bad_value(param, "only text is supported.", "unsupported_value")


def stream_options(param: str, value: Json) -> None:
    an_object(param, value)
    nullable(a_boolean)(f"{param}.include_usage", value.get("include_usage"))


def thinking(param: str, value: Json) -> None:
    an_object(param, value)
    one_of(*_THINKING)(f"{param}.type", value.get("type"))
    if value["type"] == "enabled":
        a_positive_integer(f"{param}.budget_tokens", value.get("budget_tokens"))


FIELDS: dict[str, Check] = {
    "model": a_string,
    "messages": check_messages,
    "stream": nullable(a_boolean),
    "stream_options": nullable(stream_options),
    "max_tokens": nullable(a_positive_integer),
    "max_completion_tokens": nullable(a_positive_integer),
    "temperature": nullable(a_number(0)),
    "top_p": nullable(a_number(0, 1)),
    "n": nullable(exactly_one),
    "stop": nullable(stop),
    "tools": non_empty_array(a_tool),
    "functions": non_empty_array(a_function),
    "tool_choice": tool_choice,
    "function_call": function_call,
    "parallel_tool_calls": a_boolean,
    "thinking": nullable(thinking),
}
CHAT_FIELDS: dict[str, Check] = {
    **FIELDS,
    "temperature": nullable(a_number(0, 2)),
    "stop": nullable(few_stops),
    "response_format": response_format,
    "logprobs": nullable(a_boolean),
    "top_logprobs": nullable(a_count_of_alternatives),
    "presence_penalty": nullable(a_number(-2, 2)),
    "frequency_penalty": nullable(a_number(-2, 2)),
    "modalities": nullable(text_only),
    "messages": text_and_image_messages,
    "tool_choice": any_tool_choice,
}
# The same with a provider that reads all parts, or refuses them itself.
PASSED_PARTS: dict[str, Check] = {"messages": check_messages}
REQUIRED = ("model", "messages")


def check_together(body: dict[str, Json]) -> None:
    """Checks combinations of fields."""
    if body.get("stream_options") is not None and not body.get("stream"):
        raise bad_value("stream_options", "only allowed when 'stream' is true.")
    for field in ("tool_choice", "parallel_tool_calls"):
        if field in body and "tools" not in body and "functions" not in body:
            raise bad_value(field, "only allowed when 'tools' are given.")
    names = {tool["function"]["name"] for tool in body.get("tools", ())}
    names |= {function["name"] for function in body.get("functions", ())}
    for field, inner in (("tool_choice", "function"), ("function_call", "")):
        choice = body.get(field)
        if isinstance(choice, dict) and choice.get("type") != "allowed_tools":
            name = (choice[inner] if inner else choice)["name"]
            if name not in names:
                raise bad_value(field, f"no tool is named '{name}'.")


def check_alternatives(body: dict[str, Json]) -> None:
    """Checks that alternatives are requested only together with log probabilities."""
    if body.get("top_logprobs") is not None and not body.get("logprobs"):
        raise bad_value("top_logprobs", "only allowed when 'logprobs' is true.")
