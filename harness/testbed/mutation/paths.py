"""Places in JSON data that a path selects, with what contains them.

A path is a JSONPath (RFC 9535), or several in a row, as in `$.messages[?@.role=='tool'] | $[-1:]`:
each further one selects in the list of the values that were selected before it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from jsonpath_rfc9535 import JSONPathQuery

Json = Any
Location = tuple[str | int, ...]
_NEXT = " | $"
_LAST_NAME = re.compile(r"(?P<parent>.+?)(?:\.(?P<word>[^\W\d][\w-]*)|\['(?P<quoted>[^']+)'\])")


@cache
def compile_path(path: str) -> JSONPathQuery:
    """Parses a path. Raises jsonpath_rfc9535.JSONPathError."""
    from jsonpath_rfc9535 import JSONPathEnvironment

    return JSONPathEnvironment().compile(path)


def split_steps(path: str) -> list[str]:
    """Splits a path into its JSONPaths."""
    first, *others = path.split(_NEXT)
    return [first, *(f"${other}" for other in others)]


def nodes(path: str, data: Json) -> list[tuple[Location, Json]]:
    """Returns location and value of each node, in document order."""
    first, *others = split_steps(path)
    selected = [(node.location, node.value) for node in compile_path(first).find(data)]
    for step in others:
        outer = [location for location, _ in selected]
        inner = compile_path(step).find([value for _, value in selected])
        selected = [
            ((*outer[int(node.location[0])], *node.location[1:]), node.value)
            for node in inner
            if node.location
        ]
    return selected


def values(path: str, data: Json) -> list[Json]:
    """Returns the values of all nodes, in document order."""
    return [value for _, value in nodes(path, data)]


def locations(path: str, data: Json) -> list[Location]:
    """Returns the location of each node once, in document order; none for `$`."""
    return [*dict.fromkeys(location for location, _ in nodes(path, data) if location)]


def place(location: Location, data: Json) -> tuple[Json, str | int]:
    *parents, key = location
    for step in parents:
        data = data[step]
    return data, key


def places(path: str, data: Json) -> list[tuple[Json, str | int]]:
    """Returns the object or list that contains each node, and its key there; not for `$`."""
    return [place(location, data) for location in locations(path, data)]


def from_the_end(path: str, data: Json) -> list[tuple[Json, str | int]]:
    """Returns the places, later items of a list first: the keys stay true if items are removed."""
    return [place(location, data) for location in sorted(locations(path, data), reverse=True)]


def members(path: str, data: Json) -> Iterator[tuple[dict[str, Json], str]]:
    """Yields the objects in which the last name of a path stands or could stand, and the name."""
    parent, name = split_name(path)
    for owner in values(parent, data) if name else ():
        if isinstance(owner, dict):
            yield owner, name


def split_name(path: str) -> tuple[str, str]:
    """Splits a path at its last name; the name is empty if it ends otherwise, as in `$..name`."""
    match = _LAST_NAME.fullmatch(path)
    if match is None or match["parent"].endswith("."):
        return path, ""
    return match["parent"], match["word"] or match["quoted"]
