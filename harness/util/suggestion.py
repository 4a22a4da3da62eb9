"""Suggestions in messages about unknown names."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from typing import Final

MIN_SIMILARITY: Final = 0.75  # a suggestion below it is more likely wrong than right
MAX_LENGTH: Final = 100  # characters; comparing takes the square of the length


def suggestion(word: str, candidates: Iterable[str], otherwise: str = "") -> str:
    """Return "did you mean `x`?" for the most similar candidate, or `otherwise` without one."""
    if len(word) > MAX_LENGTH:
        return otherwise
    similar = difflib.get_close_matches(word, candidates, 1, MIN_SIMILARITY)
    return f"did you mean `{similar[0]}`?" if similar else otherwise
