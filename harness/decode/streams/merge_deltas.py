"""Deltas -> the whole they add up to. May not know a protocol."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from harness.model import Json

# Sent whole, however often: joining "assistant" to "assistant" would make a new word.
WHOLE: Final = frozenset({"id", "type", "role", "index"})


def joined(deltas: Sequence[Json]) -> Json:
    """Texts and lists are concatenated, objects joined member by member, of others the last counts.

    Null adds nothing. Linear in the size of the deltas, whatever their keys.
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
    return {key: _member(key, values) for key, values in columns.items()}


def _member(key: str, values: list[Json]) -> Json:
    if key in WHOLE:
        return next((value for value in values if value not in (None, "")), values[0])
    if key == "name":  # repeated whole by some, cut in pieces by others
        return joined(list(dict.fromkeys(v for v in values if isinstance(v, str)))) or values[-1]
    return joined(values)
