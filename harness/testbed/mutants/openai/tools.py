"""Mutants of tool definitions and tool calls."""

from __future__ import annotations

from collections.abc import Iterator

from harness.testbed.base import Mutant
from harness.testbed.gateway.model_types import Json, ModelRequest, Tool
from harness.testbed.mutants.openai.operators import (
    Body,
    crashes,
    misreads,
    refuses,
    values_at,
)
from harness.testbed.mutation.rows import mutants_in

SCHEMA = ("tools", "*", "function", "parameters")
EMPTY = {"type": "object", "properties": {}}


def keywords(schema: Json) -> Iterator[str]:
    """Yields the keywords of a schema and its subschemas."""
    if isinstance(schema, dict):
        for key, value in schema.items():
            yield key
            yield from keywords(value)


def has_enum_or_any_of(body: Body) -> bool:
    return any({"enum", "anyOf"} & set(keywords(schema)) for schema in values_at(body, *SCHEMA))


def breaks_strict_mode(body: Body) -> bool:
    """Tests whether a strict schema has an optional field, which OpenAI's strict mode rejects."""
    return any(
        function.get("strict") is True
        and set(function.get("parameters", {}).get("required", ()))
        != set(function.get("parameters", {}).get("properties", ()))
        for function in values_at(body, "tools", "*", "function")
    )


def has_bad_name(body: Body) -> bool:
    names = list(values_at(body, "tools", "*", "function", "name"))
    return any(not isinstance(name, str) or not name or " " in name for name in names)


def invent_tool(request: ModelRequest) -> tuple[Tool, ...]:
    return request.tools or (Tool("ready", "", EMPTY),)


def has_no_name(body: Body) -> bool:
    """Tests whether a tool has no name."""
    return any("name" not in f for f in values_at(body, "tools", "*", "function"))


TOOLS = (
    *mutants_in("openai/tools"),

    Mutant("tools.name-illegal-crash", "returns a 500 for an invalid tool name",
           "tools.function.name.illegal", "rejected.status", crashes(has_bad_name)),
    Mutant("tools.name-missing-crash", "returns a 500 for a tool without a name",
           "tools.function.name.missing", "required.status", crashes(has_no_name)),
    Mutant("tools.parameters-kinds", "rejects enum and anyOf", "tools.function.parameters.kinds",
           "status", refuses(has_enum_or_any_of, "parameters")),
    Mutant("tools.strict", "validates the schemas of strict tools", "behaviour.strict", "status",
           refuses(breaks_strict_mode, "strict")),
    Mutant("tools.invented", "calls a tool that was not offered",
           "response.choices.message.tool_calls.none", "body $.choices[0].message.tool_calls",
           misreads(tools=invent_tool, choice=lambda request: "any")),
    Mutant("tools.invented-too", "calls a tool that was not offered", "shape.no-calls",
           "body $.choices[0].message.tool_calls",
           misreads(tools=invent_tool, choice=lambda request: "any")),
)  # fmt: skip
