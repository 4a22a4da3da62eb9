"""Places in JSON data that a JSONPath (RFC 9535) selects, with what contains them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from jsonpath_rfc9535 import JSONPathQuery

Json = Any
_LAST_NAME = re.compile(r"(?P<parent>.+?)(?:\.(?P<word>[^\W\d][\w-]*)|\['(?P<quoted>[^']+)'\])")


@cache
def compile_path(path: str) -> JSONPathQuery:
    """Parses a path. Raises jsonpath_rfc9535.JSONPathError."""
    from jsonpath_rfc9535 import JSONPathEnvironment

    return JSONPathEnvironment().compile(path)


def values(path: str, data: Json) -> list[Json]:
    """Returns the values of all nodes, in document order."""
    return [node.value for node in compile_path(path).find(data)]


def places(path: str, data: Json) -> list[tuple[Json, str | int]]:
    """Returns the object or list that contains each node, and its key there; not for `$`."""
    selected = []
    for node in compile_path(path).find(data):
        *parents, key = node.location
        owner = data
        for step in parents:
            owner = owner[step]
        selected.append((owner, key))
    return selected


def members(path: str, data: Json) -> Iterator[tuple[dict[str, Json], str]]:
    """Yields the objects in which the last name of a path stands or could stand, and the name."""
    parent, name = split_name(path)
    for owner in values(parent, data):
        if isinstance(owner, dict):
            yield owner, name


def split_name(path: str) -> tuple[str, str]:
    """Splits a path at its last name; the name is empty if it ends in a number or selector."""
    match = _LAST_NAME.fullmatch(path)
    if match is None:
        return path, ""
    return match["parent"], match["word"] or match["quoted"]
