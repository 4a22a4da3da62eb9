"""`report.schema.json` and the types of the report describe the same data."""

from __future__ import annotations

import types
from collections.abc import Iterator, Mapping
from typing import (
    Any,
    Literal,
    NotRequired,
    Union,
    get_args,
    get_origin,
    get_type_hints,
    is_typeddict,
)

import jsonschema
import pytest

from harness.report.data import ReportData
from tests.support.report_data import VALID

SCHEMA: dict[str, Any] = VALID.schema  # type: ignore[assignment]
JSON_TYPES = {str: "string", bool: "boolean", int: "integer", float: "number", type(None): "null"}
Pair = tuple[str, Any, dict[str, Any]]


def resolve(schema: dict[str, Any]) -> dict[str, Any]:
    """The schema with its references and its definitions of single types merged into it."""
    name = schema.get("$ref", "").removeprefix("#/$defs/")
    return {**SCHEMA["$defs"][name], **schema} if name else schema


def pairs(name: str, kind: Any, schema: dict[str, Any]) -> Iterator[Pair]:
    """Every part of the type with its part of the schema."""
    schema = resolve(schema)
    if get_origin(kind) is NotRequired:
        kind = get_args(kind)[0]
    yield name, kind, schema
    if is_typeddict(kind):
        for key, inner in get_type_hints(kind, include_extras=True).items():
            if key in schema.get("properties", {}):
                yield from pairs(f"{name}.{key}", inner, schema["properties"][key])
    elif get_origin(kind) is list:
        yield from pairs(f"{name}[]", get_args(kind)[0], schema["items"])
    elif get_origin(kind) is dict and isinstance(schema.get("additionalProperties"), dict):
        yield from pairs(f"{name}.*", get_args(kind)[1], schema["additionalProperties"])


ALL = list(pairs("report", ReportData, SCHEMA))
OBJECTS = [pair for pair in ALL if is_typeddict(pair[1])]
OTHERS = [pair for pair in ALL if not is_typeddict(pair[1]) and pair[1] is not Any]


def test_the_schema_is_a_valid_schema() -> None:
    jsonschema.Draft202012Validator.check_schema(SCHEMA)


@pytest.mark.parametrize(("name", "kind", "schema"), OBJECTS, ids=[pair[0] for pair in OBJECTS])
def test_objects_have_the_same_keys(name: str, kind: Any, schema: dict[str, Any]) -> None:
    keys = get_type_hints(kind, include_extras=True)
    required = {key for key, part in keys.items() if get_origin(part) is not NotRequired}
    assert schema["properties"].keys() == keys.keys()
    assert set(schema["required"]) == required
    assert schema["additionalProperties"] is False


def allowed(kind: Any) -> set[Any]:
    """The JSON types and constants of a Python type."""
    if get_origin(kind) in (Union, types.UnionType):
        return {value for part in get_args(kind) for value in allowed(part)}
    if get_origin(kind) is Literal:
        return set(get_args(kind))
    if get_origin(kind) is list:
        return {"array"}
    return {"object"} if get_origin(kind) in (dict, Mapping) else {JSON_TYPES[kind]}


def described(schema: dict[str, Any]) -> set[Any]:
    """The JSON types and constants that a schema allows."""
    if "oneOf" in schema:
        return {value for part in schema["oneOf"] for value in described(resolve(part))}
    if "const" in schema or "enum" in schema:
        return set(schema.get("enum", ())) | {schema[key] for key in ("const",) if key in schema}
    return {schema["type"]} if isinstance(schema["type"], str) else set(schema["type"])


@pytest.mark.parametrize(("name", "kind", "schema"), OTHERS, ids=[pair[0] for pair in OTHERS])
def test_values_have_the_same_types(name: str, kind: Any, schema: dict[str, Any]) -> None:
    if name == "report.format":
        assert schema["const"] == 2
    elif "type" in schema or "oneOf" in schema or "enum" in schema or "const" in schema:
        assert described(schema) == allowed(kind)


@pytest.mark.parametrize(("name", "kind", "schema"), OBJECTS, ids=[pair[0] for pair in OBJECTS])
def test_every_property_has_a_description(name: str, kind: Any, schema: dict[str, Any]) -> None:
    assert [key for key, part in schema["properties"].items() if not part.get("description")] == []
