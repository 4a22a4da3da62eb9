"""Short texts for values in messages; the time does not grow with what is left out."""

from __future__ import annotations

import json
from typing import Any, Final

from harness.model import Json

SMALL: Final = 20_000  # characters and values; a larger value is written only in part


def format_value(value: Json, longest: int = 160) -> str:
    """Return a value as JSON, truncated to `longest` characters."""
    text, is_whole = json_start(value, longest)
    if len(text) <= longest and is_whole:
        return text
    size = f"{len(text)}" if is_whole else f"more than {SMALL:,}"
    return f"{text[:longest]}... ({size} characters)"


def json_start(value: Json, longest: int, **options: Any) -> tuple[str, bool]:
    """Return a value as JSON, or at least its first `longest` characters, and whether it is whole.

    Args:
        options: Those of `json.dumps`.
    """
    if is_small(value):
        return json.dumps(value, ensure_ascii=False, **options), True
    pieces: list[str] = []
    length = 0
    for piece in json.JSONEncoder(ensure_ascii=False, **options).iterencode(value):
        pieces.append(piece[: longest + 1])
        length += len(piece)
        if length > longest:
            break
    return "".join(pieces), False


def is_small(value: Json) -> bool:
    """Return whether the texts and values in a value are SMALL together."""
    size, todo = 0, [value]
    while todo:
        item = todo.pop()
        if isinstance(item, str):
            size += len(item)
        elif isinstance(item, dict):
            size += sum(map(len, item)) if len(item) <= SMALL else SMALL
            todo.extend(item.values())
        elif isinstance(item, list | tuple):
            if len(item) > SMALL:
                return False
            todo.extend(item)
        size += 1
        if size + len(todo) > SMALL:
            return False
    return True
