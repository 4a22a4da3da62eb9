"""The index of a choice, a tool call, a content block or an item."""

from __future__ import annotations

from harness.model import Json


def index_of(data: Json) -> int | None:
    """Return the member `index` if it is a whole number."""
    return whole(data.get("index")) if isinstance(data, dict) else None


def whole(value: Json) -> int | None:
    """Return a value if it is a whole number; 1.0 is one, as in JSON Schema."""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return value if isinstance(value, int) and not isinstance(value, bool) else None
