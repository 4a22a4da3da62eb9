"""Strict YAML accepts what all readers agree on, and gives the place of every value."""

from __future__ import annotations

import json

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from harness.model import Json, Place
from harness.util.strict_yaml import DEEPEST, read

TEXT = """\
pack: compat
cases:
  - id: n          # a comment
    modes: [plain, stream]
    value: 1
    others: [0, -2, 0.5, 1.0e+3]
    nothing: null
    yes/no~: "yes"
    text: |
      two
      lines
    request: {model: $model, "429": true}
"""


def test_values_are_json_data() -> None:
    data, _, problems = read(TEXT, "a.yaml")
    assert problems == []
    assert data == {
        "pack": "compat",
        "cases": [
            {
                "id": "n",
                "modes": ["plain", "stream"],
                "value": 1,
                "others": [0, -2, 0.5, 1000.0],
                "nothing": None,
                "yes/no~": "yes",
                "text": "two\nlines\n",
                "request": {"model": "$model", "429": True},
            }
        ],
    }


@pytest.mark.parametrize(
    ("pointer", "line", "column"),
    [
        ("", 1, 1),
        ("/pack", 1, 1),
        ("/cases", 2, 1),
        ("/cases/0", 3, 5),
        ("/cases/0/id", 3, 5),
        ("/cases/0/modes/1", 4, 20),
        ("/cases/0/yes~1no~0", 8, 5),
        ("/cases/0/request/429", 12, 30),
    ],
)
def test_place_of_a_member_is_its_key_and_of_an_item_its_beginning(
    pointer: str, line: int, column: int
) -> None:
    assert read(TEXT, "a.yaml")[1][pointer] == Place("a.yaml", line, column)


@pytest.mark.parametrize(
    ("written", "advice"),
    [
        ("yes", "true or false; quote it"),
        ("No", "true or false; quote it"),
        ("on", "true or false; quote it"),
        ("OFF", "true or false; quote it"),
        ("True", "write it in lower case, or quote it"),
        ("NULL", "write null, or quote it"),
        ("~", "write null, or quote it"),
        ("", "there is no value: write null, or quote it"),
        ("012", "octal; quote it"),
        ("-007", "octal; quote it"),
        ("0x1F", "decimal"),
        ("0o17", "decimal"),
        ("0b101", "decimal"),
        ("1e3", "write it out (1000.0), or quote it"),
        ("1.5e3", "write it out (1000.0), or quote it"),
        ("1E-3", "write it out (1000.0), or quote it"),
        ("12:30", "base 60; quote it"),
        ("1:20:30.5", "base 60; quote it"),
        ("2020-10-01", "a date; quote it"),
        ("2020-10-01 12:00:00", "a date; quote it"),
        ("2020-10-01T12:00:00Z", "a date; quote it"),
        (".inf", "JSON has no such number"),
        ("-.Inf", "JSON has no such number"),
        (".nan", "JSON has no such number"),
        ("+1", "write it as in JSON"),
        ("1.", "write it as in JSON"),
        (".5", "write it as in JSON"),
        ("1_000", "write it as in JSON"),
        ("=", "merge keys are not supported"),
        ("1.0e+999", "is too large"),
        ("9" * 400, "the number is too long"),
    ],
)
def test_ambiguous_text_must_be_quoted(written: str, advice: str) -> None:
    data, _, problems = read(f"a:\n  - b: {written}\n", "a.yaml")
    [(place, problem)] = problems
    assert advice in problem
    assert place.line == 2
    quoted, _, fine = read(f"a:\n  - b: '{written}'\n", "a.yaml")
    assert (quoted, fine) == ({"a": [{"b": written}]}, [])
    assert data in (quoted, {"a": [{"b": None}]})


@pytest.mark.parametrize(
    "written",
    ["nope", "yesterday", "onward", "nullable", "truest", "1.2.3", "v1", "-", "1s", "6m0s", "12:99",
     "n/a", "$model", "a-b", "10.0.0.1", "0.1.0", "<=", "y", "n", "/a", "sk-1", "Infinity", "--x"],
)  # fmt: skip
def test_unambiguous_text_needs_no_quotes(written: str) -> None:
    assert read(f"[{written}]" if written != "-" else "['-']", "a.yaml")[::2] == ([written], [])


@pytest.mark.parametrize("key", ["'on'", "n", "429", "1e3", "null", "2020-10-01", "012", "~"])
def test_keys_are_always_text(key: str) -> None:
    assert read(f"{key}: 1", "a.yaml")[::2] == ({key.strip("'"): 1}, [])


@pytest.mark.parametrize(
    ("text", "line", "column", "message"),
    [
        ("", 1, 1, "the file is empty"),
        ("# nothing\n", 1, 1, "the file is empty"),
        ("a: 1\nb: 2\na: 3\n", 3, 1, "duplicate key a; first used in line 1"),
        ("{a: 1, a: 2}", 1, 8, "duplicate key a"),
        ("a: &x 1\n", 1, 4, "anchors and aliases"),
        ("a: !!str 1\n", 1, 4, "tags are not supported; remove tag:yaml.org,2002:str"),
        ("a: !!python/object:os.system {}\n", 1, 4, "tags are not supported"),
        ("<<: {a: 1}\n", 1, 1, "merge keys"),
        ("? [a]\n: 1\n", 1, 3, "a key must be plain text"),
        ("!!str a: 1\n", 1, 1, "a key must not have a tag or an anchor"),
        ("? : 1\n", 1, 3, "a key must be plain text"),
        ("{? : 1}", 1, 4, "merge keys and empty keys"),
        ("a: 1\n---\nb: 2\n", 2, 1, "a second document begins here"),
        ("a: [1, 2\n", 2, 1, "not YAML: "),
        ("a: b: c\n", 1, 5, "not YAML: mapping values are not allowed in this context"),
        ("a:\n\t- b\n", 2, 1, "not YAML: "),
        ("a: *x\n", 1, 4, "anchors and aliases"),
        ("a: 'x\n", 2, 1, "not YAML: "),
        ("a: \x00\n", 1, 1, "not readable as YAML"),
        ("a: \ud800\n", 1, 1, "not readable as YAML"),
        ("[" * (DEEPEST + 1), 1, DEEPEST + 1, f"nested deeper than {DEEPEST} levels"),
    ],
)
def test_every_problem_has_its_place(text: str, line: int, column: int, message: str) -> None:
    _, _, problems = read(text, "a.yaml")
    place, problem = problems[0]
    assert message in problem
    assert (place.path, place.line) == ("a.yaml", line)
    assert place.column == column or "not YAML" in message


@pytest.mark.parametrize("text", ["on: 1", "{Yes: 1}", "a: {no: 1}", "OFF: 1"])
def test_keys_that_some_readers_take_for_booleans_must_be_quoted(text: str) -> None:
    [(_, problem)] = read(text, "a.yaml")[2]
    assert "true or false; quote it" in problem


@pytest.mark.parametrize("text", ["{a?: 1}", "[a?]", "{a: {b: 1, c?d: 2}}", "a: [{b: c?}]"])
def test_question_mark_in_a_flow_collection_must_be_quoted(text: str) -> None:
    """Readers without libyaml reject it."""
    [(_, problem)] = read(text, "a.yaml")[2]
    assert "quote the text" in problem
    for quoted in ("a?: 1", "{'a?': 1}", "['a?']"):
        assert read(quoted, "a.yaml")[2] == []


def test_files_are_read_alike_without_libyaml(monkeypatch: pytest.MonkeyPatch) -> None:
    with_libyaml = read(TEXT, "a.yaml")
    monkeypatch.delattr(yaml, "CSafeLoader", raising=False)
    assert read(TEXT, "a.yaml") == with_libyaml


def test_all_problems_are_reported_at_once() -> None:
    _, _, problems = read("a: yes\nb: 012\na: 1\nc: 2020-01-01\n", "a.yaml")
    assert [place.line for place, _ in problems] == [1, 2, 3, 4]


def test_the_first_of_two_equal_keys_is_used() -> None:
    assert read("a: 1\na: {b: 2}\n", "a.yaml")[0] == {"a": 1}


def test_nested_aliases_are_not_expanded() -> None:
    bomb = "a: &a [1]\n" + "".join(
        f"{c}: &{c} [*{p},*{p},*{p},*{p}]\n" for p, c in zip("abcdefghi", "bcdefghij", strict=True)
    )
    data, _, problems = read(bomb, "a.yaml")
    assert data["j"] == [None] * 4
    assert all("anchors" in problem for _, problem in problems)


def test_windows_line_ends_and_byte_order_mark_are_accepted() -> None:
    text = "\ufeff" + TEXT.replace("\n", "\r\n")
    assert read(text, "a")[0] == read(TEXT, "a")[0]
    assert read(text, "a")[1] == read(TEXT, "a")[1]


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(st.characters(categories=("L", "N", "P"))),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from("abc"), inner),
    max_leaves=8,
)  # fmt: skip


@given(VALUES)
def test_json_is_valid_yaml(value: Json) -> None:
    assert read(json.dumps(value, ensure_ascii=False), "a")[::2] == (value, [])


@given(st.text(st.sampled_from("ab:-[]{},'\"&*!|>#?%@ \n012.~e"), max_size=30))
def test_accepted_text_is_read_as_by_another_yaml_reader(text: str) -> None:
    data, _, problems = read(text, "a")
    if not problems:
        assert _as_text(yaml.load(text, getattr(yaml, "CSafeLoader", yaml.SafeLoader))) == _as_text(
            data
        )


def _as_text(value: Json) -> Json:
    """Return the data with keys as text, which is the only intended difference."""
    if isinstance(value, dict):
        return {str(key): _as_text(item) for key, item in value.items()}
    return [_as_text(item) for item in value] if isinstance(value, list) else value
