"""Merging of deltas into the object that they add up to, for any protocol."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from harness.model import Json

# These are sent whole in each delta: "assistant" twice must not become "assistantassistant".
NOT_CONCATENATED: Final = frozenset({"id", "type", "role", "index"})


def merge(deltas: Sequence[Json]) -> Json:
    """Concatenate texts and lists, merge objects member by member; otherwise the last value counts.

    Null is ignored. The time is linear in the size of the deltas, whatever their keys.
    """
    parts = [delta for delta in deltas if delta is not None]
    if not parts:
        return None
    if all(isinstance(part, str) for part in parts):
        return "".join(parts)
    if all(isinstance(part, list) for part in parts):
        return [item for part in parts for item in part]
    if not all(isinstance(part, dict) for part in parts):
        return parts[-1]
    columns: dict[str, list[Json]] = {}
    for part in parts:
        for key, value in part.items():
            columns.setdefault(key, []).append(value)
    return {key: _merge_member(key, values) for key, values in columns.items()}


def _merge_member(key: str, values: list[Json]) -> Json:
    if key in NOT_CONCATENATED:
        return next((value for value in values if value not in (None, "")), values[0])
    if key == "name":  # Some servers repeat the whole name, others send it in pieces.
        return merge(list(dict.fromkeys(v for v in values if isinstance(v, str)))) or values[-1]
    return merge(values)
