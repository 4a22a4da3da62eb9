"""Validation reports each error with its place and a message; it never fetches and never raises."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from harness.model import Json
from harness.util import json_schema, paths
from harness.util.json_schema import checker
from harness.util.json_schema.messages import MAX_LENGTH, truncate
from tests.support.json_edit import GONE, changed

USAGE = {"prompt_tokens": 1, "completion_tokens": 2, "total_tokens": 3}
CALL = {"id": "c1", "type": "function", "function": {"name": "f", "arguments": "{}"}}
PLAIN: dict[str, Any] = {
    "id": "x",
    "object": "chat.completion",
    "created": 1,
    "model": "m",
    "choices": [
        {"index": 0, "message": {"role": "assistant", "content": "a"}, "finish_reason": "stop"}
    ],
    "usage": USAGE,
}
CHUNK: dict[str, Any] = {
    "id": "x",
    "object": "chat.completion.chunk",
    "created": 1,
    "model": "m",
    "choices": [{"index": 0, "delta": {"role": "assistant", "content": ""}, "finish_reason": None}],
}
ERROR: dict[str, Any] = {"error": {"message": "no", "type": "invalid_request_error"}}
MODEL: dict[str, Any] = {"id": "m", "object": "model", "created": 1, "owned_by": "us"}
MODELS: dict[str, Any] = {"object": "list", "data": [MODEL]}
TOKEN = {"token": "a", "logprob": -0.1, "bytes": [97], "top_logprobs": []}
MESSAGE, CHOICE = "choices.0.message", "choices.0"
DELTA = "choices.0.delta"

VALID: list[tuple[str, dict[str, Any], str, Any]] = [
    ("openai/completion", PLAIN, "extra", {"deep": [1]}),
    ("openai/completion", PLAIN, "usage", GONE),
    ("openai/completion", PLAIN, "usage", None),
    ("openai/completion", PLAIN, "usage.prompt_tokens_details", {"cached_tokens": 0, "x": "y"}),
    ("openai/completion", PLAIN, "usage.completion_tokens_details", None),
    ("openai/completion", PLAIN, "system_fingerprint", None),
    ("openai/completion", PLAIN, f"{CHOICE}.logprobs", None),
    ("openai/completion", PLAIN, f"{CHOICE}.logprobs", {"content": [TOKEN], "refusal": None}),
    ("openai/completion", PLAIN, f"{MESSAGE}.content", None),
    ("openai/completion", PLAIN, f"{MESSAGE}.refusal", None),
    ("openai/completion", PLAIN, f"{MESSAGE}.tool_calls", None),
    ("openai/completion", PLAIN, f"{MESSAGE}.tool_calls", [CALL]),
    ("openai/completion", PLAIN, MESSAGE, {"role": "assistant", "tool_calls": [CALL]}),
    (
        "openai/completion",
        PLAIN,
        MESSAGE,
        {"role": "assistant", "function_call": {"name": "f", "arguments": ""}},
    ),
    (
        "openai/completion",
        PLAIN,
        f"{MESSAGE}.tool_calls",
        [{"id": "c", "type": "custom", "custom": {"name": "f", "input": "x"}}],
    ),
    ("openai/chunk", CHUNK, "obfuscation", "x8Kq"),
    ("openai/chunk", CHUNK, "choices", []),
    ("openai/chunk", CHUNK, "usage", USAGE),
    ("openai/chunk", CHUNK, "usage", None),
    ("openai/chunk", CHUNK, DELTA, {}),
    ("openai/chunk", CHUNK, f"{DELTA}.role", None),
    ("openai/chunk", CHUNK, f"{DELTA}.tool_calls", [{"index": 0, "function": {"arguments": "{"}}]),
    ("openai/chunk", CHUNK, f"{CHOICE}.finish_reason", "length"),
    ("openai/error", ERROR, "error.param", None),
    ("openai/error", ERROR, "error.code", "invalid_value"),
    ("openai/error", ERROR, "error.code", 400),
    ("openai/error", ERROR, "error.type", None),
    ("openai/error", ERROR, "error.param", ["n"]),
    ("openai/models", MODELS, "data", []),
    ("openai/model", MODEL, "shutdown_date", None),
]
INVALID: list[tuple[str, dict[str, Any], str, Any, str]] = [
    ("openai/completion", PLAIN, "id", "", "/id"),
    ("openai/completion", PLAIN, "id", GONE, ""),
    ("openai/completion", PLAIN, "object", "chat.completion.chunk", "/object"),
    ("openai/completion", PLAIN, "created", "1", "/created"),
    ("openai/completion", PLAIN, "created", 1.5, "/created"),
    ("openai/completion", PLAIN, "choices", [], "/choices"),
    ("openai/completion", PLAIN, f"{CHOICE}.index", GONE, "/choices/0"),
    ("openai/completion", PLAIN, f"{CHOICE}.finish_reason", None, "/choices/0/finish_reason"),
    ("openai/completion", PLAIN, f"{CHOICE}.finish_reason", "end_turn", "/choices/0/finish_reason"),
    ("openai/completion", PLAIN, f"{MESSAGE}.role", "", "/choices/0/message/role"),
    ("openai/completion", PLAIN, f"{MESSAGE}.role", GONE, "/choices/0/message"),
    ("openai/completion", PLAIN, f"{MESSAGE}.content", GONE, "/choices/0/message"),
    ("openai/completion", PLAIN, f"{MESSAGE}.content", ["a"], "/choices/0/message/content"),
    ("openai/completion", PLAIN, "usage", {}, "/usage"),
    ("openai/completion", PLAIN, "usage.prompt_tokens", "1", "/usage/prompt_tokens"),
    ("openai/completion", PLAIN, "usage.total_tokens", -1, "/usage/total_tokens"),
    ("openai/chunk", CHUNK, "object", "chat.completion", "/object"),
    ("openai/chunk", CHUNK, "choices", GONE, ""),
    ("openai/chunk", CHUNK, f"{CHOICE}.finish_reason", "", "/choices/0/finish_reason"),
    ("openai/chunk", CHUNK, f"{DELTA}.role", "", "/choices/0/delta/role"),
    ("openai/chunk", CHUNK, f"{DELTA}.content", 5, "/choices/0/delta/content"),
    ("openai/chunk", CHUNK, f"{DELTA}.tool_calls", [{}], "/choices/0/delta/tool_calls/0"),
    ("openai/error", ERROR, "error", "no", "/error"),
    ("openai/error", ERROR, "error", GONE, ""),
    ("openai/error", ERROR, "error.message", GONE, "/error"),
    ("openai/error", ERROR, "error.message", "", "/error/message"),
    ("openai/error", ERROR, "error.type", {}, "/error/type"),
    ("openai/error", ERROR, "error.code", ["x"], "/error/code"),
    ("openai/error", ERROR, "error.param", {}, "/error/param"),
    ("openai/models", MODELS, "data.0.owned_by", GONE, "/data/0"),
    ("openai/models", MODELS, "object", GONE, ""),
    ("openai/model", MODEL, "created", None, "/created"),
]
INVALID_CALLS: list[tuple[str, Any, str]] = [
    ("id", "", "/id"),
    ("id", GONE, ""),
    ("type", GONE, ""),
    ("type", "tool", "/type"),
    ("function", GONE, ""),
    ("function.arguments", {}, "/function/arguments"),
    ("function.name", "", "/function/name"),
]


@pytest.mark.parametrize(("name", "document", "path", "value"), VALID)
def test_answers_of_conforming_servers_are_valid(
    name: str, document: dict[str, Any], path: str, value: Any
) -> None:
    assert json_schema.errors(name, document) == []
    assert json_schema.errors(name, changed(document, path, value)) == []


@pytest.mark.parametrize(("name", "document", "path", "value", "at"), INVALID)
def test_wrong_types_and_missing_keys_are_reported_at_their_place(
    name: str, document: dict[str, Any], path: str, value: Any, at: str
) -> None:
    errors = json_schema.errors(name, changed(document, path, value))
    assert {where for where, _ in errors} == {at}


@pytest.mark.parametrize(("path", "value", "at"), INVALID_CALLS)
def test_an_invalid_tool_call_is_reported(path: str, value: Any, at: str) -> None:
    answer = changed(PLAIN, f"{MESSAGE}.tool_calls", [changed(CALL, path, value)])
    places = [where for where, _ in json_schema.errors("openai/completion", answer)]
    assert places == [f"/choices/0/message/tool_calls/0{at}"]


def test_a_definition_is_addressed_by_its_pointer() -> None:
    assert json_schema.errors("openai/completion#/$defs/usage", USAGE) == []
    assert json_schema.errors("openai/completion#/$defs/usage", 5) != []
    assert json_schema.errors_inline({"$ref": "openai/completion#/$defs/usage"}, USAGE) == []


def test_an_unknown_schema_name_is_an_error_that_lists_the_known_ones() -> None:
    with pytest.raises(
        KeyError, match=r"there is no schema 'openai/nope'; there are: .*openai/chunk"
    ):
        json_schema.errors("openai/nope", {})
    assert "openai/error" in json_schema.names()


@pytest.mark.parametrize("name", json_schema.names())
def test_every_shipped_schema_is_valid(name: str) -> None:
    file = paths.schemas_dir() / f"{name}.schema.json"
    contents = json.loads(file.read_text(encoding="utf-8"))
    assert json_schema.check_schema(contents) is None
    json_schema.errors(name, {})  # every reference resolves without a network


@pytest.mark.parametrize(
    ("schema", "instance", "messages"),
    [
        (False, 1, [("", "nothing should be here, but there is 1")]),
        ({"type": "string"}, 1, [("", "1 should be a string")]),
        ({"type": ["integer", "null"]}, "1", [("", '"1" should be a whole number or null')]),
        ({"const": "a"}, "b", [("", '"b" should be "a"')]),
        (
            {"enum": ["stop"]},
            "stopp",
            [("", '"stopp" should be one of "stop"; did you mean `stop`?')],
        ),
        ({"enum": [1, None]}, 2, [("", "2 should be one of 1, null")]),
        ({"maximum": 5}, 7, [("", "7 should be at most 5")]),
        ({"pattern": "^a"}, "b", [("", '"b" should match the pattern "^a"')]),
        ({"minItems": 1}, [], [("", "[] should have at least 1 items")]),
        ({"uniqueItems": True}, [1, 1], [("", "the items of [1, 1] should all differ")]),
        ({"items": {"type": "null"}}, [None, 3], [("/1", "3 should be null")]),
        ({"required": ["a", "b"]}, {}, [("", f"the key `{k}` is missing") for k in "ab"]),
        (
            {"dependentRequired": {"a": ["b", "c"], "x": ["y"]}},
            {"a": 1, "c": 1},
            [("", "`a` needs the key `b` as well")],
        ),
        (
            {"properties": {"model": True}, "additionalProperties": False},
            {"modle": 1, "z/": 2},
            [
                ("/modle", "unknown key `modle`; did you mean `model`?"),
                ("/z~1", "unknown key `z/`"),
            ],
        ),
        (
            {"patternProperties": {"^x": True}, "additionalProperties": False},
            {"x1": 1, "y": 2},
            [("/y", "unknown key `y`")],
        ),
        (
            {"allOf": [{"properties": {"a": True}}], "unevaluatedProperties": False},
            {"a": 1, "b": 2},
            [("/b", "unknown key `b`")],
        ),
        ({"additionalProperties": {"type": "null"}}, {"a": 1}, [("/a", "1 should be null")]),
        ({"unevaluatedItems": False}, [1], [("", "has more items than allowed")]),
        (
            {"propertyNames": {"pattern": "^a"}},
            {"b": 1},
            [("", '"b" should match the pattern "^a"')],
        ),
        ({"anyOf": [{"type": "string"}, {"const": 3}]}, 5, [("", "5 should be a string or 3")]),
        (
            {"oneOf": [{"type": "integer"}, {"minimum": 1}]},
            5,
            [("", "5 matches several alternatives")],
        ),
        (
            {"anyOf": [{"type": "string"}, {"type": "object", "required": ["a"]}]},
            {},
            [("", "the key `a` is missing")],
        ),
        (
            {"unevaluatedProperties": {"type": "null"}},
            {"a": 1},
            [("", 'an extra key violates {"type": "null"}')],
        ),
        (
            {"minContains": 2, "contains": {"const": 1}},
            [1],
            [("", "[1] should contain at least 2 items of the required kind")],
        ),
    ],
)
def test_messages_are_plain_english(
    schema: Json, instance: Json, messages: list[tuple[str, str]]
) -> None:
    assert json_schema.errors_inline(schema, instance) == messages


@pytest.mark.parametrize(
    ("schema", "problem"),
    [
        (True, None),
        (False, None),
        ({}, None),
        ({"type": "object", "properties": {"format": {"const": "x"}}}, None),
        ({"enum": [{"patern": 1}], "$comment": "x", "if": {}, "then": {}, "minContains": 1}, None),
        ({"$ref": "openai/error"}, None),
        ({"$defs": {"a": {}}, "$ref": "#/$defs/a"}, None),
        ([], "a JSON Schema is an object, true or false, not []"),
        ({"patern": "a"}, "`patern` is not a JSON Schema keyword (Draft 2020-12)"),
        (
            {"items": {"anyOf": [{"minimun": 1}]}},
            "`minimun` is not a JSON Schema keyword (Draft 2020-12)",
        ),
        ({"format": "date"}, "`format` is not checked; use `pattern`"),
        ({"pattern": "["}, '/pattern: "[" is not a valid "regex"'),
        ({"properties": {"a": {"minimum": "1"}}}, '/properties/a/minimum: "1" should be a number'),
        ({"$ref": "#/nowhere"}, 'there is no schema "#/nowhere"'),
        ({"$ref": "https://example.com/x.json"}, 'there is no schema "https://example.com/x.json"'),
    ],
)
def test_a_schema_that_would_accept_everything_is_rejected(
    schema: Json, problem: str | None
) -> None:
    assert json_schema.check_schema(schema) == problem


def test_the_keywords_are_those_of_the_slower_library() -> None:
    others = {"$ref", "$dynamicRef", "multipleOf", "format"}
    assert {*json_schema.ASSERTED} == Draft202012Validator.VALIDATORS.keys() - others


def nested(depth: int, inner: Json) -> Json:
    for _ in range(depth):
        inner = {"items": inner}
    return inner


def test_a_schema_nested_too_deeply_is_rejected() -> None:
    assert json_schema.check_schema(nested(5000, {})) == "it is nested too deeply"


def test_an_instance_nested_too_deeply_is_an_error_and_does_not_raise() -> None:
    instance: Json = 1
    for _ in range(5000):
        instance = [instance]
    loop = {"type": "array", "items": {"$ref": "#"}}
    assert json_schema.errors_inline(loop, instance) == [
        ("", "it is nested too deeply to be validated")
    ]
    assert len(json_schema.errors_inline({"type": "string"}, instance)) == 1


def test_messages_are_short_and_limited_in_number() -> None:
    instance = [{"k" * 10_000: "v" * 10_000}] * 1000
    errors = json_schema.errors_inline({"items": {"type": "string"}}, instance)
    assert len(errors) == checker.MAX_ERRORS
    assert all(len(text) <= MAX_LENGTH for _, text in errors)


ANY = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: (
        st.lists(inner)
        | st.dictionaries(st.sampled_from(["choices", "message", "delta", "usage", "error"]), inner)
    ),
    max_leaves=8,
)


@given(ANY)
def test_validation_never_raises(instance: Json) -> None:
    for name in ("openai/completion", "openai/chunk", "openai/error", "openai/models"):
        json_schema.errors(name, instance)


def test_every_value_can_be_truncated() -> None:
    deep: Json = []
    for _ in range(5000):
        deep = [deep]
    assert truncate(deep) == "a list"
    assert len(truncate(["x"] * 10**6)) <= 63
    assert len(truncate({n: n for n in range(10**5)})) <= 63
    assert truncate("é" * 100) == '"' + "é" * 60 + '…"'
