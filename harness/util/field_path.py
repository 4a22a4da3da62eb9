"""Singular JSONPaths of request fields (`$.messages[0].name`) and their JSON Pointers."""

from __future__ import annotations

import re
from typing import Final

_SEGMENT: Final = re.compile(
    r"""\.(?P<name>[^\W\d][\w-]*)|\[(?P<index>\d+)\]|\['(?P<single>[^']+)'\]|\["(?P<double>[^"]+)"\]"""
)


def to_pointer(path: str) -> str:
    """Return the JSON Pointer of the place that a singular JSONPath (RFC 9535) names.

    Args:
        path: such as `$.temperature`, `$.messages[0].name` or `$['a.b']`.

    Raises:
        ValueError: `path` can name more than one place, or is not a JSONPath.
    """
    if not path.startswith("$"):
        raise ValueError("a field is a JSONPath such as $.temperature")
    tokens, position = [], 1
    while position < len(path):
        segment = _SEGMENT.match(path, position)
        if segment is None:
            raise ValueError(
                f"`{path[position:]}` does not name one place; write $.name, $.list[0] or $['name']"
            )
        tokens.append(next(text for text in segment.groups() if text is not None))
        position = segment.end()
    return "".join(f"/{token.replace('~', '~0').replace('/', '~1')}" for token in tokens)


def from_pointer(pointer: str) -> str:
    """Return the JSONPath of a JSON Pointer. Digits are read as list indexes."""
    path = "$"
    for token in pointer.split("/")[1:]:
        name = token.replace("~1", "/").replace("~0", "~")
        if name.isdecimal():
            path += f"[{name}]"
        else:
            path += f".{name}" if re.fullmatch(r"[^\W\d]\w*", name) else f"['{name}']"
    return path
