"""JSONPath queries return nodes with their JSON Pointers."""

from __future__ import annotations

import subprocess
import sys

import pytest

from harness.model import Json
from harness.util import jsonpath
from harness.util.strict_json import MAX_DEPTH

ANSWER = {"choices": [{"message": {"content": "a"}}, {"message": {"content": None}}], "a/b~c": 1}


@pytest.mark.parametrize(
    ("path", "nodes"),
    [
        ("$", [("", ANSWER)]),
        ("$.choices[0].message.content", [("/choices/0/message/content", "a")]),
        ("$.choices[-1].message.content", [("/choices/1/message/content", None)]),
        (
            "$.choices[*].message.content",
            [("/choices/0/message/content", "a"), ("/choices/1/message/content", None)],
        ),
        ("$['a/b~c']", [("/a~1b~0c", 1)]),
        ("$.nothing", []),
        (
            "$.choices[?@.message.content == 'a'].message",
            [("/choices/0/message", {"content": "a"})],
        ),
        ("$..content", [("/choices/0/message/content", "a"), ("/choices/1/message/content", None)]),
    ],
)
def test_nodes_have_pointers(path: str, nodes: list[tuple[str, Json]]) -> None:
    assert jsonpath.find(path, ANSWER) == nodes


@pytest.mark.parametrize(
    "path", ["", "choices", "$.a[", "$[?]", "$.a b", "$[?nope(@)]", "$[1e999]"]
)
def test_invalid_path_is_rejected_with_its_text(path: str) -> None:
    with pytest.raises(ValueError, match=r"RFC 9535") as caught:
        jsonpath.compile(path)
    assert str(caught.value).startswith(path)


def test_path_is_compiled_once() -> None:
    assert jsonpath.compile("$.a.b") is jsonpath.compile("$.a.b")


@pytest.mark.parametrize("data", [None, 3, "text", []])
def test_missing_node_is_an_empty_result(data: Json) -> None:
    assert jsonpath.find("$.choices[0].message", data) == []


def test_deepest_allowed_data_is_searched() -> None:
    data: Json = {"end": 1}
    for _ in range(MAX_DEPTH):
        data = [data]
    assert jsonpath.find("$..end", data) == [("/0" * MAX_DEPTH + "/end", 1)]


def test_library_is_imported_on_first_use() -> None:
    """`harness --help` must not wait for it."""
    code = "import sys, harness.util.jsonpath; sys.exit('jsonpath_rfc9535' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


@pytest.mark.parametrize(
    ("at", "text"),
    [
        ("/choices/0/message/content", "$.choices[0].message.content"),
        ("forwarded /messages/*/content", "forwarded $.messages[*].content"),
        ("header retry-after", "header retry-after"),
        ("event 3", "event 3"),
        ("", ""),
    ],
)
def test_places_of_findings_are_shown_as_paths(at: str, text: str) -> None:
    assert jsonpath.readable_place(at) == text
