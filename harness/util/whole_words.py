"""Patterns for whole words of a text, in whatever language the words around them are.

`red` is not a word of "shared", and 17 is not a number of "1789". The word border of regular
expressions misses a word next to letters of a script without blanks, and a number next to its unit.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Final

from harness.model import Json

KEYWORD: Final = "words"
COMBINED: Final = ("allOf", "anyOf", "oneOf", "not")
# Whether words begin or end with a digit -> the borders. Letters and digits do not part each other.
BORDERS: Final = {False: ("(?<![a-z])", "(?![a-z])"), True: (r"(?<!\d)", r"(?!\d)")}
WORD: Final = re.compile(r"[A-Za-z0-9]+( [A-Za-z0-9]+)*")
BLANK: Final = r"[\s-]?"
GROUP: Final = re.compile(r"\(\?:([^()]*)\)")
START: Final = "(?i)(?#words)"


def with_patterns(schema: Json) -> Json:
    """Return a schema with a pattern in place of each list of words, of which one must be there.

    Raises:
        ValueError: The words are not a word or a list of words.
    """
    if isinstance(schema, list):
        return [with_patterns(each) for each in schema]
    if not isinstance(schema, Mapping):
        return schema
    combined = {key: with_patterns(schema[key]) for key in COMBINED if key in schema}
    if KEYWORD not in schema:
        return {**schema, **combined}
    others = {key: value for key, value in schema.items() if key != KEYWORD}
    return {**others, **combined, "pattern": pattern_of(schema[KEYWORD])}


def pattern_of(words: Json) -> str:
    """Return the pattern of a text that has one of these words, in upper or lower case."""
    listed = [words] if isinstance(words, str) else words
    if not isinstance(listed, list) or not listed or not all(map(is_word, listed)):
        raise ValueError("`words` is a word, or a list of words, of letters and digits")
    return START + "|".join(
        bordered(digits, listed) for digits in BORDERS if of_kind(digits, listed)
    )


def is_word(word: Json) -> bool:
    return isinstance(word, str) and WORD.fullmatch(word) is not None


def of_kind(digits: bool, words: Sequence[str]) -> list[str]:
    return [word for word in words if word.isdigit() == digits]


def bordered(digits: bool, words: Sequence[str]) -> str:
    before, after = BORDERS[digits]
    inner = "|".join(word.replace(" ", BLANK) for word in of_kind(digits, words))
    return f"{before}(?:{inner}){after}"


def words_of(pattern: str) -> list[str]:
    """Return the words that a pattern was made of; none of another pattern."""
    groups = GROUP.findall(pattern) if pattern.startswith(START) else []
    return [word.replace(BLANK, " ") for group in groups for word in group.split("|")]
