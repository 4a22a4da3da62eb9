"""Checks of the tools of a Responses request, which are flat, and of the choice between them."""

from __future__ import annotations

from harness.testbed.gateway.endpoint import Body
from harness.testbed.gateway.errors import bad_value, wrong_type
from harness.testbed.gateway.model_types import Json
from harness.testbed.gateway.openai.tool_validation import a_function
from harness.testbed.gateway.responses.own_tools import SEARCHES, as_functions, searches
from harness.testbed.gateway.validators import (
    a_string,
    an_array,
    an_object,
    non_empty_array,
    one_of,
)

CHOICES = ("none", "auto", "required")


def check_tools(body: Body) -> None:
    """Checks each tool, and that a choice names one of them."""
    tools = body.get("tools") or []
    an_array(a_tool)("tools", tools)
    names = {tool["name"] for tool in as_functions(tools)} | set(searches(body))
    choice = body.get("tool_choice")
    if choice is not None:
        a_choice("tool_choice", choice, names)


def a_tool(param: str, value: Json) -> None:
    """Refuses the tools that this server does not run, by their names."""
    an_object(param, value)
    kind = value.get("type")
    if kind == "function":
        a_function(param, value)
    elif kind in ("custom", "namespace"):
        a_string(f"{param}.name", value.get("name"))
        if kind == "namespace":
            an_array(a_tool)(f"{param}.tools", value.get("tools"))
    elif kind not in SEARCHES:
        raise bad_value(f"{param}.type", f"'{kind}' is not supported; expected 'function'.")


def a_choice(param: str, value: Json, names: set[str]) -> None:
    if isinstance(value, str):
        if value not in CHOICES:
            raise bad_value(param, "expected none, auto, required or a tool.")
        if value == "required" and not names:
            raise bad_value(param, "only allowed with tools.")
    elif not isinstance(value, dict):
        raise wrong_type(param, "a string or an object", value)
    elif value.get("type") == "allowed_tools":
        one_of("auto", "required")(f"{param}.mode", value.get("mode"))
        non_empty_array(an_object)(f"{param}.tools", value.get("tools"))
        for number, tool in enumerate(value["tools"]):
            a_named_tool(f"{param}.tools[{number}]", tool, names)
    else:
        a_named_tool(param, value, names)


def a_named_tool(param: str, value: Body, names: set[str]) -> None:
    if value.get("type") in SEARCHES and value["type"] in names:
        return
    if value.get("type") not in ("function", "custom"):
        raise bad_value(f"{param}.type", "only 'function' is supported.", "unsupported_value")
    a_string(f"{param}.name", value.get("name"))
    if value["name"] not in names:
        raise bad_value(f"{param}.name", "no such tool in 'tools'.")
