"""Checks `messages` of Chat Completions. A check raises RequestError."""

from __future__ import annotations

import base64
import binascii
import re

from harness.testbed.gateway.errors import RequestError, bad_value, missing, wrong_type
from harness.testbed.gateway.model_types import Json
from harness.testbed.gateway.validators import an_object

# The content part types of each role. Parts that are documented as ignored are not checked.
PARTS = {
    "system": ("text",),
    "developer": ("text",),
    "user": ("text", "image_url", "input_audio", "file"),
    "assistant": ("text", "refusal"),
    "tool": ("text",),
    "function": ("text",),
}
UNREADABLE = ("input_audio", "file")
# The fields that can replace the content of an assistant message.
CONTENT_ALTERNATIVES = ("tool_calls", "function_call", "refusal", "audio")
_IMAGE = re.compile(r"data:image/(?:png|jpeg|gif|webp);base64,")


def check_messages(param: str, value: Json) -> None:
    if not isinstance(value, list):
        raise wrong_type(param, "an array of objects", value)
    if not value:
        raise bad_value(param, "empty array; expected at least one message.", "empty_array")
    for number, message in enumerate(value):
        check_message(f"{param}[{number}]", message)
    check_order(param, value)


def text_and_image_messages(param: str, value: Json) -> None:
    """Refuses the parts that the model cannot read, by their names."""
    check_messages(param, value)
    for number, message in enumerate(value):
        content = message.get("content")
        for at, part in enumerate(content if isinstance(content, list) else ()):
            if part["type"] in UNREADABLE:
                where = f"{param}[{number}].content[{at}].type"
                text = f"'{part['type']}' is not supported by this model."
                raise bad_value(where, text, "unsupported_value")


def check_message(param: str, message: Json) -> None:
    an_object(param, message)
    role = message.get("role")
    if role is None:
        raise missing(f"{param}.role")
    if not isinstance(role, str) or role not in PARTS:
        raise bad_value(f"{param}.role", f"expected one of {', '.join(PARTS)}.")
    check_content(param, role, message)
    if role == "tool" and not isinstance(message.get("tool_call_id"), str):
        raise missing(f"{param}.tool_call_id")
    if role == "assistant":
        check_calls(f"{param}.tool_calls", message.get("tool_calls"))
        if message.get("function_call") is not None:
            check_function_call(f"{param}.function_call", message["function_call"])


def check_content(param: str, role: str, message: dict[str, Json]) -> None:
    content = message.get("content")
    if isinstance(content, str):
        return
    if isinstance(content, list):
        if not content:
            raise bad_value(f"{param}.content", "empty array.", "empty_array")
        for number, part in enumerate(content):
            check_part(f"{param}.content[{number}]", role, part)
    elif content is not None:
        raise wrong_type(f"{param}.content", "a string or an array of parts", content)
    elif role != "function" and not (
        role == "assistant" and any(map(message.get, CONTENT_ALTERNATIVES))
    ):
        raise missing(f"{param}.content")


def check_part(param: str, role: str, part: Json) -> None:
    an_object(param, part)
    kind = part.get("type")
    if kind not in PARTS[role]:
        raise bad_value(f"{param}.type", f"a {role} message holds {' or '.join(PARTS[role])}.")
    if kind == "text" and not isinstance(part.get("text"), str):
        raise wrong_type(f"{param}.text", "a string", part.get("text"))
    if kind == "image_url":
        check_image(f"{param}.image_url", part.get("image_url"))


def check_image(param: str, image: Json) -> None:
    an_object(param, image)
    url = image.get("url")
    if not isinstance(url, str):
        raise wrong_type(f"{param}.url", "a string", url)
    if url.startswith(("https://", "http://")):
        return
    head = _IMAGE.match(url)
    try:
        image_bytes = base64.b64decode(url[head.end() :], validate=True) if head else b""
    except binascii.Error:
        image_bytes = b""
    if not image_bytes:
        raise bad_value(f"{param}.url", "expected an https URL or a base64 data URI of an image.")


def check_calls(param: str, calls: Json) -> None:
    if calls is None:
        return
    if not isinstance(calls, list):
        raise wrong_type(param, "an array of objects", calls)
    if not calls:
        raise bad_value(param, "empty array; expected at least one.", "empty_array")
    for number, call in enumerate(calls):
        at = f"{param}[{number}]"
        if not isinstance(call, dict):
            raise wrong_type(at, "an object", call)
        if not isinstance(call.get("id"), str) or not call["id"]:
            raise missing(f"{at}.id")
        if call.get("type") != "function":
            raise bad_value(f"{at}.type", "expected 'function'.")
        check_function_call(f"{at}.function", call.get("function"))


def check_function_call(param: str, call: Json) -> None:
    an_object(param, call)
    for key in ("name", "arguments"):
        if not isinstance(call.get(key), str):
            raise wrong_type(f"{param}.{key}", "a string", call.get(key))


def check_order(param: str, messages: list[dict[str, Json]]) -> None:
    """Checks that each call is followed by its tool message, and each tool message follows a call.

    System and developer messages are skipped, because they are hoisted.
    """
    open_ids: set[str] = set()
    caller = 0
    for number, message in enumerate(messages):
        role = message["role"]
        if role in ("system", "developer"):
            continue
        if role == "tool":
            if message["tool_call_id"] not in open_ids:
                where = f"{param}[{number}].tool_call_id"
                raise bad_value(where, "no preceding assistant message made a call with this id.")
            open_ids.remove(message["tool_call_id"])
            continue
        if open_ids:
            raise _unanswered(f"{param}[{caller}].tool_calls")
        open_ids, caller = {call["id"] for call in message.get("tool_calls") or ()}, number
    if open_ids:
        raise _unanswered(f"{param}[{caller}].tool_calls")


def _unanswered(param: str) -> RequestError:
    return bad_value(param, "each call must be followed by a tool message with its id.")
