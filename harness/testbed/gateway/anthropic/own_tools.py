"""Tools that Anthropic defines, by their type, such as `bash_20250124`.

Some are run by the caller; the model knows their input. The others are run by the provider.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from harness.testbed.gateway.endpoint import Body
from harness.testbed.gateway.errors import bad_value
from harness.testbed.gateway.model_types import Json, Tool

_TYPE = re.compile(r"([a-z0-9_]+?)_(20\d{6})")
STRING: Final = {"type": "string"}


def an_input(**properties: Json) -> Json:
    return {"type": "object", "properties": properties, "required": [*properties]}


# What the model knows of the tools that the caller runs: description and input.
RUN_BY_CALLER: Final[Mapping[str, tuple[str, Json]]] = {
    "bash": ("Run a command in a shell.", an_input(command=STRING)),
    "text_editor": (
        "View and edit files.",
        an_input(command={"enum": ["view", "create", "str_replace", "insert"]}, path=STRING),
    ),
    "memory": ("Store and read notes.", an_input(command={"enum": ["view"]}, path=STRING)),
    "computer": ("Use a computer.", an_input(action={"enum": ["screenshot"]})),
    "computer_toolset": ("Use a computer.", an_input(action={"enum": ["screenshot"]})),
    "browser_toolset": ("Use a browser.", an_input(action={"enum": ["screenshot"]})),
}
RUN_BY_PROVIDER: Final = frozenset(
    {
        *("web_search", "web_fetch", "code_execution", "mcp_toolset"),
        *("tool_search_tool_regex", "tool_search_tool_bm25"),
    }
)


def kind(tool: Body) -> str:
    """Returns the type of a tool without its date; "" for a tool of the caller."""
    match = _TYPE.fullmatch(str(tool.get("type")))
    return match[1] if match else ""


def is_own(tool: Body) -> bool:
    """Whether Anthropic defines the tool."""
    return tool.get("type") not in (None, "custom")


def runs_at_provider(tool: Body) -> bool:
    return kind(tool) in RUN_BY_PROVIDER


def definition(tool: Body) -> Tool:
    """Returns what the model knows of a tool that the caller runs."""
    description, schema = RUN_BY_CALLER[kind(tool)]
    return Tool(str(tool.get("name") or kind(tool)), description, schema)


def check(param: str, tool: Body) -> None:
    """Checks the type of a tool that Anthropic defines."""
    if kind(tool) not in RUN_BY_CALLER and kind(tool) not in RUN_BY_PROVIDER:
        raise bad_value(f"{param}.type", f"tool type {str(tool['type'])[:40]!r} does not exist.")
