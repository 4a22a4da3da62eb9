"""Parts of Messages requests that Chat Completions cannot express.

The gateway refuses each by its name, since the caller would get another answer without it.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from harness.testbed.gateway.anthropic import own_tools
from harness.testbed.gateway.endpoint import Body

FIELDS: Final = (
    *("container", "context_management", "mcp_servers", "inference_geo", "speed", "fallbacks"),
    *("diagnostics", "user_profile_id"),
)
# Blocks that no text, image or call can replace.
BLOCKS: Final = ("server_tool_use", "web_search_tool_result", "container_upload")
MESSAGE: Final = "the provider behind this gateway has no such feature."


def find_untranslatable(body: Body) -> str:
    """Returns the first field, tool or block without an equivalent; "" if there is none."""
    return next(names(body), "")


def names(body: Body) -> Iterator[str]:
    for name in FIELDS:
        if body.get(name) is not None and not (name == "context_management" and is_idle(body)):
            yield name
    for number, tool in enumerate(body.get("tools") or ()):
        if own_tools.is_own(tool):
            yield f"tools[{number}].type {tool['type']}"
        if tool.get("defer_loading"):
            yield f"tools[{number}].defer_loading"
    for number, message in enumerate(body["messages"]):
        content = message["content"] if isinstance(message["content"], list) else []
        for index, block in enumerate(content):
            if is_untranslatable(block):
                yield f"messages[{number}].content[{index}] {block['type']}"


def is_idle(body: Body) -> bool:
    """Whether all edits clear earlier thinking, which is not forwarded anyway."""
    edits = body["context_management"].get("edits", ())
    return all(str(edit["type"]).startswith("clear_thinking") for edit in edits)


def is_untranslatable(block: Body) -> bool:
    """Whether a block loses its meaning as a text, an image or a call."""
    source = block.get("source") or {}
    is_fetched = block["type"] == "document" and source.get("type") in ("url", "file")
    is_cited = isinstance(block.get("citations"), dict) and block["citations"].get("enabled")
    return block["type"] in BLOCKS or is_fetched or bool(is_cited)
