"""Mutants that drop, change or reject message content: texts, parts, images, replayed answers."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from harness.testbed.base import Mutant
from harness.testbed.gateway.gateway import Overrides
from harness.testbed.gateway.model_types import Image, Part
from harness.testbed.gateway.openai.message_validation import PARTS
from harness.testbed.mutants.openai.operators import (
    Body,
    Test,
    loses,
    message,
    refuses,
    repairs,
    values_at,
)
from harness.testbed.mutation.rows import mutants_in

CONTENT = "body $.choices[0].message.content"
ASSISTANT = ("messages", {"role": "assistant"})


def keep_first_lines(body: Body) -> None:
    """Keeps the first line of user messages."""
    for each in body["messages"]:
        if each["role"] == "user" and isinstance(each["content"], str):
            each["content"] = each["content"].partition("\n")[0]


def as_json(original: Callable[[Body], list[Body]], message: Body) -> list[Body]:
    """Forwards parts to the model as JSON text."""
    content = message.get("content")
    if not isinstance(content, list) or message["role"] in ("system", "developer"):
        return original(message)
    return [{"type": "text", "text": json.dumps(content)}]


def one_part(choose: slice) -> Overrides:
    def pieces(original: Callable[[Body], list[Body]], message: Body) -> list[Body]:
        return original(message)[choose]

    return {"content_parts": pieces}


def one_image(original: Callable[..., tuple[Part, ...]], *args: Any) -> tuple[Part, ...]:
    """Keeps the first image of a message."""
    kept = original(*args)
    images = [part for part in kept if isinstance(part, Image)]
    return tuple(part for part in kept if part not in images[1:])


def drop_unknown_parts(body: Body) -> None:
    """Removes parts of an unknown type."""
    for reply in values_at(body, "messages", "*"):
        if isinstance(reply, dict) and isinstance(reply.get("content"), list):
            known = PARTS.get(str(reply.get("role")), ())
            reply["content"] = [
                part
                for part in reply["content"]
                if isinstance(part, dict) and part.get("type") in known
            ]


def after_calls(test: Callable[[Body], bool]) -> Test:
    """Tests whether an assistant message with calls passes the test."""
    return lambda body: any(
        reply.get("tool_calls") and test(reply) for reply in values_at(body, *ASSISTANT)
    )


def decode_as_latin_1(message: Body) -> None:
    if message["content"]:
        message["content"] = message["content"].encode().decode("latin-1")


def split_characters(original: Callable[[str], list[str]], text: str) -> list[str]:
    """Splits the stream inside multi-byte characters."""
    data = text.encode()
    return [data[at : at + 5].decode("utf-8", "replace") for at in range(0, len(data), 5)]


def drop_non_ascii(message: Body) -> None:
    """Removes characters outside ASCII."""
    if message["content"]:
        message["content"] = message["content"].encode("ascii", "ignore").decode() or "?"


TEXTS = (
    *mutants_in("openai/content"),
    Mutant("user.string-lost", "forwards only the first line of a text",
           "message.user.content.string", "any_of", loses(keep_first_lines)),
    Mutant("user.lines-lost", "forwards only the first line of a text", "messages.user", "any_of",
           loses(keep_first_lines)),
    Mutant("user.parts-json", "forwards parts to the model as JSON text",
           "message.user.content.array", "same_as", {"content_parts": as_json}),
    Mutant("user.first-part", "forwards only the first part",
           "message.user.content.array.several", "any_of", one_part(slice(0, 1))),
    Mutant("user.last-part", "forwards only the last part", "messages.user.several-parts", "any_of",
           one_part(slice(-1, None))),
    Mutant("user.unknown-part", "ignores parts of an unknown type",
           "message.user.content.array.unknown-part", "rejected.refused",
           repairs(drop_unknown_parts)),
    Mutant("image.second-lost", "forwards only the first image",
           "message.user.content.image_url.url.second", "more_than", {"parts": one_image}),
    Mutant("replay.with-text", "rejects a text with tool calls",
           "message.assistant.tool_calls.with-text", "status",
           refuses(after_calls(lambda reply: bool(reply.get("content"))), "content")),
    Mutant("unicode.mojibake", "reads UTF-8 as Latin-1", "messages.unicode", CONTENT,
           message(decode_as_latin_1)),
    Mutant("unicode.cut", "splits multi-byte characters", "messages.unicode", CONTENT,
           {"text_pieces": split_characters}),
    Mutant("unicode.charset-lost", "reads UTF-8 as Latin-1 in its answers",
           "messages.unicode.charset", CONTENT, message(decode_as_latin_1)),
    Mutant("unicode.ascii", "omits characters outside ASCII", "messages.unicode", CONTENT,
           message(drop_non_ascii)),
)  # fmt: skip
