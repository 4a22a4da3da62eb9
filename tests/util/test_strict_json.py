"""JSON is parsed strictly, and no text raises an exception."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.model import Json
from harness.util.strict_json import MAX_DEPTH, parse

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
def test_json_is_parsed_unchanged(value: Json) -> None:
    for ascii_only in (True, False):
        parsed = parse(json.dumps(value, ensure_ascii=ascii_only))
        assert (parsed.value, parsed.problem, parsed.remarks) == (value, "", ())


@given(st.text())
def test_no_text_raises_an_exception(text: str) -> None:
    parse(text)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", "it is empty"),
        (" \n", "it is empty"),
        (
            "{",
            "expecting property name enclosed in double quotes at line 1, column 2, at the end",
        ),
        ("{} x", "extra data at line 1, column 4, before 'x'"),
        ("[NaN]", "NaN is not JSON"),
        ("[-Infinity]", "-Infinity is not JSON"),
        ("1e999", "the number 1e999 does not fit into a double"),
        ("9" * 5000, "Exceeds the limit (4300 digits) for integer string conversion"),
        ("[" * 100_000, f"it is nested deeper than {MAX_DEPTH} levels"),
        ("[" * 500 + "]" * 500, f"it is nested deeper than {MAX_DEPTH} levels"),
        ('{"a":' * 129 + "1" + "}" * 129, f"it is nested deeper than {MAX_DEPTH} levels"),
        ("<html>", "expecting value at line 1, column 1, before '<html>'"),
        ("\ufeff{}", "unexpected UTF-8 BOM (decode using utf-8-sig) at line 1, column 1"),
    ],
)
def test_invalid_json_has_a_reason(text: str, problem: str) -> None:
    parsed = parse(text)
    assert parsed.value is None
    assert parsed.problem.startswith(problem)


@pytest.mark.parametrize(
    "text", ["[" * MAX_DEPTH + "]" * MAX_DEPTH, "[" + "[]," * 500 + "[]]", "12" * 20]
)
def test_deep_and_large_json_within_the_limits_is_parsed(text: str) -> None:
    assert parse(text).problem == ""


def test_the_last_of_duplicate_keys_counts_with_a_remark() -> None:
    parsed = parse('{"a": 1, "b": 0, "a": 2}')
    assert parsed.value == {"a": 2, "b": 0}
    assert parsed.remarks == ("duplicate key 'a' in an object",)


def test_a_lone_surrogate_is_replaced_with_a_remark() -> None:
    parsed = parse(r'{"\ud83d": ["a\ude00b", "\ud83d\ude00", 1]}')
    assert parsed.value == {"�": ["a�b", "😀", 1]}
    assert parsed.remarks == ("a text contains a lone \\u surrogate",)
