"""Keys that a file format had under another name, so that the message can give the new one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from harness.model import Json

# Schema -> where the key stands (`*` is every member or item) -> the name it has now.
RENAMED: Final[Mapping[str, Mapping[tuple[str, ...], str]]] = {
    "target": {("fronts",): "endpoints", ("fields",): "deviations"},
    "claims": {("fields",): "deviations"},
    "pack": {("other",): "other_protocols"},
    "rows": {("rows", "*", "status"): "documented_as"},
}


def renamed_keys(schema: str, data: Json) -> Iterator[tuple[str, str]]:
    """(JSON Pointer, message) of every key in `data` that is called differently now.

    The key is renamed in `data`, so that it does not count as unknown and as missing as well.
    """
    for path, new in RENAMED.get(schema, {}).items():
        for pointer, parent in _members(data, path[:-1]):
            if isinstance(parent, dict) and path[-1] in parent:
                value = parent.pop(path[-1])
                parent.setdefault(new, value)
                yield f"{pointer}/{path[-1]}", f"`{path[-1]}` is now called `{new}`; rename it"


def _members(data: Json, path: tuple[str, ...], pointer: str = "") -> Iterator[tuple[str, Json]]:
    if not path:
        yield pointer, data
    elif path[0] == "*":
        for index, item in enumerate(data if isinstance(data, list) else ()):
            yield from _members(item, path[1:], f"{pointer}/{index}")
    elif isinstance(data, dict) and path[0] in data:
        yield from _members(data[path[0]], path[1:], f"{pointer}/{path[0]}")
