"""Checks request bodies as OpenAI's own Chat Completions endpoint does.

Unlike the compatibility layer, it knows every field and rejects unknown ones.
"""

from __future__ import annotations

from collections.abc import Callable

from harness.testbed.gateway.errors import RequestError, bad_value, missing, wrong_type
from harness.testbed.gateway.model_types import Json
from harness.testbed.gateway.openai import validation as compat
from harness.testbed.gateway.openai.message_validation import text_and_image_messages
from harness.testbed.gateway.openai.tool_validation import a_tool
from harness.testbed.gateway.validators import (
    Check,
    a_boolean,
    a_name,
    a_number,
    a_positive_integer,
    a_string,
    an_object,
    is_integer,
    non_empty_array,
    nullable,
    one_of,
)

EFFORTS = ("none", "minimal", "low", "medium", "high", "xhigh", "max")
TIERS = ("auto", "default", "flex", "scale", "priority", "fast")


def an_integer(low: int | None = None, high: int | None = None) -> Check:
    def check(param: str, value: Json) -> None:
        if not is_integer(value):
            raise wrong_type(param, "an integer", value)
        if low is not None and value < low:
            raise bad_value(param, f"expected at least {low}.", "integer_below_min_value")
        if high is not None and value > high:
            raise bad_value(param, f"expected at most {high}.", "integer_above_max_value")

    return check


def a_short_string(limit: int) -> Check:
    def check(param: str, value: Json) -> None:
        a_string(param, value)
        if len(value) > limit:
            raise bad_value(param, f"expected at most {limit} letters.", "string_above_max_length")

    return check


def stop(param: str, value: Json) -> None:
    compat.stop(param, value)
    if value == []:
        raise bad_value(param, "empty array; expected at least one.", "empty_array")
    if isinstance(value, list) and len(value) > 4:
        raise bad_value(param, "expected at most 4 items.", "array_above_max_length")


def stream_options(param: str, value: Json) -> None:
    an_object(param, value)
    for name, flag in value.items():
        if name not in ("include_usage", "include_obfuscation"):
            raise unknown_field_error(f"{param}.{name}")
        nullable(a_boolean)(f"{param}.{name}", flag)


def logit_bias(param: str, value: Json) -> None:
    an_object(param, value)
    for token, bias in value.items():
        a_number(-100, 100)(f"{param}.{token}", bias)


def metadata(param: str, value: Json) -> None:
    an_object(param, value)
    if len(value) > 16:
        raise bad_value(param, "expected at most 16 pairs.")
    for name, text in value.items():
        a_short_string(512)(f"{param}.{name}", text)


def response_format(param: str, value: Json) -> None:
    an_object(param, value)
    one_of(*compat.FORMATS)(f"{param}.type", value.get("type"))
    if value["type"] == "json_schema":
        inner = value.get("json_schema")
        if not isinstance(inner, dict):
            raise missing(f"{param}.json_schema")
        a_name(f"{param}.json_schema.name", inner.get("name"))
        nullable(an_object)(f"{param}.json_schema.schema", inner.get("schema"))


FIELDS: dict[str, Check] = {
    **{name: check for name, check in compat.FIELDS.items() if name != "thinking"},
    "temperature": nullable(a_number(0, 2)),
    "n": nullable(an_integer(1, 128)),
    "stop": nullable(stop),
    "stream_options": nullable(stream_options),
    "max_tokens": nullable(a_positive_integer),
    "presence_penalty": nullable(a_number(-2, 2)),
    "frequency_penalty": nullable(a_number(-2, 2)),
    "logit_bias": nullable(logit_bias),
    "logprobs": nullable(a_boolean),
    "top_logprobs": nullable(an_integer(0, 20)),
    "seed": nullable(an_integer()),
    "response_format": response_format,
    "tools": non_empty_array(a_tool),
    "user": a_string,
    "safety_identifier": nullable(a_short_string(128)),
    "prompt_cache_key": nullable(a_string),
    "prompt_cache_retention": nullable(one_of("in_memory", "in-memory", "24h")),
    "prompt_cache_options": an_object,
    "metadata": nullable(metadata),
    "store": nullable(a_boolean),
    "service_tier": nullable(one_of(*TIERS)),
    "modalities": nullable(compat.text_only),
    "messages": text_and_image_messages,
    "audio": nullable(an_object),
    "prediction": nullable(an_object),
    "reasoning_effort": nullable(one_of(*EFFORTS)),
    "verbosity": nullable(one_of("low", "medium", "high")),
    "web_search_options": an_object,
    "moderation": nullable(an_object),
}


def unrecognized_field_error(name: str) -> RequestError:
    return RequestError(400, f"Unrecognized request argument supplied: {name}")


def unknown_field_error(param: str) -> RequestError:
    message = f"Unknown parameter: '{param}'."
    return RequestError(400, message, param=param, code="unknown_parameter")


def check_field(
    name: str, value: Json, fields: dict[str, Check], on_unknown: Callable[[str], RequestError]
) -> None:
    if name not in fields:
        raise on_unknown(name)
    fields[name](name, value)


def check_together(body: dict[str, Json]) -> None:
    compat.check_together(body)
    compat.check_alternatives(body)
    if body.get("max_tokens") is not None and body.get("max_completion_tokens") is not None:
        message = "'max_tokens' and 'max_completion_tokens' cannot be set at the same time."
        raise RequestError(400, message, param="max_tokens", code="invalid_parameter_combination")
