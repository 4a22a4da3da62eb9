"""Refuses keys on the command line, where reports, paths and the list of processes show them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from harness.util.command_words import option_values
from harness.util.errors import UsageError
from harness.util.key_shapes import ADVICE, resembles_key

HEADER: Final = "--header"  # the only option that takes a key; outputs do not show it


def check_command_line(words: Sequence[str]) -> None:
    """Raises UsageError if a word has the form of a key. URLs are checked where they are read."""
    for word, (option, _) in zip(words, option_values(words), strict=True):
        if option == HEADER or "://" in word or not resembles_key(word):
            continue
        is_named = option.startswith("--") and not resembles_key(option)
        what = option if is_named else "a word of the command line"
        raise UsageError(f"{what} looks like an API key: {ADVICE}")
