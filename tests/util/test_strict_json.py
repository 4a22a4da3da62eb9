"""JSON is read strictly, and nothing that a target sends makes reading fail."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.model import Json
from harness.util.strict_json import DEEPEST, parse

VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=10,
)


@given(VALUES)
def test_what_is_json_is_read_as_it_is(value: Json) -> None:
    for ascii_only in (True, False):
        parsed = parse(json.dumps(value, ensure_ascii=ascii_only))
        assert (parsed.value, parsed.problem, parsed.remarks) == (value, "", ())


@given(st.text())
def test_no_text_makes_it_fail(text: str) -> None:
    parse(text)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", "it is empty"),
        (" \n", "it is empty"),
        (
            "{",
            "expecting property name enclosed in double quotes at line 1, column 2, where it ends",
        ),
        ("{} x", "extra data at line 1, column 4, before 'x'"),
        ("[NaN]", "NaN is not JSON"),
        ("[-Infinity]", "-Infinity is not JSON"),
        ("1e999", "the number 1e999 is beyond what a double holds"),
        ("9" * 5000, "Exceeds the limit (4300 digits) for integer string conversion"),
        ("[" * 100_000, f"it is nested deeper than {DEEPEST} levels"),
        ("[" * 500 + "]" * 500, f"it is nested deeper than {DEEPEST} levels"),
        ('{"a":' * 129 + "1" + "}" * 129, f"it is nested deeper than {DEEPEST} levels"),
        ("<html>", "expecting value at line 1, column 1, before '<html>'"),
        ("\ufeff{}", "unexpected UTF-8 BOM (decode using utf-8-sig) at line 1, column 1"),
    ],
)
def test_what_is_no_json_is_told_why(text: str, problem: str) -> None:
    parsed = parse(text)
    assert parsed.value is None
    assert parsed.problem.startswith(problem)


@pytest.mark.parametrize(
    "text", ["[" * DEEPEST + "]" * DEEPEST, "[" + "[]," * 500 + "[]]", "12" * 20]
)
def test_deep_wide_and_big_within_reason_are_read(text: str) -> None:
    assert parse(text).problem == ""


def test_a_key_written_twice_is_remarked_on_and_the_last_counts() -> None:
    parsed = parse('{"a": 1, "b": 0, "a": 2}')
    assert parsed.value == {"a": 2, "b": 0}
    assert parsed.remarks == ("the key 'a' is there twice in one object",)


def test_half_a_character_becomes_the_replacement_character() -> None:
    parsed = parse(r'{"\ud83d": ["a\ude00b", "\ud83d\ude00", 1]}')
    assert parsed.value == {"�": ["a�b", "😀", 1]}
    assert parsed.remarks == ("a text holds half a character (a lone \\u surrogate)",)
