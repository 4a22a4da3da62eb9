"""Mutants of tool definitions and tool calls."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

from harness.testbed.base import Mutant
from harness.testbed.gateway.gateway import Overrides
from harness.testbed.gateway.model_types import Json, ModelRequest, Tool
from harness.testbed.mutants.openai.operators import (
    Body,
    call,
    crashes,
    forgives,
    has,
    has_value,
    misreads,
    refuses,
    values_at,
)

CALLS = "body $.choices[0].message.tool_calls"
NAME = "body $.choices[0].message.tool_calls[*].function.name"
ARGUMENTS = "body $.choices[0].message.tool_calls[*].function.arguments"
SCHEMA = ("tools", "*", "function", "parameters")
EMPTY = {"type": "object", "properties": {}}


def each_tool(**changes: Json) -> Overrides:
    def tool(original: Callable[[Body], Tool], function: Body) -> Tool:
        return replace(original(function), **changes)

    return {"tool": tool}


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


def has_no_parameters(body: Body) -> bool:
    return any("parameters" not in f for f in values_at(body, "tools", "*", "function"))


def has_bad_name(body: Body) -> bool:
    names = list(values_at(body, "tools", "*", "function", "name"))
    return any(not isinstance(name, str) or not name or " " in name for name in names)


def truncate_name(item: Body) -> None:
    item["function"]["name"] = item["function"]["name"][:40]


def empty_arguments(item: Body) -> None:
    if item["function"]["arguments"] == "{}":
        item["function"]["arguments"] = ""


def invent_tool(request: ModelRequest) -> tuple[Tool, ...]:
    return request.tools or (Tool("ready", "", EMPTY),)


def has_no_name(body: Body) -> bool:
    """Tests whether a tool has no name."""
    return any("name" not in f for f in values_at(body, "tools", "*", "function"))


TOOLS = (
    Mutant("tools.lost", "drops tools", "tools.called", CALLS, misreads(tools=lambda request: ())),

    Mutant("tools.empty-crash", "returns a 500 for an empty list of tools", "tools.empty", "status",
           crashes(has_value("tools", value=[]))),
    Mutant("tools.malformed", "ignores malformed tools", "tools.malformed", "rejected.refused",
           forgives("tools")),
    Mutant("tools.name-shortened", "truncates tool names", "tools.function.name.longest",
           NAME, call(truncate_name)),
    Mutant("tools.name-illegal", "ignores tools with an invalid name",
           "tools.function.name.illegal", "rejected.refused", forgives("tools")),
    Mutant("tools.name-illegal-crash", "returns a 500 for an invalid tool name",
           "tools.function.name.illegal", "rejected.status", crashes(has_bad_name)),
    Mutant("tools.name-missing", "ignores tools without a name", "tools.function.name.missing",
           "required.refused", forgives("tools")),
    Mutant("tools.name-missing-crash", "returns a 500 for a tool without a name",
           "tools.function.name.missing", "required.status", crashes(has_no_name)),
    Mutant("tools.description-lost", "drops tool descriptions", "tools.function.description",
           "any_of", each_tool(description="")),
    Mutant("tools.parameters-lost", "drops tool parameters", "tools.function.parameters", "any_of",
           each_tool(parameters=EMPTY)),
    Mutant("tools.parameters-kinds", "rejects enum and anyOf", "tools.function.parameters.kinds",
           "status", refuses(has_enum_or_any_of, "parameters")),
    Mutant("tools.parameters-required", "requires tool parameters",
           "tools.function.parameters.omitted", "status", refuses(has_no_parameters, "parameters")),
    Mutant("tools.no-arguments", "sends empty arguments for a tool without parameters",
           "tools.function.parameters.omitted", ARGUMENTS, call(empty_arguments)),
    Mutant("tools.no-arguments-either", "sends empty arguments for a tool without parameters",
           "tools.no-arguments", ARGUMENTS, call(empty_arguments)),
    Mutant("tools.strict", "validates the schemas of strict tools", "behaviour.strict", "status",
           refuses(breaks_strict_mode, "strict")),
    Mutant("tools.parallel", "ignores parallel_tool_calls", "parallel_tool_calls.false", CALLS,
           misreads(parallel=lambda request: True)),
    Mutant("tools.parallel-refused", "rejects parallel_tool_calls", "parallel_tool_calls.true",
           "status", refuses(has("parallel_tool_calls"), "parallel_tool_calls")),
    Mutant("tools.invented", "calls a tool that was not offered",
           "response.choices.message.tool_calls.none", "body $.choices[0].message.tool_calls",
           misreads(tools=invent_tool, choice=lambda request: "any")),
    Mutant("tools.invented-too", "calls a tool that was not offered", "shape.no-calls",
           "body $.choices[0].message.tool_calls",
           misreads(tools=invent_tool, choice=lambda request: "any")),
)  # fmt: skip
