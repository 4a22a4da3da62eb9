"""Splits text and JSON into the pieces of a stream."""

from __future__ import annotations

from harness.testbed.gateway import tokenizer

TOKENS_PER_PIECE = 3
CHARACTERS_PER_PIECE = 8


def split_text(text: str) -> list[str]:
    tokens = tokenizer.split(text)
    starts = range(0, len(tokens), TOKENS_PER_PIECE)
    return ["".join(tokens[start : start + TOKENS_PER_PIECE]) for start in starts]


def split_json(text: str) -> list[str]:
    starts = range(0, len(text), CHARACTERS_PER_PIECE)
    return [text[start : start + CHARACTERS_PER_PIECE] for start in starts]
