"""Gateways that refuse the newer part of the Messages API by name, or take more than it allows."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, Final

from harness.testbed.base import Variant
from harness.testbed.gateway.anthropic import own_tools
from harness.testbed.gateway.errors import RequestError, extra
from harness.testbed.variants.newest_models import anthropic

Body = dict[str, Any]
FIELDS: Final = (
    *("cache_control", "container", "context_management", "diagnostics", "fallbacks"),
    *("inference_geo", "mcp_servers", "output_config", "speed"),
)
OF_TOOLS: Final = (
    *("strict", "eager_input_streaming", "defer_loading", "input_examples", "allowed_callers"),
)
BLOCKS: Final = (
    *("document", "search_result", "container_upload", "server_tool_use"),
    *("web_search_tool_result", "redacted_thinking"),
)


def rows(*names: str) -> tuple[str, ...]:
    return tuple(f"anthropic-messages/{name}" for name in names)


FIELD_ROWS: Final = rows(
    *("context_management", "response.context_management", "diagnostics", "fallbacks"),
    *("inference_geo", "output_config.*", "speed", "cache_control.automatic"),
)
TOOL_ROWS: Final = rows(
    *(f"tools.{name}" for name in (*OF_TOOLS, "tool_search", "bash", "text_editor", "memory")),
    *("tools.computer", "tools.browser", "tools.web_search", "tools.web_fetch"),
    *("tools.code_execution", "response.content.server_tool_use", "response.usage.server_tool_use"),
)
BLOCK_ROWS: Final = rows(
    *("message.document*", "message.search_result", "message.server_tool_use"),
    *("response.content.citations", "message.web_search_tool_result"),
)


def contents(body: Body) -> Iterator[tuple[str, Body]]:
    """Yields place and block of all messages and results of tools."""
    for number, message in enumerate(body["messages"]):
        content = message["content"] if isinstance(message["content"], list) else []
        for index, block in enumerate(content):
            yield f"messages.{number}.content.{index}", block
            inner = block.get("content")
            for place, one in enumerate(inner if isinstance(inner, list) else ()):
                yield f"messages.{number}.content.{index}.tool_result.content.{place}", one


def newer_field(body: Body) -> str:
    return next((f"{name}: Extra inputs are not permitted" for name in FIELDS if name in body), "")


def newer_tool(body: Body) -> str:
    for number, tool in enumerate(body.get("tools") or ()):
        if own_tools.is_own(tool):
            return f"tools.{number}: Input tag '{tool['type']}' found using 'type' does not match"
        for name in OF_TOOLS:
            if name in tool:
                return f"tools.{number}.custom.{name}: Extra inputs are not permitted"
    return ""


def newer_block(body: Body) -> str:
    for place, block in contents(body):
        if block.get("type") in BLOCKS:
            return f"{place}: Input tag '{block['type']}' found using 'type' does not match"
    return ""


def late_system(body: Body) -> str:
    roles = [message["role"] for message in body["messages"]]
    if "system" not in roles:
        return ""
    return (
        'messages: Unexpected role "system". The Messages API takes a top-level system parameter.'
    )


def accepts_any_version(original: Callable[..., None], *args: Any) -> None:
    """Accepts under the newest version what only older versions have."""


def uses_older_version(original: Callable[..., Any], request: Any) -> Any:
    """Sends every request to the provider with the older version."""
    others = [pair for pair in original(request) if pair[0] != "anthropic-version"]
    return [("anthropic-version", "2023-06-01"), *others]


def hoists(original: Callable[[Any], Any], body: Body) -> Any:
    """Moves instructions within the conversation to the system prompt."""
    late = [m["content"] for m in body["messages"] if m["role"] == "system"]
    if not late or not all(isinstance(text, str) for text in late):
        return original(body)
    turns = [message for message in body["messages"] if message["role"] != "system"]
    system = body.get("system") or ""
    texts = [system] if isinstance(system, str) else [block["text"] for block in system]
    return original({**body, "messages": turns, "system": "\n".join([*texts, *late]).strip()})


def no_count(original: Callable[[Body], None], body: Body) -> None:
    """Refuses in requests for a count what it refuses in messages."""
    original(body)
    if message := newer_block(body):
        raise RequestError(400, message)
    for name in FIELDS:
        if name in body:
            raise extra(name)


# A program that sends the newer fields does not work with a gateway that refuses them.
CLIENTS = rows("client.claude-code")
OLDER_GATEWAYS = (
    Variant("older.fields", "refuses all newer fields of requests by name", anthropic(newer_field),
            affects=CLIENTS, not_credited=FIELD_ROWS),
    Variant("older.tools", "refuses tools of Anthropic and newer members of tools",
            anthropic(newer_tool), affects=CLIENTS, not_credited=TOOL_ROWS),
    Variant("older.blocks", "refuses documents and other newer blocks", anthropic(newer_block),
            not_credited=BLOCK_ROWS),
    Variant("older.all", "refuses all of these, in counts as well",
            {**anthropic(newer_field, newer_tool, newer_block, late_system),
             "anthropic.check_count_tokens": no_count},
            affects=CLIENTS, causes=("blocked",),
            not_credited=(*FIELD_ROWS, *TOOL_ROWS, *BLOCK_ROWS,
                          *rows("message.system_role"))),
    Variant("older.system", "refuses instructions within the conversation", anthropic(late_system),
            not_credited=rows("message.system_role")),
    Variant("lenient.system", "moves instructions within the conversation to the system prompt",
            {"anthropic.read_request": hoists}),
    Variant("lenient.version", "accepts under the newest version what older ones have",
            {"anthropic.check_against_version": accepts_any_version,
             "forward.anthropic.version": uses_older_version}),
)  # fmt: skip
