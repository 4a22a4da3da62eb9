"""Question, tools -> calls filled in from the tools' schemas. May not know a tool by name."""

from __future__ import annotations

import json
from collections.abc import Iterator
from itertools import chain, repeat

from harness.testbed.gateway.model_types import Ask, Json, Tool
from harness.testbed.gateway.text import bag, names, numbers

Calls = tuple[tuple[str, str], ...]


def calls(ask: Ask, question: str, forced: bool) -> Calls:
    """The calls an obliging model makes: one per thing asked about, none if no tool fits."""
    tool = choose(ask, question, forced)
    if tool is None:
        return ()
    made = [(tool.name, json.dumps(a, ensure_ascii=False)) for a in _fillings(tool, question)]
    return tuple(made if ask.parallel else made[:1])


def choose(ask: Ask, question: str, forced: bool) -> Tool | None:
    """The tool that shares most words with the question, by its name first, then by description."""
    if ask.choice == "only":
        return next((tool for tool in ask.tools if tool.name == ask.only), None)
    wanted = bag(question)

    def score(tool: Tool) -> int:
        return 2 * len(wanted & bag(tool.name)) + len(wanted & bag(tool.description))

    best = max(ask.tools, key=score, default=None)
    return best if best is not None and (forced or score(best)) else None


def _properties(schema: Json) -> dict[str, Json]:
    properties = schema.get("properties") if isinstance(schema, dict) else None
    return properties if isinstance(properties, dict) else {}


def _kind(schema: Json) -> str:
    kind = schema.get("type", "string") if isinstance(schema, dict) else "string"
    return str(next(iter(kind), "string") if isinstance(kind, list) else kind)


def _fillings(tool: Tool, question: str) -> list[Json]:
    """Argument objects: names are dealt out in turn to the free string properties."""
    found = names(question) or question.rstrip(".!? ").split()[-1:] or ["it"]
    free = [
        schema
        for schema in _properties(tool.parameters).values()
        if _kind(schema) == "string" and not (isinstance(schema, dict) and "enum" in schema)
    ]
    deals = [found[at : at + len(free)] for at in range(0, len(found), len(free))] if free else [[]]
    return [_fill(tool.parameters, question, deal, found) for deal in deals]


def _fill(schema: Json, question: str, deal: list[str], found: list[str]) -> dict[str, Json]:
    properties = _properties(schema)
    required = schema.get("required") if isinstance(schema, dict) else None
    needed = required if isinstance(required, list) else list(properties)
    pool = chain(deal, repeat(deal[-1] if deal else ""))
    digits = chain(numbers(question), repeat(1.0))
    filled: dict[str, Json] = {}
    for name, inner in properties.items():
        said = isinstance(inner, dict) and any(
            str(value).lower() in question.lower() for value in inner.get("enum", ())
        )
        if name in needed or said:
            filled[name] = _value(inner, question, pool, digits, found)
    return filled


def _value(
    schema: Json, question: str, pool: Iterator[str], digits: Iterator[float], found: list[str]
) -> Json:
    options = schema.get("enum") if isinstance(schema, dict) else None
    if isinstance(options, list) and options:
        spoken = (value for value in options if str(value).lower() in question.lower())
        return next(spoken, options[0])
    match _kind(schema):
        case "integer":
            return int(next(digits))
        case "number":
            return next(digits)
        case "boolean":
            return True
        case "array":
            return found
        case "object":
            return _fill(schema, question, found, found)
        case "null":
            return None
        case _:
            return next(pool)
