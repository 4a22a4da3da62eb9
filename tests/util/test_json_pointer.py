"""JSON Pointers are built, split and resolved as RFC 6901 defines them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.util import json_pointer


@given(st.lists(st.text()))
def test_split_reverses_join(tokens: list[str]) -> None:
    assert json_pointer.split(json_pointer.join(tokens)) == tokens


def test_tokens_are_escaped() -> None:
    assert json_pointer.join(["a/b", "m~n", 0]) == "/a~1b/m~0n/0"
    assert json_pointer.split("") == []


def test_a_pointer_must_begin_with_a_slash() -> None:
    with pytest.raises(ValueError, match="must begin with a slash"):
        json_pointer.split("a/b")


@pytest.mark.parametrize(
    ("pointer", "value"),
    [("", {"a/b": [1, {"c": 2}]}), ("/a~1b/1/c", 2), ("/a~1b/2", None), ("/a~1b/x", None)],
)
def test_a_missing_member_resolves_to_none(pointer: str, value: object) -> None:
    assert json_pointer.resolve({"a/b": [1, {"c": 2}]}, pointer) == value
