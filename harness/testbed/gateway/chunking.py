"""Text or JSON -> the pieces it is streamed in. May not know what a stream looks like."""

from __future__ import annotations

from harness.testbed.gateway import tokenizer

TOKENS = 3
LETTERS = 8


def of_text(text: str) -> list[str]:
    parts = tokenizer.split(text)
    return ["".join(parts[at : at + TOKENS]) for at in range(0, len(parts), TOKENS)]


def of_json(text: str) -> list[str]:
    return [text[at : at + LETTERS] for at in range(0, len(text), LETTERS)]
