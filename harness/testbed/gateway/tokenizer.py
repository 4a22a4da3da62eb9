"""Text -> tokens. A simple, deterministic tokenizer. May not know what the text is for."""

from __future__ import annotations

import re

_TOKEN = re.compile(r" ?\w{1,12}|\s|[^\w\s]")


def split(text: str) -> list[str]:
    """Tokens whose concatenation is the text again. A newline is a token of its own."""
    return _TOKEN.findall(text)


def count(text: str) -> int:
    return len(split(text))


def cut(text: str, limit: int) -> str:
    """The first `limit` tokens of the text."""
    return "".join(split(text)[: max(limit, 0)])
