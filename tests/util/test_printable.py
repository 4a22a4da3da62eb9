"""Text of others cannot steer a terminal, forge a line, or be a command to a CI system."""

from __future__ import annotations

import json

import pytest

from harness.util.printable import (
    INVISIBLE,
    printable,
    printable_data,
    printable_json,
    printable_name,
)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain: text :: here", "plain: text :: here"),
        ("\x1b[31mred\x9b0m", "\\x1b[31mred\\x9b0m"),
        ("a\n::error::b", "a\n: :error::b"),
        ("  ::set-output x", "  : :set-output x"),
        ("x ##[error]y", "x # #[error]y"),
        ("##vso[task]", "# #vso[task]"),
        ("a\u202eb\ud800", "a\\x202eb\ufffd"),
    ],
)
def test_text_is_printable(text: str, shown: str) -> None:
    assert printable(text) == shown


def test_a_name_stays_on_one_line() -> None:
    assert printable_name("a\nok   b\t\r") == "a\\x0aok   b\\x09\\x0d"
    assert printable_name("x" * 400) == "x" * 299 + "…"
    assert printable_data({"a\n": ["b\n", 1, None]}) == {"a\\x0a": ["b\\x0a", 1, None]}


def test_json_without_control_characters_has_the_same_data() -> None:
    value = {"a\u202e": ["\x1b\x9b\x7f\r\n\t", "é", "\u2028\ufeff"]}
    text = printable_json(json.dumps(value, ensure_ascii=False))
    assert not INVISIBLE.search(text)
    assert "é" in text
    assert json.loads(text) == value
    plain = json.dumps(["a"], indent=2)
    assert printable_json(plain) is plain
