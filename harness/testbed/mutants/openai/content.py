"""Mutants that drop, change or reject message content: texts, parts, images, replayed answers."""

from __future__ import annotations

from collections.abc import Callable

from harness.testbed.base import Mutant
from harness.testbed.mutants.openai.operators import (
    Body,
    message,
)

CONTENT = "body $.choices[0].message.content"


def decode_as_latin_1(message: Body) -> None:
    if message["content"]:
        message["content"] = message["content"].encode().decode("latin-1")


def split_characters(original: Callable[[str], list[str]], text: str) -> list[str]:
    """Splits the stream inside multi-byte characters."""
    data = text.encode()
    return [data[at : at + 5].decode("utf-8", "replace") for at in range(0, len(data), 5)]


TEXTS = (
    Mutant("unicode.mojibake", "reads UTF-8 as Latin-1", "messages.unicode", CONTENT,
           message(decode_as_latin_1)),
    Mutant("unicode.cut", "splits multi-byte characters", "messages.unicode", CONTENT,
           {"text_pieces": split_characters}),
    Mutant("unicode.charset-lost", "reads UTF-8 as Latin-1 in its answers",
           "messages.unicode.charset", CONTENT, message(decode_as_latin_1)),
)  # fmt: skip
