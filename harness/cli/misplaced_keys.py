"""Refuses keys on the command line, where reports, paths and the list of processes show them."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Final

from harness.util.errors import UsageError
from harness.util.key_shapes import ADVICE, resembles_key

HEADER: Final = "--header"  # the only option that takes a key; outputs do not show it


def check_command_line(words: Sequence[str]) -> None:
    """Raises UsageError if a word has the form of a key. URLs are checked where they are read."""
    for before, word in pairwise(("", *words)):
        option, equals, _ = word.partition("=")
        name = before if before.startswith("--") and not word.startswith("-") else ""
        name = option if equals and word.startswith("--") else name
        if name == HEADER or "://" in word or not resembles_key(word):
            continue
        what = name if name and not resembles_key(name) else "a word of the command line"
        raise UsageError(f"{what} looks like an API key: {ADVICE}")
