"""Checks of the input items of a Responses request. A check raises RequestError."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from harness.testbed.gateway.endpoint import Body
from harness.testbed.gateway.errors import bad_value, missing, wrong_type
from harness.testbed.gateway.model_types import Json
from harness.testbed.gateway.openai.message_validation import check_image
from harness.testbed.gateway.responses import compaction
from harness.testbed.gateway.validators import a_string, an_array, an_object, nullable, one_of

PARTS: Final = {
    "user": ("input_text", "input_image", "input_file"),
    "system": ("input_text",),
    "developer": ("input_text",),
    "assistant": ("output_text", "refusal"),
}
TEXTS: Final = {"input_text": "text", "output_text": "text", "refusal": "refusal"}
DETAILS: Final = ("auto", "low", "high", "original")


def check_items(param: str, items: list[Json]) -> None:
    for number, item in enumerate(items):
        at = f"{param}[{number}]"
        an_object(at, item)
        kind = item.get("type", "message")
        if not isinstance(kind, str) or kind not in ITEMS:
            raise bad_value(f"{at}.type", f"expected one of {', '.join(ITEMS)}.")
        ITEMS[kind](at, item)


def a_message(param: str, item: Body) -> None:
    role = item.get("role")
    if role is None:
        raise missing(f"{param}.role")
    if not isinstance(role, str) or role not in PARTS:
        raise bad_value(f"{param}.role", f"expected one of {', '.join(PARTS)}.")
    if "content" not in item:
        raise missing(f"{param}.content")
    a_content(f"{param}.content", item["content"], PARTS[role])


def a_content(param: str, value: Json, kinds: tuple[str, ...]) -> None:
    if isinstance(value, str):
        return
    if not isinstance(value, list):
        raise wrong_type(param, "a string or an array of parts", value)
    for number, part in enumerate(value):
        a_part(f"{param}[{number}]", part, kinds)


def a_part(param: str, part: Json, kinds: tuple[str, ...]) -> None:
    an_object(param, part)
    kind = part.get("type")
    if kind not in kinds:
        raise bad_value(f"{param}.type", f"expected {' or '.join(kinds)}.")
    if kind in TEXTS:
        a_string(f"{param}.{TEXTS[kind]}", part.get(TEXTS[kind]))
    elif kind == "input_file":
        raise bad_value(f"{param}.type", "'input_file' is not supported by this model.")
    elif part.get("file_id") is not None:
        raise bad_value(f"{param}.file_id", "files are not supported by this server.")
    else:
        check_image(f"{param}.image_url", {"url": part.get("image_url")})
        nullable(one_of(*DETAILS))(f"{param}.detail", part.get("detail"))


def a_call(param: str, item: Body) -> None:
    for key in ("call_id", "name", "arguments"):
        if key not in item:
            raise missing(f"{param}.{key}")
        a_string(f"{param}.{key}", item[key])


def a_custom_call(param: str, item: Body) -> None:
    for key in ("call_id", "name", "input"):
        if key not in item:
            raise missing(f"{param}.{key}")
        a_string(f"{param}.{key}", item[key])


def an_output(param: str, item: Body) -> None:
    for key in ("call_id", "output"):
        if key not in item:
            raise missing(f"{param}.{key}")
    a_string(f"{param}.call_id", item["call_id"])
    a_content(f"{param}.output", item["output"], PARTS["user"])


def a_reasoning_item(param: str, item: Body) -> None:
    if "summary" not in item:
        raise missing(f"{param}.summary")
    an_array(an_object)(f"{param}.summary", item["summary"])
    nullable(a_string)(f"{param}.encrypted_content", item.get("encrypted_content"))


def a_compaction(param: str, item: Body) -> None:
    compaction.items_in(param, item)


def a_reference(param: str, item: Body) -> None:
    a_string(f"{param}.id", item.get("id"))


ITEMS: Final[Mapping[str, Callable[[str, Body], None]]] = {
    "message": a_message,
    "function_call": a_call,
    "function_call_output": an_output,
    "custom_tool_call": a_custom_call,
    "custom_tool_call_output": an_output,
    "reasoning": a_reasoning_item,
    "item_reference": a_reference,
    "compaction": a_compaction,
}
