"""The index of a choice, a tool call or a content block."""

from __future__ import annotations

from harness.model import Json


def index_of(data: Json) -> int | None:
    """Return the member `index` if it is a whole number; 1.0 is one, as in JSON Schema."""
    index = data.get("index") if isinstance(data, dict) else None
    if isinstance(index, float) and index.is_integer():
        index = int(index)
    return index if isinstance(index, int) and not isinstance(index, bool) else None
