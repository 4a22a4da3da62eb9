"""The checks `body`, `events`, `schema` and `shape`: JSON Schemas on an answer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from harness.language.checks.base import Controls, Findings, NotApplicable, Undecided, check
from harness.language.checks.negative import accepts_only_empty, examined, is_negative
from harness.language.checks.status import failure_signal
from harness.model import Answer, Finding, Json
from harness.util import json_schema, jsonpath
from harness.util.format_value import format_value

# The type that a keyword implies. Maximums are not listed: null in place of a list of tool calls,
# for example, meets `maxItems: 0`.
IMPLIED_TYPES = {
    "pattern": "string",
    "minLength": "string",
    "minItems": "array",
    "contains": "array",
    "minimum": "number",
    "exclusiveMinimum": "number",
    "minProperties": "object",
    "required": "object",
}

Nodes = list[tuple[str, Json]]
# Violations that a case about a failing stream expects, by the signal of the failure.
EXPECTED_OF_FAILURES: Mapping[str, tuple[str, ...]] = {
    "event": ("stream.error",),
    "incomplete": (
        "stream.stop",
        "stream.stop-reason",
        "stream.block-open",
        "stream.message-delta",
        "stream.done",
        "stream.finish-once",
        "stream.usage",
    ),
}
# The texts of a message. A model can split one text over several blocks, for example at a citation.
TEXT_BLOCKS: Final = "$.content[?@.type=='text'].text"


def check_paths(schemas: Mapping[str, Json], data: Json, prefix: str = "") -> Findings:
    """Validate the values at each path of `{JSONPath: JSON Schema}` in one document.

    A path that ends in `?` can be missing. The schema `false` means that it must be missing.
    """
    for key, schema in schemas.items():
        path = key.removesuffix("?")
        nodes = nodes_at(path, schema, data)
        if schema is False:
            for at, value in nodes:
                yield Finding(prefix + at, "nothing here", format_value(value))
        elif not nodes and not key.endswith("?"):
            yield Finding(prefix + path, "a value", "nothing there")
        else:
            for at, value in examined(schema, nodes):
                for below, error in json_schema.errors_inline(with_implied_type(schema), value):
                    yield Finding(prefix + at + below, error, format_value(value))


def nodes_at(path: str, schema: Json, data: Json) -> Nodes:
    """Return the values at a path; several texts of a message are one if a schema has a pattern."""
    nodes = jsonpath.find(path, data)
    return joined_texts(nodes) if path == TEXT_BLOCKS and examines_words(schema) else nodes


def decided_schemas(schemas: Mapping[str, Json], data: Json) -> Mapping[str, Json]:
    """Leave out the schemas that forbid something where nothing is.

    Raises:
        NotApplicable: No schema is left, and what they forbid can be missing.
        Undecided: No schema is left, and one of the values must be there. Another case reports
            that it is missing.
    """
    empty = [
        key
        for key, schema in schemas.items()
        if is_negative(schema)
        and not examined(schema, nodes_at(key.removesuffix("?"), schema, data))
    ]
    if schemas and len(empty) == len(schemas):
        if missing := [key for key in empty if not key.endswith("?")]:
            raise Undecided(f"nothing is there at {' and '.join(missing)}", "blocked")
        raise NotApplicable
    return {key: schema for key, schema in schemas.items() if key not in empty}


def examines_words(schema: Json) -> bool:
    """Whether a schema has a pattern, on its own or in a part of it."""
    if isinstance(schema, dict):
        return "pattern" in schema or any(map(examines_words, schema.values()))
    return isinstance(schema, list) and any(map(examines_words, schema))


def joined_texts(nodes: Nodes) -> Nodes:
    """Return several texts as one, at the place of the first; other values as they are."""
    texts = [value for _, value in nodes]
    if len(texts) < 2 or not all(isinstance(text, str) for text in texts):
        return nodes
    return [(nodes[0][0], "".join(map(str, texts)))]


def with_implied_type(schema: Json) -> Json:
    """Add the type that the keywords of a schema imply.

    In JSON Schema `minLength: 1` accepts null. In a case it means a non-empty text.
    """
    if not isinstance(schema, dict) or "type" in schema:
        return schema
    types = sorted({name for keyword, name in IMPLIED_TYPES.items() if keyword in schema})
    return {"type": types, **schema} if types else schema


@check("body", "effect")
def body(args: Json, answer: Answer, controls: Controls) -> Findings:
    if answer.unreadable:
        yield Finding("body", "a JSON document", answer.unreadable)
    else:
        yield from check_decided(args, answer.body)


@check("events", "effect")
def events(args: Json, answer: Answer, controls: Controls) -> Findings:
    if not answer.streamed:
        raise NotApplicable
    chunks = list(answer.chunks)
    yield from check_decided(args, chunks, "events ")


def check_decided(args: Mapping[str, Json], data: Json, prefix: str = "") -> Findings:
    """Validate the values. Where an optional value is missing, nothing about it is shown."""
    schemas = decided_schemas(args, data)
    failures = list(check_paths(schemas, data, prefix))
    yield from failures
    missing = [
        key
        for key, schema in schemas.items()
        if key.endswith("?")
        and not accepts_only_empty(schema)
        and not jsonpath.find(key[:-1], data)
    ]
    if missing and len(missing) == len(schemas):
        got = f"nothing at {', '.join(key[:-1] for key in missing)}, which is permitted"
        yield Finding(status="holds", grade="accepted", got=got)


@check("schema", "shape")
def schema(args: Json, answer: Answer, controls: Controls) -> Findings:
    if answer.unreadable:
        yield Finding("body", f"a document that conforms to {args}", answer.unreadable)
        return
    for at, error in json_schema.errors(args, answer.body):
        yield Finding(at or "body", error, f"does not conform to {args}")


@check("shape", "shape", in_cases=False)
def shape(args: Json, answer: Answer, controls: Controls) -> Findings:
    """Validate the whole answer, and a stream's rules. The harness adds it to every chat request.

    If the case expects that the stream fails (`args.fails`), an error event is not a violation,
    and neither is a missing end if the stream gives no reason for it. If the status may be an error
    (`args.may_fail`), the check of the status judges the event.
    `args.error_level` is the level of the form of errors in cases that are about something else.
    """
    signal = failure_signal(answer)
    is_expected = args.get("fails") or (args.get("may_fail") and signal == "event")
    expected = EXPECTED_OF_FAILURES.get(signal, ()) if is_expected else ()
    for v in answer.violations:
        if v.rule not in expected:
            yield Finding(v.at, v.expected, v.got, rule=v.rule, level=v.level)
    failed = answer.status is not None and answer.status >= 400
    incomplete = answer.end != "complete" or any(v.level == "must" for v in answer.violations)
    # An unreadable body, or one assembled from a broken stream, would only repeat the violations.
    unread = bool(answer.unreadable) and any(v.rule == "http.coding" for v in answer.violations)
    if not unread and (failed or not (answer.streamed and incomplete)):
        errors = schema(args["error" if failed else "answer"], answer, controls)
        lenient = failed and args.get("error_level") == "should"
        yield from (replace(f, level="should") if lenient else f for f in errors)
