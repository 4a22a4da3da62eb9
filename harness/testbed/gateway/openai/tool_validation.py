"""Checks tools and the choice between them. A check raises RequestError."""

from __future__ import annotations

from harness.testbed.gateway.errors import bad_value, missing, wrong_type
from harness.testbed.gateway.model_types import Json
from harness.testbed.gateway.validators import (
    a_name,
    a_string,
    an_object,
    non_empty_array,
    nullable,
    one_of,
)


def a_function(param: str, value: Json) -> None:
    an_object(param, value)
    if "name" not in value:
        raise missing(f"{param}.name")
    a_name(f"{param}.name", value["name"])
    nullable(a_string)(f"{param}.description", value.get("description"))
    nullable(an_object)(f"{param}.parameters", value.get("parameters"))


def a_tool(param: str, value: Json) -> None:
    an_object(param, value)
    if value.get("type") != "function":
        raise bad_value(f"{param}.type", "only 'function' is supported.", "unsupported_value")
    if "function" not in value:
        raise missing(f"{param}.function")
    a_function(f"{param}.function", value["function"])


def tool_choice(param: str, value: Json) -> None:
    if isinstance(value, str):
        if value not in ("none", "auto", "required"):
            raise bad_value(param, "expected none, auto, required or a tool.")
    elif not isinstance(value, dict):
        raise wrong_type(param, "a string or an object", value)
    elif value.get("type") != "function":
        raise bad_value(f"{param}.type", "only 'function' is supported.", "unsupported_value")
    else:
        named_function(param, value)


def named_function(param: str, value: Json) -> None:
    an_object(f"{param}.function", value.get("function"))
    a_string(f"{param}.function.name", value["function"].get("name"))


def any_tool_choice(param: str, value: Json) -> None:
    """Checks a choice as the reference has it, with the kind that names the allowed tools."""
    if not isinstance(value, dict) or value.get("type") != "allowed_tools":
        tool_choice(param, value)
        return
    inner = f"{param}.allowed_tools"
    an_object(inner, value.get("allowed_tools"))
    one_of("auto", "required")(f"{inner}.mode", value["allowed_tools"].get("mode"))
    non_empty_array(named_function)(f"{inner}.tools", value["allowed_tools"].get("tools"))


def function_call(param: str, value: Json) -> None:
    if isinstance(value, dict):
        a_string(f"{param}.name", value.get("name"))
    elif value not in ("none", "auto"):
        raise bad_value(param, "expected none, auto or a name.")
