"""The compiled validator accepts only what the other one, which describes errors, accepts."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from referencing.exceptions import Unresolvable

from harness.model import Json
from harness.util import json_schema, patterns
from harness.util.json_schema import fast
from harness.util.json_schema.checker import Checker, validator_class
from harness.util.json_schema.fast import FastValidator

TEXTS = st.sampled_from(["", "a", "b", "ab", "abc", "abcd", "const", "a1"])
NUMBERS = st.sampled_from([-1, 0, 1, 1.0, 1.5, 2, 3, 10, -0.5, 1e300])
LEAVES = st.one_of(TEXTS, NUMBERS, st.booleans(), st.none())
VALUES = st.recursive(
    LEAVES, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3)
)
KINDS = ["string", "number", "integer", "boolean", "null", "object", "array"]
PLAIN = st.one_of(
    st.fixed_dictionaries({"const": VALUES}),
    st.fixed_dictionaries({"enum": st.lists(VALUES, min_size=1, max_size=3)}),
    st.fixed_dictionaries({"type": st.sampled_from(KINDS)}),
    st.fixed_dictionaries({"pattern": st.sampled_from(["a", "^b?$", "[0-9]", "^.{3}$"])}),
    st.fixed_dictionaries({"minLength": st.integers(0, 4)}),
    st.fixed_dictionaries({"maxLength": st.integers(0, 4)}),
    st.fixed_dictionaries({"minimum": NUMBERS}),
    st.fixed_dictionaries({"exclusiveMaximum": NUMBERS}),
    st.fixed_dictionaries({"multipleOf": st.sampled_from([2, 0.5])}),
    st.fixed_dictionaries({"minItems": st.integers(0, 3)}),
    st.fixed_dictionaries({"uniqueItems": st.booleans()}),
    st.fixed_dictionaries({"required": st.lists(TEXTS, max_size=2, unique=True)}),
    st.fixed_dictionaries({"maxProperties": st.integers(0, 3)}),
)
PROPERTIES = st.dictionaries(TEXTS, PLAIN, max_size=2)
SCHEMAS = st.recursive(
    PLAIN,
    lambda inner: st.one_of(
        st.fixed_dictionaries({"properties": st.dictionaries(TEXTS, inner, max_size=3)}),
        st.fixed_dictionaries({"additionalProperties": inner}),
        st.fixed_dictionaries({"propertyNames": inner}),
        st.fixed_dictionaries({"items": inner}),
        st.fixed_dictionaries({"contains": inner}),
        st.fixed_dictionaries({"not": inner}),
        st.fixed_dictionaries({"patternProperties": st.dictionaries(TEXTS, inner, max_size=2)}),
        st.fixed_dictionaries({"if": inner, "then": inner, "else": inner}),
        st.fixed_dictionaries({"oneOf": st.lists(inner, min_size=1, max_size=2)}),
        st.fixed_dictionaries({"properties": PROPERTIES, "unevaluatedProperties": inner}),
        st.fixed_dictionaries({"anyOf": st.lists(inner, min_size=1, max_size=2)}),
    ),
    max_leaves=6,
)


@settings(max_examples=300, deadline=None)
@given(SCHEMAS, st.lists(VALUES, min_size=2, max_size=8))
def test_what_is_accepted_is_valid(schema: Any, values: list[Json]) -> None:
    fast, validator = FastValidator(schema), validator_class()(schema)
    for value in values:
        assert not fast.accepts(value) or validator.is_valid(value)


@pytest.mark.parametrize(
    ("schema", "valid"),
    [
        ({"type": "integer"}, 1.0), ({"type": "integer"}, 10**30), ({"const": 1}, 1.0),
        ({"maxLength": 1}, "\N{GRINNING FACE}"), ({"pattern": "^a$"}, "a\n"),
        ({"not": {"pattern": "b"}}, "a"), ({"uniqueItems": True}, [1, True]),
        ({"$ref": "openai/error"}, {"error": {"message": "no", "type": "x"}}),
    ],
)  # fmt: skip
def test_valid_values_are_accepted(schema: Json, valid: Json) -> None:
    assert FastValidator(schema).accepts(valid)


@pytest.mark.parametrize(
    ("schema", "invalid"),
    [
        ({"const": 1}, True), ({"enum": [0]}, False), ({"type": "integer"}, 1.5),
        ({"type": "integer"}, True), ({"minimum": 2**53 + 1}, 2**53),
        ({"const": 10**30}, 10**30 + 1), ({"uniqueItems": True}, [1, 1.0]),
        ({"not": {"pattern": "a"}}, "a\n"),
        ({"propertyNames": {"pattern": "^a"}}, {"b": 1}),
    ],
)  # fmt: skip
def test_invalid_values_are_not_accepted(schema: Json, invalid: Json) -> None:
    assert not FastValidator(schema).accepts(invalid)
    assert Checker(schema).errors(invalid) != []


@pytest.mark.parametrize("value", [float("nan"), float("inf"), "\ud800", {"\ud800": 1}, {1: 2}])
def test_a_value_that_is_no_json_does_not_raise(value: Json) -> None:
    schema = {"type": ["number", "string", "object"]}
    assert Checker(schema).errors(value) == []


@pytest.mark.parametrize(
    "schema",
    [
        {"multipleOf": 0.1}, {"patternProperties": {"(?=a)": {}}},
        {"type": "text"}, {"properties": {"a": {"$ref": "https://example.invalid/x"}}},
        {"properties": {"a": {"$ref": "file:///etc/hostname"}}},
    ],
)  # fmt: skip
def test_a_schema_that_is_not_compiled_accepts_nothing_and_fetches_nothing(schema: Json) -> None:
    assert not FastValidator(schema).accepts(0.3)


def test_an_unresolvable_reference_is_reported_where_it_is_used() -> None:
    broken_reference = Checker({"properties": {"a": {"$ref": "nowhere"}}})
    assert broken_reference.errors({"b": 1}) == broken_reference.errors({"b": 1}) == []
    for _ in range(2):
        with pytest.raises(Unresolvable):
            broken_reference.errors({"a": 1})


def test_a_pattern_that_takes_too_long_is_not_taken_for_one_that_is_not_found(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def slow(pattern: str, text: str) -> bool:
        raise patterns.SlowPatternError("slow")

    forbidden = FastValidator({"not": {"pattern": "a"}})
    monkeypatch.setattr(patterns, "search", slow)
    assert not forbidden.accepts("b")


def test_keywords_of_referenced_schemas_count() -> None:
    for name in ("openai/chunk", "openai/models", "openai/completion#/$defs/finish_reason"):
        assert json_schema.errors(name, "nothing") != []
    schema = {"$ref": "openai/chunk.schema.json"}
    valid = {"id": "x", "object": "chat.completion.chunk", "created": 1, "model": "m"}
    assert json_schema.errors_inline(schema, {**valid, "choices": []}) == []
    assert json_schema.errors_inline(schema, {**valid, "choices": [], "id": ""}) != []
    assert json_schema.errors_inline(schema, {**valid, "choices": [], "created": -1}) != []


def test_an_instance_that_is_nested_deeply_is_examined() -> None:
    deep: list[Any] = []
    for _ in range(1000):  # more than the parsers of JSON and YAML let pass
        deep = [deep]
    assert FastValidator({"items": {"$ref": "#"}, "type": "array"}).accepts(deep)


def test_compiled_code_is_not_used_where_it_could_end_the_process(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(fast, "is_address_space_limited", lambda: True)
    assert FastValidator({"type": "string"}).validator is None
    assert Checker({"type": "string"}).errors("text") == []
