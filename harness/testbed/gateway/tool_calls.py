"""Chooses a tool for a question and fills in the arguments from its JSON Schema."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from itertools import chain, repeat

from harness.testbed.gateway.model_types import Json, ModelRequest, Tool
from harness.testbed.gateway.text import names, numbers, significant_words

Calls = tuple[tuple[str, str], ...]
_CALL = re.compile(r"\b(?:call|use) the tool ([\w-]+)", re.IGNORECASE)


def make_calls(request: ModelRequest, question: str, forced: bool) -> Calls:
    """Returns one call for each thing the question is about; none if no tool fits."""
    tool = choose(request, question, forced)
    if tool is None:
        return ()
    calls = [(tool.name, json.dumps(a, ensure_ascii=False)) for a in _arguments(tool, question)]
    return tuple(calls if request.parallel else calls[:1])


def as_json(schema: Json, text: str) -> str:
    """Returns an answer as a JSON object that fits the schema; without one, of a single member."""
    values = names(text) or text.rstrip(".!? ").split()[-1:] or ["it"]
    data = _fill(schema, text, values, values) if schema else {"answer": text}
    return json.dumps(data, ensure_ascii=False)


def call_requested_tool(request: ModelRequest, question: str) -> Calls:
    """Calls the tool that the user's last message asks to call by its name."""
    last = request.turns[-1] if request.turns else None
    may_call = last is not None and last.text.strip() and request.choice == "auto"
    match = _CALL.search(question) if may_call else None
    if not match or match[1] not in {tool.name for tool in request.tools}:
        return ()
    return make_calls(request, question, forced=False)


def choose(request: ModelRequest, question: str, forced: bool) -> Tool | None:
    """Returns the tool that the question names last, or the one that shares most words with it.

    Words of a tool's name count double.
    """
    if request.choice == "only":
        return next((tool for tool in request.tools if tool.name == request.only), None)
    named = [(question.rfind(tool.name), tool) for tool in request.tools if tool.name in question]
    if named:
        return max(named, key=lambda item: item[0])[1]
    words = significant_words(question)

    def score(tool: Tool) -> int:
        return 2 * len(words & significant_words(tool.name)) + len(
            words & significant_words(tool.description)
        )

    best = max(request.tools, key=score, default=None)
    return best if best is not None and (forced or score(best)) else None


def _properties(schema: Json) -> dict[str, Json]:
    properties = schema.get("properties") if isinstance(schema, dict) else None
    return properties if isinstance(properties, dict) else {}


def _kind(schema: Json) -> str:
    kind = schema.get("type", "string") if isinstance(schema, dict) else "string"
    return str(next(iter(kind), "string") if isinstance(kind, list) else kind)


def _arguments(tool: Tool, question: str) -> list[Json]:
    """Returns argument objects; names are assigned in turn to the string properties."""
    values = names(question) or question.rstrip(".!? ").split()[-1:] or ["it"]
    free = [
        schema
        for schema in _properties(tool.parameters).values()
        if _kind(schema) == "string" and not (isinstance(schema, dict) and "enum" in schema)
    ]
    step = len(free)
    groups = [values[at : at + step] for at in range(0, len(values), step)] if free else [[]]
    return [_fill(tool.parameters, question, group, values) for group in groups]


def _fill(schema: Json, question: str, group: list[str], values: list[str]) -> dict[str, Json]:
    properties = _properties(schema)
    required = schema.get("required") if isinstance(schema, dict) else None
    needed = required if isinstance(required, list) else list(properties)
    strings = chain(group, repeat(group[-1] if group else ""))
    floats = chain(numbers(question), repeat(1.0))
    arguments: dict[str, Json] = {}
    for name, inner in properties.items():
        reply = isinstance(inner, dict) and any(
            str(value).lower() in question.lower() for value in inner.get("enum", ())
        )
        if name in needed or reply:
            arguments[name] = _value(inner, question, strings, floats, values)
    return arguments


def _value(
    schema: Json, question: str, strings: Iterator[str], floats: Iterator[float], values: list[str]
) -> Json:
    options = schema.get("enum") if isinstance(schema, dict) else None
    if isinstance(options, list) and options:
        mentioned = (value for value in options if str(value).lower() in question.lower())
        return next(mentioned, options[0])
    match _kind(schema):
        case "integer":
            return int(next(floats))
        case "number":
            return next(floats)
        case "boolean":
            return True
        case "array":
            return values
        case "object":
            return _fill(schema, question, values, values)
        case "null":
            return None
        case _:
            return next(strings)
