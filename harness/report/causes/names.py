"""Names of fields and features in sentences."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from harness.report.text import one_line

MAX_NAMES: Final = 3
IN_WORDS: Final = ("a ", "no ", "several ", "authentication", "the client", "header ")


def quoted(path: str) -> str:
    """Return a row's path as code; one in parentheses is a description."""
    return path[1:-1] if path.startswith("(") and path.endswith(")") else code(path)


def join_names(names: Sequence[str]) -> str:
    """Return `a`, `a and b`, or `a, b, c and 4 more`."""
    shown, more = list(names[:MAX_NAMES]), len(names) - MAX_NAMES
    if more > 0:
        shown.append(f"{more} more")
    return " and ".join(filter(None, (", ".join(shown[:-1]), *shown[-1:])))


def code(text: str, limit: int = 90) -> str:
    """Return a text of others as code that it cannot close."""
    line = one_line(text, limit).replace("`", "'")
    return f"`{line}`" if line else "nothing"


def title_line(text: str, limit: int = 240) -> str:
    """Return a title in one line; code that is cut is closed."""
    line = one_line(text, limit)
    return f"{line}`" if line.count("`") % 2 else line


def feature_text(feature: str) -> str:
    """Return a feature of requests as code, unless it is a description."""
    return feature if feature.startswith(IN_WORDS) else code(feature)
