"""Checks the tools of Messages requests. A check raises RequestError."""

from __future__ import annotations

from typing import Final

from harness.testbed.gateway.anthropic import own_tools
from harness.testbed.gateway.anthropic.message_validation import cache_control
from harness.testbed.gateway.errors import bad_value, extra, missing, wrong_type
from harness.testbed.gateway.model_types import Json
from harness.testbed.gateway.validators import (
    Check,
    a_boolean,
    a_name,
    a_string,
    an_array,
    an_object,
    nullable,
    one_of,
)

_CHOICES = ("auto", "any", "tool", "none")
_CALLERS = ("direct", "code_execution_20250825", "code_execution_20260120")
OPTIONS: Final[dict[str, Check]] = {
    "cache_control": cache_control,
    "strict": a_boolean,
    "eager_input_streaming": a_boolean,
    "defer_loading": a_boolean,
    "input_examples": an_array(an_object),
    "allowed_callers": an_array(one_of(*_CALLERS)),
}
CUSTOM: Final = frozenset({"type", "name", "description", "input_schema", *OPTIONS})


def tools(param: str, value: Json) -> None:
    if not isinstance(value, list):
        raise wrong_type(param, "an array of objects", value)
    for number, tool in enumerate(value):
        a_tool(f"{param}[{number}]", tool)
    names = [tool.get("name", tool.get("type")) for tool in value]
    if len(set(names)) < len(names):
        raise bad_value(param, "tool names must be unique.")


def a_tool(param: str, value: Json) -> None:
    an_object(param, value)
    for name, check in OPTIONS.items():
        nullable(check)(f"{param}.{name}", value.get(name))
    if own_tools.is_own(value):
        own_tools.check(param, value)
    else:
        a_custom_tool(param, value)


def a_custom_tool(param: str, value: Json) -> None:
    for key in ("name", "input_schema"):
        if key not in value:
            raise missing(f"{param}.{key}")
    a_name(f"{param}.name", value["name"])
    nullable(a_string)(f"{param}.description", value.get("description"))
    an_object(f"{param}.input_schema", value["input_schema"])
    if value["input_schema"].get("type") != "object":
        raise bad_value(f"{param}.input_schema.type", "expected 'object'.")
    for name in value:
        if name not in CUSTOM:
            raise extra(f"{param}.{name}")


def tool_choice(param: str, value: Json) -> None:
    an_object(param, value)
    one_of(*_CHOICES)(f"{param}.type", value.get("type"))
    if value["type"] == "tool":
        a_string(f"{param}.name", value.get("name"))
    if "disable_parallel_tool_use" in value:
        if value["type"] == "none":
            raise extra(f"{param}.disable_parallel_tool_use")
        a_boolean(f"{param}.disable_parallel_tool_use", value["disable_parallel_tool_use"])
