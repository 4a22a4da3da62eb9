"""The words of a command line, each with the option whose value it is."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise

from harness.util.errors import UsageError


def option_values(words: Sequence[str]) -> Iterator[tuple[str, str]]:
    """Yield each word with the option before it, or "" if it may be an argument.

    `--name=value` is a word with an option of its own.
    """
    for before, word in pairwise(("", *words)):
        option, equals, value = word.partition("=")
        if equals and word.startswith("--"):
            yield option, value
        else:
            is_value = before.startswith("-") and "=" not in before and not word.startswith("-")
            yield before if is_value else "", word


def refuse_empty(words: Sequence[str], prefix: str = "") -> None:
    """Raises UsageError for an empty value, such as that of a variable that is not set.

    Without this error, a run would silently use a default: another target, folder or selection.

    Args:
        prefix: Beginning of the options whose values are checked; "" checks arguments as well.
    """
    for option, value in option_values(words):
        if not value.strip() and option.startswith(prefix):
            what = option or "an argument"
            raise UsageError(f"{what} is empty: leave it out, or set the variable it is taken from")
