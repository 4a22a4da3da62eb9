r"""Finds and removes the correlation id of a request body.

A correlation id is written `\n[ref:0123abcd]` at the end of a text, with eight hexadecimal digits.
"""

from __future__ import annotations

import re

_ID = re.compile(rb"\[ref:([0-9a-f]{8})\]")
# With the newline before it as JSON writes it, or as JSON inside a JSON string, at any depth.
# A search begins only where a run of backslashes does, or it would take quadratic time.
_WITH_NEWLINE = re.compile(rb"(?:(?<!\\)\\++(?:n|u000[aA]))?\[ref:[0-9a-f]{8}\]")


def find(body: bytes) -> str:
    """Returns the digits of the last correlation id, or an empty string.

    A conversation that a gateway stores has the ids of earlier requests before it.
    """
    ids: list[bytes] = _ID.findall(body)
    return ids[-1].decode() if ids else ""


def digits(correlation_id: str) -> str:
    """Returns the digits of a correlation id that is given in full or by its digits."""
    return find(correlation_id.encode()) or correlation_id


def remove(body: bytes) -> bytes:
    return _WITH_NEWLINE.sub(b"", body)
