"""Checks `messages` and `system` of Messages. A check raises RequestError."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Sequence

from harness.testbed.gateway.anthropic.turn_order import check_order
from harness.testbed.gateway.errors import RequestError, bad_value, wrong_type
from harness.testbed.gateway.model_types import Json
from harness.testbed.gateway.validators import (
    Check,
    a_boolean,
    a_string,
    an_object,
    non_empty_array,
    nullable,
    one_of,
)

# The results of tools that the provider runs.
OWN_RESULTS = (
    *("web_search_tool_result", "web_fetch_tool_result", "code_execution_tool_result"),
    *("bash_code_execution_tool_result", "text_editor_code_execution_tool_result"),
    "tool_search_tool_result",
)
# The roles, and the types of the blocks that each can have.
KINDS = {
    "user": ("text", "image", "document", "search_result", "tool_result", "container_upload"),
    "assistant": (
        *("text", "tool_use", "thinking", "redacted_thinking", "document", "server_tool_use"),
        *OWN_RESULTS,
    ),
    "system": ("text",),
}
RESULT = ("text", "image", "document", "search_result", "tool_reference")
IMAGES = ("image/png", "image/jpeg", "image/gif", "image/webp")


def check_messages(param: str, value: Json) -> None:
    non_empty_array(check_message)(param, value)
    first = next((m for m in value if m["role"] != "system"), value[0])
    if first["role"] != "user":
        raise bad_value(f"{param}[0].role", "the first message must be the user's.")
    for number, message in enumerate(value):
        last = number == len(value) - 1 and message["role"] == "assistant"
        if not message["content"] and not last:
            raise bad_value(f"{param}[{number}].content", "must not be empty.")
    check_order(param, value)


def check_message(param: str, message: Json) -> None:
    an_object(param, message)
    role = message.get("role")
    if not isinstance(role, str) or role not in KINDS:
        reason = f'unexpected role "{role}"' if isinstance(role, str) else "expected a role"
        raise bad_value(f"{param}.role", f"{reason}; allowed are user, assistant and system.")
    check_blocks(KINDS[role], f"{param}.content", message.get("content"))


def check_blocks(kinds: Sequence[str], param: str, content: Json) -> None:
    """Checks a string, or blocks of these types."""
    if isinstance(content, str):
        return
    if not isinstance(content, list):
        raise wrong_type(param, "a string or an array of blocks", content)
    for number, block in enumerate(content):
        at = f"{param}[{number}]"
        an_object(at, block)
        if block.get("type") not in kinds:
            raise bad_value(f"{at}.type", f"expected one of {', '.join(kinds)}.")
        if block["type"] in BLOCKS:
            BLOCKS[block["type"]](at, block)
        cache_control(f"{at}.cache_control", block.get("cache_control"))


def check_system(param: str, value: Json) -> None:
    check_blocks(("text",), param, value)


def cache_control(param: str, value: Json) -> None:
    if value is None:
        return
    if not isinstance(value, dict) or value.get("type") != "ephemeral":
        raise bad_value(param, "expected an object of type ephemeral.")
    nullable(one_of("5m", "1h"))(f"{param}.ttl", value.get("ttl"))


def text(param: str, block: Json) -> None:
    a_string(f"{param}.text", block.get("text"))
    if not block["text"]:
        raise bad_value(f"{param}.text", "text content blocks must be non-empty.")


def image(param: str, block: Json) -> None:
    source = block.get("source")
    an_object(f"{param}.source", source)
    match source.get("type"):
        case "base64":
            if source.get("media_type") not in IMAGES:
                raise bad_value(f"{param}.source.media_type", f"expected {', '.join(IMAGES)}.")
            data(f"{param}.source.data", source.get("data"))
        case "url":
            a_string(f"{param}.source.url", source.get("url"))
            if not source["url"].startswith(("https://", "http://")):
                raise bad_value(f"{param}.source.url", "only HTTPS URLs are supported.")
        case "file":
            no_file(f"{param}.source", source)
        case _:
            raise bad_value(f"{param}.source.type", "expected base64, url or file.")


def no_file(param: str, source: Json) -> None:
    """Refuses every file, since none was uploaded."""
    a_string(f"{param}.file_id", source.get("file_id"))
    file_id = source["file_id"][:80]
    raise RequestError(404, f"{param}.file_id: no file has the id '{file_id}'.", param=param)


def data(param: str, value: Json) -> None:
    a_string(param, value)
    try:
        decoded = base64.b64decode(value, validate=True)
    except (binascii.Error, ValueError):
        decoded = b""
    if not decoded:
        raise bad_value(param, "expected base64.")


def document(param: str, block: Json) -> None:
    source = block.get("source")
    an_object(f"{param}.source", source)
    if source.get("type") not in ("text", "base64", "url", "content", "file"):
        raise bad_value(f"{param}.source.type", "expected text, base64, url, content or file.")
    match source["type"]:
        case "text":
            a_string(f"{param}.source.data", source.get("data"))
        case "base64":
            data(f"{param}.source.data", source.get("data"))
        case "url":
            a_string(f"{param}.source.url", source.get("url"))
        case "content":
            check_blocks(("text", "image"), f"{param}.source.content", source.get("content"))
        case "file":
            no_file(f"{param}.source", source)


def search_result(param: str, block: Json) -> None:
    for key in ("source", "title"):
        a_string(f"{param}.{key}", block.get(key))
    check_blocks(("text",), f"{param}.content", block.get("content"))


def tool_use(param: str, block: Json) -> None:
    for key in ("id", "name"):
        a_string(f"{param}.{key}", block.get(key))
        if not block[key]:
            raise bad_value(f"{param}.{key}", "must not be empty.")
    an_object(f"{param}.input", block.get("input"))


def tool_result(param: str, block: Json) -> None:
    a_string(f"{param}.tool_use_id", block.get("tool_use_id"))
    if block.get("content") is not None:
        check_blocks(RESULT, f"{param}.content", block["content"])
    nullable(a_boolean)(f"{param}.is_error", block.get("is_error"))


BLOCKS: dict[str, Check] = {
    "text": text,
    "image": image,
    "document": document,
    "search_result": search_result,
    "tool_use": tool_use,
    "tool_result": tool_result,
    "container_upload": no_file,
}
