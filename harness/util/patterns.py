"""Regular expressions of others: a search ends after a time, however the expression is written."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache
from typing import Final

SECONDS: Final = 1.0  # for one search; a usual one takes less than a millisecond


class SlowPatternError(Exception):
    """A search takes too long."""


def search(pattern: str, text: str) -> bool:
    """Return whether a pattern is found in a text. Raises re.error, SlowPatternError."""
    return _searcher(pattern)(text)


@lru_cache(maxsize=4096)
def _searcher(pattern: str) -> Callable[[str], bool]:
    import regex  # it reads what `re` reads; imported on first use

    re.compile(pattern)  # what is valid does not depend on the second library
    try:
        compiled = regex.compile(pattern)
    except regex.error:
        ours = re.compile(pattern)
        return lambda text: ours.search(text) is not None

    def is_found(text: str) -> bool:
        try:
            return compiled.search(text, timeout=SECONDS) is not None
        except TimeoutError:
            start = pattern if len(pattern) <= 60 else f"{pattern[:59]}…"
            message = (
                f"the pattern {start} takes more than {SECONDS:g} s on {len(text):,} characters"
            )
            raise SlowPatternError(message) from None

    return is_found
