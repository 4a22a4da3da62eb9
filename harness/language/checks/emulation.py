"""Names what a gateway can do itself, or ask for in another form, if the caller asks for it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from harness.model import Json

# With one of these, a gateway can write text or a tool of its own to get the effect, and force the
# call of that tool.
EMULATED: Final = ("response_format", "output_config", "output_format", "web_search_options")
# The beginnings of the types of tools that a server runs.
HOSTED: Final = (
    *("web_search", "web_fetch", "file_search", "code_interpreter", "code_execution"),
    *("image_generation", "mcp", "tool_search"),
)
SCORES: Final = "message.output_text.logprobs"


def is_emulated(sent: Mapping[str, Json]) -> bool:
    """Whether a gateway can write words or a tool of its own for something that was sent."""
    text = sent.get("text")
    has_format = isinstance(text, Mapping) and text.get("format") is not None
    has_field = any(sent.get(name) is not None for name in EMULATED)
    return has_format or has_field or has_hosted_tool(sent)


def has_hosted_tool(sent: Json) -> bool:
    """Whether the caller sent a tool that a server runs, such as a web search.

    A gateway can run it itself: the model calls a function, and a further request has the result.
    """
    tools = sent.get("tools") if isinstance(sent, Mapping) else None
    if not isinstance(tools, list):
        return False
    kinds = [str(tool.get("type")) for tool in tools if isinstance(tool, Mapping)]
    return any(kind.startswith(HOSTED) for kind in kinds)


def is_requested(name: str, value: Json, sent: Mapping[str, Json]) -> bool:
    """Whether a parameter is the form of Chat Completions for what `include` asks for."""
    include = sent.get("include")
    return (name, value) == ("logprobs", True) and isinstance(include, list) and SCORES in include
