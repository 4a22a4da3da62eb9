"""Suggestions in messages about unknown names."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from typing import Final

MIN_SIMILARITY: Final = 0.75  # a suggestion below it is more likely wrong than right
MIN_START: Final = 3  # characters with which only the meant name begins
MAX_LENGTH: Final = 100  # characters; comparing takes the square of the length


def suggestion(word: str, candidates: Iterable[str], otherwise: str = "") -> str:
    """Return "did you mean `x`?" for the candidate that begins with the word or is most similar.

    Without such a candidate it is `otherwise`.
    """
    if len(word) > MAX_LENGTH:
        return otherwise
    names = [*candidates]
    similar = sorted(n for n in names if n.startswith(word)) if len(word) >= MIN_START else []
    similar += difflib.get_close_matches(word, names, 1, MIN_SIMILARITY)
    return f"did you mean `{similar[0]}`?" if similar else otherwise
