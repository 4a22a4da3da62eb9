"""A path selects nodes, and says where each one lies."""

from __future__ import annotations

import subprocess
import sys

import pytest

from harness.model import Json
from harness.util import jsonpath
from harness.util.strict_json import DEEPEST

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
def test_nodes_come_with_their_pointers(path: str, nodes: list[tuple[str, Json]]) -> None:
    assert jsonpath.find(path, ANSWER) == nodes


@pytest.mark.parametrize(
    "path", ["", "choices", "$.a[", "$[?]", "$.a b", "$[?nope(@)]", "$[1e999]"]
)
def test_what_is_no_path_is_refused_by_name(path: str) -> None:
    with pytest.raises(ValueError, match=r"RFC 9535") as caught:
        jsonpath.compile(path)
    assert str(caught.value).startswith(path)


def test_a_path_is_parsed_once() -> None:
    assert jsonpath.compile("$.a.b") is jsonpath.compile("$.a.b")


@pytest.mark.parametrize("data", [None, 3, "text", []])
def test_data_without_the_node_is_no_failure(data: Json) -> None:
    assert jsonpath.find("$.choices[0].message", data) == []


def test_the_deepest_answer_is_searched_to_its_end() -> None:
    data: Json = {"end": 1}
    for _ in range(DEEPEST):
        data = [data]
    assert jsonpath.find("$..end", data) == [("/0" * DEEPEST + "/end", 1)]


def test_the_library_is_loaded_on_first_use() -> None:
    """`harness --help` must not wait for it."""
    code = "import sys, harness.util.jsonpath; sys.exit('jsonpath_rfc9535' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
