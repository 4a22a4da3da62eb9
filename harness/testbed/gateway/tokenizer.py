"""A simple, deterministic tokenizer."""

from __future__ import annotations

import re

_TOKEN = re.compile(r" ?\w{1,12}|\s|[^\w\s]")


def split(text: str) -> list[str]:
    """Splits a text into tokens. Their concatenation is the text. A newline is one token."""
    return _TOKEN.findall(text)


def count(text: str) -> int:
    return len(split(text))


def truncate(text: str, limit: int) -> str:
    """Returns the first `limit` tokens of the text."""
    return "".join(split(text)[: max(limit, 0)])
