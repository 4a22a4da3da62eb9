"""body, events, headers, schema: JSON Schemas on parts of an answer."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from harness.language.checks.base import Check, NotApplicable, format_value
from harness.model import Answer, Finding, Json, Pairs
from harness.util import json_schema, jsonpath

SCHEMA = {"type": ["object", "boolean"]}
PATHS = {
    "type": "object",
    "minProperties": 1,
    "propertyNames": {"pattern": r"^\$"},
    "additionalProperties": SCHEMA,
}
IMPLIED = {
    "pattern": "string",
    "minLength": "string",
    "minItems": "array",
    "contains": "array",
    "minimum": "number",
    "exclusiveMinimum": "number",
    "minProperties": "object",
    "required": "object",
}
NAMES = {"type": "object", "minProperties": 1, "additionalProperties": SCHEMA}


def conforming(wanted: Mapping[str, Json], data: Json, prefix: str = "") -> Iterator[Finding]:
    """`{JSONPath: JSON Schema}` on one document."""
    for in_cases, schema in wanted.items():
        path = in_cases.removesuffix("?")
        nodes = jsonpath.find(path, data)
        if schema is False:
            for at, value in nodes:
                yield Finding(prefix + at, "nothing here", format_value(value))
        elif not nodes and not in_cases.endswith("?"):
            yield Finding(prefix + path, "a value", "nothing there")
        else:
            for at, value in nodes:
                for inner, complaint in json_schema.errors_inline(meant(schema), value):
                    yield Finding(prefix + at + inner, complaint, format_value(value))


def meant(schema: Json) -> Json:
    """JSON Schema lets a least length hold for null too; who writes one means that it is there.

    A greatest one says nothing of the kind: no calls at all may well be null.
    """
    if not isinstance(schema, dict) or "type" in schema:
        return schema
    kinds = sorted({kind for keyword, kind in IMPLIED.items() if keyword in schema})
    return {"type": kinds, **schema} if kinds else schema


def body(args: Json, answers: Sequence[Answer], against: Sequence[Answer]) -> Iterator[Finding]:
    for answer in answers:
        if answer.unreadable:
            yield Finding("body", "a JSON document", answer.unreadable)
        else:
            yield from conforming(args, answer.body)


def events(args: Json, answers: Sequence[Answer], against: Sequence[Answer]) -> Iterator[Finding]:
    streams = [answer for answer in answers if answer.streamed]
    if not streams:
        raise NotApplicable
    for answer in streams:
        yield from conforming(args, list(answer.chunks), "events ")


def headers(args: Json, answers: Sequence[Answer], against: Sequence[Answer]) -> Iterator[Finding]:
    for answer in answers:
        yield from headers_conforming(args, answer.headers)


def headers_conforming(wanted: Mapping[str, Json], pairs: Pairs) -> Iterator[Finding]:
    """`{name: JSON Schema}` on header pairs; each occurrence must conform."""
    for in_cases, schema in wanted.items():
        name = in_cases.removesuffix("?")
        values = [value for key, value in pairs if key.lower() == name.lower()]
        if schema is False and values:
            yield Finding(f"header {name}", "no such header", format_value(values))
        elif schema is not False and not values and not in_cases.endswith("?"):
            yield Finding(f"header {name}", "the header", "no such header")
        elif schema is not False:
            for value in values:
                for _, complaint in json_schema.errors_inline(schema, value):
                    yield Finding(f"header {name}", complaint, format_value(value))


def schema(args: Json, answers: Sequence[Answer], against: Sequence[Answer]) -> Iterator[Finding]:
    for answer in answers:
        if answer.unreadable:
            yield Finding("body", f"a document after {args}", answer.unreadable)
            continue
        for at, complaint in json_schema.errors(args, answer.body):
            yield Finding(at or "body", complaint, f"not after {args}")


def shape(args: Json, answers: Sequence[Answer], against: Sequence[Answer]) -> Iterator[Finding]:
    """Unasked, on every chat answer: its whole schema, and of a stream its laws.

    Of one that `fails` as it is to do nobody asks for the rest.
    """
    for answer in answers:
        for law in answer.violations:
            if not (args.get("fails") and law.rule == "stream.error"):
                yield Finding(law.at, law.expected, law.got, rule=law.rule, level=law.level)
        failed = answer.status is not None and answer.status >= 400
        broken = any(law.level == "must" for law in answer.violations) or answer.end != "complete"
        if failed or not (answer.streamed and broken):
            yield from schema(args["error" if failed else "answer"], [answer], against)


BODY = Check("body", "effect", PATHS, body)
EVENTS = Check("events", "effect", PATHS, events)
HEADERS = Check("headers", "effect", NAMES, headers)
NAMED_SCHEMA = Check("schema", "shape", {"type": "string", "pattern": "^[a-z]+/[a-z_-]+$"}, schema)
SHAPE = Check("shape", "shape", True, shape, in_cases=False)
