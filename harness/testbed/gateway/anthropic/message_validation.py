"""Checks `messages` and `system` of Messages. A check raises RequestError."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Sequence

from harness.testbed.gateway.errors import RequestError, bad_value, wrong_type
from harness.testbed.gateway.model_types import Json
from harness.testbed.gateway.validators import (
    Check,
    a_boolean,
    a_string,
    an_object,
    non_empty_array,
    nullable,
)

ROLES = ("user", "assistant")
# The block types that are allowed in each place.
USER = ("text", "image", "document", "search_result", "tool_result")
ASSISTANT = ("text", "tool_use", "thinking", "redacted_thinking")
RESULT = ("text", "image", "document", "search_result")
IMAGES = ("image/png", "image/jpeg", "image/gif", "image/webp")


def check_messages(param: str, value: Json) -> None:
    non_empty_array(check_message)(param, value)
    if value[0]["role"] != "user":
        raise bad_value(f"{param}[0].role", "the first message must be the user's.")
    for number, message in enumerate(value):
        last = number == len(value) - 1 and message["role"] == "assistant"
        if not message["content"] and not last:
            raise bad_value(f"{param}[{number}].content", "must not be empty.")
    check_order(param, value)


def check_message(param: str, message: Json) -> None:
    an_object(param, message)
    role = message.get("role")
    if role not in ROLES:
        reason = f'unexpected role "{role}"' if isinstance(role, str) else "expected a role"
        raise bad_value(f"{param}.role", f"{reason}; allowed are user and assistant.")
    check_blocks(USER if role == "user" else ASSISTANT, f"{param}.content", message.get("content"))


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
    if value is not None and (not isinstance(value, dict) or value.get("type") != "ephemeral"):
        raise bad_value(param, "expected an object of type ephemeral.")


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
        case _:
            raise bad_value(f"{param}.source.type", "expected base64 or url.")


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
    if source["type"] == "text":
        a_string(f"{param}.source.data", source.get("data"))


def search_result(param: str, block: Json) -> None:
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
}


def check_order(param: str, messages: list[dict[str, Json]]) -> None:
    """Checks that each call has its result in the next user turn, and each result has its call.

    Consecutive messages of one role are one turn.
    """
    turns: list[tuple[str, int, list[Json]]] = []
    for number, message in enumerate(messages):
        content = message["content"] if isinstance(message["content"], list) else []
        if turns and turns[-1][0] == message["role"]:
            turns[-1][2].extend(content)
        else:
            turns.append((message["role"], number, list(content)))
    call_ids: list[str] = []
    for role, number, content in [*turns, ("user", len(messages), [])]:
        result_ids = _ids(content, "tool_result", "tool_use_id")
        if role == "user":
            _check_results(f"{param}[{number}]", call_ids, result_ids)
        call_ids = _ids(content, "tool_use", "id")
        if len(set(call_ids)) < len(call_ids):
            raise bad_value(f"{param}[{number}].content", "`tool_use` ids must be unique.")


def _ids(content: list[Json], kind: str, key: str) -> list[str]:
    return [block[key] for block in content if block["type"] == kind]


def _check_results(param: str, call_ids: list[str], result_ids: list[str]) -> None:
    unanswered = [call_id for call_id in call_ids if call_id not in result_ids]
    if unanswered:
        ids = ", ".join(unanswered)
        message = (
            f"{param}: `tool_use` ids were found without `tool_result` blocks immediately after:"
            f" {ids}. Each `tool_use` block must have a corresponding `tool_result` block in the"
            " next message."
        )
        raise RequestError(400, message, param=param)
    unknown = [result_id for result_id in result_ids if result_id not in call_ids]
    if unknown or len(set(result_ids)) < len(result_ids):
        ids = ", ".join(unknown or result_ids)
        message = f"{param}: each `tool_result` must answer one `tool_use` just before it: {ids}."
        raise RequestError(400, message, param=param)
