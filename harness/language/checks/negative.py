"""Schemas that state nothing about a value that is not there.

Such a schema only forbids something: `{not: {pattern: ...}}`. In JSON Schema, `not: {pattern: x}`
fails for null, and `not: {const: x}` holds; in a case, both decide nothing then. A schema of an
optional value shows nothing either where the value is missing, unless it accepts an empty one only.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from harness.model import Json

COMBINED: Final = ("allOf", "anyOf", "oneOf")
# The type of the values that a forbidden keyword can be found in.
TYPES: Final = {
    "pattern": str,
    "minLength": str,
    "maxLength": str,
    "contains": list,
    "required": dict,
    "properties": dict,
}

EMPTY: Final[Sequence[Json]] = (None, "", [], {})
NO_ELEMENT: Final = ("maxItems", "maxLength", "maxProperties")


def accepts_only_empty(schema: Json) -> bool:
    """Return whether a schema accepts an empty value only, which a missing one is too."""
    if not isinstance(schema, dict):
        return schema is False
    values = schema.get("enum", [schema["const"]] if "const" in schema else ["unknown"])
    none = any(schema.get(key) == 0 for key in NO_ELEMENT) or schema.get("type") == "null"
    return none or all(value in EMPTY for value in values)


def is_negative(schema: Json) -> bool:
    """Return whether a schema forbids something and requires nothing."""
    return isinstance(schema, dict) and schema.keys() == {"not"} and isinstance(schema["not"], dict)


def examines(schema: Json, value: Json) -> bool:
    """Return whether a value can have what a negative schema forbids."""
    parts = list(forbidden(schema["not"]))
    if value is None:
        return any(map(mentions_null, parts))
    types = {TYPES[key] for part in parts for key in part if key in TYPES}
    return not types or any("const" in p or "enum" in p for p in parts) or type(value) in types


def forbidden(schema: Json) -> Iterator[dict[str, Json]]:
    """Yield a forbidden schema and those that it combines."""
    if isinstance(schema, dict):
        yield schema
        for key in COMBINED:
            for inner in schema.get(key, ()):
                yield from forbidden(inner)


def mentions_null(schema: dict[str, Json]) -> bool:
    types = schema.get("type", ())
    values = schema.get("enum", [schema.get("const", False)])
    return None in values or "null" in ([types] if isinstance(types, str) else types)


def examined(schema: Json, nodes: Sequence[tuple[str, Json]]) -> list[tuple[str, Json]]:
    """Return the values about which a schema states something; all, unless it is negative."""
    if not is_negative(schema):
        return list(nodes)
    return [(at, value) for at, value in nodes if examines(schema, value)]
