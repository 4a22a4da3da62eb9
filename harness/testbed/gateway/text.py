"""Extracts words, names and numbers from a text."""

from __future__ import annotations

import re

_STOP = frozenset(
    re.findall(
        r"\w+",
        "a an and answer are as at be both by call current do does for from function get give"
        " given how i in is it its list look lookup me my of on one or reply return single that the"
        " this please to tool up use user what which with word you your",
    )
)
_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
_SENTENCE = re.compile(r"(?<=[.!?:\n])\s+")
_NAME = re.compile(r"\b[^\W\d_a-z][\w'-]*(?: [^\W\d_a-z][\w'-]*)*")
_AFTER_IN = re.compile(r"\b(?:in|for|at|near) (?:the )?([\w'-]+)")
_NUMBER = re.compile(r"-?\d{1,15}(?:\.\d{1,15})?")


def significant_words(text: str) -> set[str]:
    """Returns the words that are not stop words, in lower case and without a plural s."""
    words = re.findall(r"[^\W_]+", _CAMEL.sub(" ", text).lower())
    return {re.sub(r"(?<=\w\w)s$", "", word) for word in words} - _STOP


def names(text: str) -> list[str]:
    """Returns capitalised names inside sentences; if there are none, the words after "in"."""
    words: list[str] = []
    for sentence in _SENTENCE.split(text.strip()):
        words += [match.group() for match in _NAME.finditer(sentence) if match.start() > 0]
    words = [name for name in words if name != "I"] or _AFTER_IN.findall(text)
    return list(dict.fromkeys(words))


def numbers(text: str) -> list[float]:
    return [float(number) for number in _NUMBER.findall(text)]
