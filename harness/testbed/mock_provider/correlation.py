r"""Body of a request -> the mark it bears, and the body without marks. May not know who set it.

A mark is `\n[ref:0123abcd]` at the end of a text; eight hexadecimal digits tell one from another.
"""

from __future__ import annotations

import re

_MARK = re.compile(rb"\[ref:([0-9a-f]{8})\]")
# With the newline before it as JSON writes it, or JSON within JSON, however deep.
_WHOLE = re.compile(rb"(?:\\+n|\\+u000[aA])?\[ref:[0-9a-f]{8}\]")


def found(body: bytes) -> str:
    """The digits of the first mark, or nothing."""
    mark = _MARK.search(body)
    return mark[1].decode() if mark else ""


def digits(mark: str) -> str:
    """The digits alone, whether a mark is told by them or in full."""
    return found(mark.encode()) or mark


def without(body: bytes) -> bytes:
    return _WHOLE.sub(b"", body)
