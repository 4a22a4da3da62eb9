"""Instances with the same fingerprint conform alike, so a valid one is not validated twice."""

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
from harness.util.json_schema.fingerprint import Fingerprinter

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
def test_instances_with_equal_fingerprints_conform_alike(schema: Any, values: list[Json]) -> None:
    fingerprinter, validator = Fingerprinter([schema]), Draft202012Validator(schema)
    results: dict[object, bool] = {}
    for value in values:
        valid = validator.is_valid(value)
        assert results.setdefault(fingerprinter.fingerprint(value), valid) == valid


@settings(max_examples=100, deadline=None)
@given(SCHEMAS, st.lists(VALUES, min_size=2, max_size=6))
def test_a_used_checker_reports_the_same_as_a_new_one(schema: Any, values: list[Json]) -> None:
    used = Checker(schema, EMPTY_REGISTRY)
    for value in values:
        assert used.errors(value) == Checker(schema, EMPTY_REGISTRY).errors(value)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (1, True), (0, False), (0, None), (1, "1"), ("", None), ("", []), ([], {}), (1.5, 1),
        (["a"], {"a": "a"}), ([1], [1, 1]), ({"a": 1}, {"b": 1}), ((1, ()), "a"), ([[]], [{}]),
    ],
)  # fmt: skip
def test_values_of_different_types_have_different_fingerprints(one: Json, other: Json) -> None:
    for schema in ({}, {"const": one}, {"enum": [one, other]}):
        assert Fingerprinter([schema]).fingerprint(one) != Fingerprinter([schema]).fingerprint(
            other
        )


def test_a_fingerprint_contains_only_what_the_schema_restricts() -> None:
    fingerprinter = Fingerprinter(
        [{"minLength": 2, "pattern": "x", "enum": ["stop"], "minimum": 0}]
    )
    assert fingerprinter.fingerprint({"content": "hello", "n": 7}) == fingerprinter.fingerprint(
        {"content": "goodbye", "n": 70}
    )
    for value in ("x", "axb", "a", "stop"):
        assert fingerprinter.fingerprint("hello") != fingerprinter.fingerprint(value)
    for number in (-7, 0, 7.5):
        assert fingerprinter.fingerprint(7) != fingerprinter.fingerprint(number)


def test_values_are_kept_for_keywords_that_compare_them() -> None:
    for schema in ({"uniqueItems": True}, {"properties": {"a": {"multipleOf": 3}}}):
        fingerprinter = Fingerprinter([schema])
        assert fingerprinter.fingerprint(["hello"]) != fingerprinter.fingerprint(["goodbye"])
        assert fingerprinter.fingerprint(7) != fingerprinter.fingerprint(70)
    names_only = Fingerprinter(
        [{"properties": {"uniqueItems": {}, "multipleOf": {}}, "uniqueItems": False}]
    )
    assert names_only.fingerprint("hello") == names_only.fingerprint("goodbye")


def test_keywords_of_referenced_schemas_count() -> None:
    for name in ("openai/chunk", "openai/models", "openai/completion#/$defs/finish_reason"):
        assert json_schema.errors(name, "nothing") != []
    schema = {"$ref": "openai/chunk.schema.json"}
    valid = {"id": "x", "object": "chat.completion.chunk", "created": 1, "model": "m"}
    assert json_schema.errors_inline(schema, {**valid, "choices": []}) == []
    assert json_schema.errors_inline(schema, {**valid, "choices": [], "id": ""}) != []
    assert json_schema.errors_inline(schema, {**valid, "choices": [], "created": -1}) != []


def test_an_unresolvable_reference_is_not_remembered_as_valid() -> None:
    inner = {"$id": "https://x.invalid/deep/", "items": {"$ref": "name"}}
    assert Fingerprinter([{"$id": "https://x.invalid/", "allOf": [inner]}]).exact
    assert Fingerprinter([{"const": {"pattern": "("}}]).exact
    broken_reference = Checker({"properties": {"a": {"$ref": "nowhere"}}}, EMPTY_REGISTRY)
    assert broken_reference.errors({"b": 1}) == broken_reference.errors({"b": 1}) == []
    for _ in range(2):
        with pytest.raises(Unresolvable):
            broken_reference.errors({"a": 1})


def test_instances_whose_hashes_collide_are_both_validated() -> None:
    """Python's hash(-1) equals hash(-2), so a memory of hashes alone takes one for the other."""
    schema = {"properties": {"a": {"const": -1}, "b": {"const": -2}}}
    remembering = Checker(schema, EMPTY_REGISTRY)
    assert remembering.errors({"a": -1, "b": -2}) == []
    assert remembering.errors({"a": -2, "b": -1}) == [
        ("/a", "-2 should be -1"),
        ("/b", "-1 should be -2"),
    ]


def test_the_number_of_remembered_instances_is_limited(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checker, "MAX_REMEMBERED", 1)
    small = Checker({"type": "array"}, EMPTY_REGISTRY)
    assert [small.errors(value) for value in ([], [""], [1], [])] == [[], [], [], []]
    assert len(small.valid) == 1


def test_an_instance_that_is_nested_too_deeply_is_not_remembered() -> None:
    deep: list[Any] = []
    for _ in range(100_000):
        deep = [deep]
    free = Checker({}, EMPTY_REGISTRY)
    assert free.errors(deep) == free.errors(deep) == []
    assert not free.valid
