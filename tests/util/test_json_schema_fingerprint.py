"""An instance is not checked twice: what looks alike to a schema conforms alike, or not at all."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator
from referencing.exceptions import Unresolvable
from referencing.jsonschema import EMPTY_REGISTRY

from harness.model import Json
from harness.util import json_schema
from harness.util.json_schema import checker
from harness.util.json_schema.checker import Checker
from harness.util.json_schema.fingerprint import Sight

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
SCHEMAS = st.recursive(
    PLAIN,
    lambda inner: st.one_of(
        st.fixed_dictionaries({"properties": st.dictionaries(TEXTS, inner, max_size=3)}),
        st.fixed_dictionaries({"additionalProperties": inner}),
        st.fixed_dictionaries({"propertyNames": inner}),
        st.fixed_dictionaries({"items": inner}),
        st.fixed_dictionaries({"contains": inner}),
        st.fixed_dictionaries({"not": inner}),
        st.fixed_dictionaries({"anyOf": st.lists(inner, min_size=1, max_size=2)}),
    ),
    max_leaves=6,
)


@settings(max_examples=300, deadline=None)
@given(SCHEMAS, st.lists(VALUES, min_size=2, max_size=8))
def test_what_looks_alike_conforms_alike(schema: Any, values: list[Json]) -> None:
    sight, validator = Sight([schema]), Draft202012Validator(schema)
    known: dict[object, bool] = {}
    for value in values:
        right = validator.is_valid(value)
        assert known.setdefault(sight.of(value), right) == right


@settings(max_examples=100, deadline=None)
@given(SCHEMAS, st.lists(VALUES, min_size=2, max_size=6))
def test_a_checker_that_remembers_says_what_a_new_one_says(schema: Any, values: list[Json]) -> None:
    old = Checker(schema, EMPTY_REGISTRY)
    for value in values:
        assert old.errors(value) == Checker(schema, EMPTY_REGISTRY).errors(value)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (1, True), (0, False), (0, None), (1, "1"), ("", None), ("", []), ([], {}), (1.5, 1),
        (["a"], {"a": "a"}), ([1], [1, 1]), ({"a": 1}, {"b": 1}), ((1, ()), "a"), ([[]], [{}]),
    ],
)  # fmt: skip
def test_values_of_two_kinds_never_look_alike(one: Json, other: Json) -> None:
    for schema in ({}, {"const": one}, {"enum": [one, other]}):
        assert Sight([schema]).of(one) != Sight([schema]).of(other)


def test_only_what_a_schema_asks_of_texts_and_numbers_is_seen() -> None:
    sight = Sight([{"minLength": 2, "pattern": "x", "enum": ["stop"], "minimum": 0}])
    assert sight.of({"content": "hello", "n": 7}) == sight.of({"content": "goodbye", "n": 70})
    for value in ("x", "axb", "a", "stop"):
        assert sight.of("hello") != sight.of(value)
    for number in (-7, 0, 7.5):
        assert sight.of(7) != sight.of(number)


def test_a_schema_that_compares_texts_sees_them_whole() -> None:
    for schema in ({"uniqueItems": True}, {"properties": {"a": {"multipleOf": 3}}}):
        sight = Sight([schema])
        assert sight.of(["hello"]) != sight.of(["goodbye"])
        assert sight.of(7) != sight.of(70)
    free = Sight([{"properties": {"uniqueItems": {}, "multipleOf": {}}, "uniqueItems": False}])
    assert free.of("hello") == free.of("goodbye")


def test_what_a_schema_refers_to_is_seen_too() -> None:
    for name in ("openai/chunk", "openai/models", "openai/completion#/$defs/finish_reason"):
        assert json_schema.errors(name, "nothing") != []
    find = {"$ref": "openai/chunk.schema.json"}
    right = {"id": "x", "object": "chat.completion.chunk", "created": 1, "model": "m"}
    assert json_schema.errors_inline(find, {**right, "choices": []}) == []
    assert json_schema.errors_inline(find, {**right, "choices": [], "id": ""}) != []
    assert json_schema.errors_inline(find, {**right, "choices": [], "created": -1}) != []


def test_what_cannot_be_followed_is_seen_whole_or_not_remembered() -> None:
    inner = {"$id": "https://x.invalid/deep/", "items": {"$ref": "name"}}
    assert Sight([{"$id": "https://x.invalid/", "allOf": [inner]}]).whole
    assert Sight([{"const": {"pattern": "("}}]).whole
    lost = Checker({"properties": {"a": {"$ref": "nowhere"}}}, EMPTY_REGISTRY)
    assert lost.errors({"b": 1}) == lost.errors({"b": 1}) == []
    for _ in range(2):
        with pytest.raises(Unresolvable):
            lost.errors({"a": 1})


def test_no_more_is_remembered_than_there_is_room_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checker, "REMEMBERED", 1)
    small = Checker({"type": "array"}, EMPTY_REGISTRY)
    assert [small.errors(value) for value in ([], [""], [1], [])] == [[], [], [], []]
    assert len(small.right) == 1


def test_what_is_too_deep_to_be_seen_is_checked_each_time() -> None:
    deep: list[Any] = []
    for _ in range(100_000):
        deep = [deep]
    free = Checker({}, EMPTY_REGISTRY)
    assert free.errors(deep) == free.errors(deep) == []
    assert not free.right
