"""Operators of mutants as data: what each does to JSON data, and when its conditions hold."""

from __future__ import annotations

from typing import Any

import pytest

from harness.testbed.gateway.errors import RequestError
from harness.testbed.mutation.conditions import error_holds, holds, request_holds
from harness.testbed.mutation.edits import EDITS, edit

REQUEST = {"seed": 7, "tags": ["a", "b"]}
CASES: list[tuple[dict[str, Any], Any, Any]] = [
    ({"set": {"$.a.b": 1}}, {"a": {}}, {"a": {"b": 1}}),
    ({"set": {"$..b": 1}}, {"a": [{"b": 2}], "c": {}}, {"a": [{"b": 1}], "c": {}}),
    ({"drop": "$.a[1,0,1]"}, {"a": [1, 2, 3]}, {"a": [3]}),
    ({"multiply": {"$.n": 10}}, {"n": 1.5e308}, {"n": None}),
    ({"set": {"$.a[0]": 1}}, {"a": [0, 2]}, {"a": [1, 2]}),
    ({"set": {"$.a[*].b": None}}, {"a": [{}, {"b": 1}, 3]}, {"a": [{"b": None}, {"b": None}, 3]}),
    ({"set": {"$.x.b": 1}}, {"a": {}}, {"a": {}}),
    ({"default": {"$.a": 1, "$.b": 2}}, {"a": 0}, {"a": 0, "b": 2}),
    ({"drop": "$.a[?@.k=='x']"}, {"a": [{"k": "x"}, {"k": "y"}, {"k": "x"}]}, {"a": [{"k": "y"}]}),
    ({"drop": ["$.a", "$.none"]}, {"a": 1, "b": 2}, {"b": 2}),
    ({"rename": {"$.a": "z"}}, {"a": 1, "b": 2}, {"b": 2, "z": 1}),
    ({"copy": {"$.b": "$.a"}}, {"a": [1]}, {"a": [1], "b": [1]}),
    ({"copy": {"$.b": "$.none"}}, {"a": 1}, {"a": 1}),
    ({"pair": {"$.a[*].id": "$.b[*]"}}, {"a": [{}, {"id": 0}, {}], "b": [1, 2]},
     {"a": [{"id": 1}, {"id": 2}, {}], "b": [1, 2]}),
    ({"echo": {"$.seed": "$.seed"}}, {}, {"seed": 7}),
    ({"append": {"$.a": 3, "$.t": "!"}}, {"a": [1], "t": "x"}, {"a": [1, 3], "t": "x!"}),
    ({"prepend": {"$.a": 3, "$.t": "!"}}, {"a": [1], "t": "x"}, {"a": [3, 1], "t": "!x"}),
    ({"append": {"$.a": 3}}, {"a": None}, {"a": None}),
    ({"first": {"$.a": 1, "$.t": 2}}, {"a": [1, 2], "t": "xyz"}, {"a": [1], "t": "xy"}),
    ({"last": {"$.a": 1, "$.t": 2}}, {"a": [1, 2], "t": "xyz"}, {"a": [2], "t": "yz"}),
    ({"replace": {"$.t": {"a": "b", "b": "c"}}}, {"t": "ab"}, {"t": "cc"}),
    ({"substitute": {"$.*": {"^a+": "<\\g<0>>", "b": ""}}}, {"t": "aab", "n": 1},
     {"t": "<aa>", "n": 1}),
    ({"number": {"$.a[*].n": 1}}, {"a": [{"n": 9}, {}, {"n": 9}]},
     {"a": [{"n": 1}, {}, {"n": 2}]}),
    ({"first": {"$.a": 1}}, {"a": {"x": 1, "y": 2}}, {"a": {"x": 1}}),
    ({"add": {"$.n": 1}}, {"n": 2}, {"n": 3}),
    ({"add": {"$.n": 1}}, {"n": True}, {"n": True}),
    ({"multiply": {"$.u.*": 2}}, {"u": {"a": 1, "b": "x"}}, {"u": {"a": 2, "b": "x"}}),
    ({"repeat": "$[?@.k==1]"}, [{"k": 1}, {"k": 2}], [{"k": 1}, {"k": 1}, {"k": 2}]),
    ({"reverse": "$[?@.k].v"}, [{"k": 1, "v": 1}, {"v": 2}, {"k": 1, "v": 3}],
     [{"k": 1, "v": 3}, {"v": 2}, {"k": 1, "v": 1}]),
    ({"reverse": "$.a[*]"}, {"a": [1, 2, 3]}, {"a": [3, 2, 1]}),
    ({"move": {"$[-1]": "$[0]"}}, [1, 2, 3], [3, 1, 2]),
    ({"move": {"$[0]": "$[2]"}}, [1, 2, 3], [2, 1, 3]),
    ({"move": {"$[0]": "$[9]"}}, [1, 2], [1, 2]),
    ({"as_text": "$.a"}, {"a": {"b": 1}}, {"a": '{"b": 1}'}),
    ({"from_text": "$.a"}, {"a": '{"b": 1}'}, {"a": {"b": 1}}),
    ({"move": {"$.b": "$.a"}}, {"a": 1, "b": 2}, {"a": 1, "b": 2}),
    ({"as_text": ["$.a.b", "$.a"]}, {"a": {"b": 1}}, {"a": '{"b": "1"}'}),
    ({"drop": "$.a[?@.k==1] | $[1:]"}, {"a": [{"k": 1}, {"k": 1}, {}]}, {"a": [{"k": 1}, {}]}),
    ({"set": {"$.a[*] | $[-1:].b": 1}}, {"a": [{}, {}]}, {"a": [{}, {"b": 1}]}),
    ({"drop": "$[*].a | $[1:] | $[?@.k].k"}, [{"a": {"k": 1}}, {"a": {}}, {"a": {"k": 1}}],
     [{"a": {"k": 1}}, {"a": {}}, {"a": {}}]),
    ({"copy": {"$.b": "$.a[*] | $[9]"}}, {"a": [1]}, {"a": [1]}),
    ({"drop": "$.b", "copy": {"$.b": "$.a"}}, {"a": 1, "b": 2}, {"a": 1, "b": 1}),
]  # fmt: skip


@pytest.mark.parametrize(("operators", "before", "after"), CASES, ids=lambda value: str(value)[:40])
def test_operator_changes_data(operators: dict[str, Any], before: Any, after: Any) -> None:
    assert edit(before, operators, REQUEST) == after


ARGUMENTS: dict[str, Any] = {
    "drop": "$.*",
    "repeat": "$.*",
    "reverse": "$.*",
    "as_text": "$.*",
    "from_text": "$.*",
    "rename": {"$[*]": "z"},
    "copy": {"$.*": "$.*"},
    "pair": {"$.*": "$[*]"},
    "echo": {"$.*": "$.tags"},
    "move": {"$[-1]": "$[0]"},
    "first": {"$.*": 1},
    "last": {"$.*": 1},
    "replace": {"$.*": {"a": "b"}},
    "substitute": {"$.*": {"a|^": "b"}},
}


@pytest.mark.parametrize("name", EDITS)
@pytest.mark.parametrize(
    "data",
    [None, 7, "a", [], {}, [1, "a", None, True, [], {}], {"a": 1, "b": "a", "c": [], "d": {}}],
)
def test_operator_takes_any_data(name: str, data: Any) -> None:
    edit(data, {name: ARGUMENTS.get(name, {"$.*": 1, "$.x": 1, "$[0]": 1})}, REQUEST)


def test_each_operator_is_tested() -> None:
    assert {name for operators, _, _ in CASES for name in operators} == {*EDITS}


def test_renamed_members_stand_at_the_end_and_others_keep_their_place() -> None:
    data = edit({"a": 1, "b": 2, "c": 3}, {"rename": {"$.a": "z"}, "set": {"$.b": 0}})
    assert list(data) == ["b", "c", "z"]


def test_values_of_a_file_are_not_shared_with_answers() -> None:
    operators: dict[str, Any] = {"set": {"$.a": []}}
    edit({}, operators)["a"].append(1)
    assert operators == {"set": {"$.a": []}}


@pytest.mark.parametrize(
    ("condition", "result"),
    [
        ({"$.n": "present"}, True),
        ({"$.x": "present"}, False),
        ({"$.x": "absent"}, True),
        ({"$.n": {"equals": 2}}, True),
        ({"$.n": {"in": [1, 3]}}, False),
        ({"$.n": {"not_in": [1, 3]}}, True),
        ({"$.b": {"type": "number"}}, False),
        ({"$.b": {"type": ["null", "boolean"]}}, True),
        ({"$.b": {"not_type": "number"}}, True),
        ({"$.n": {"above": 1, "below": 3}}, True),
        ({"$.b": {"above": 0}}, False),
        ({"$.list[*]": {"outside": [1, 2]}}, True),
        ({"$.n": {"outside": [1, 2]}}, False),
        ({"$.t": {"longer": 2}}, True),
        ({"$.t": {"contains": "yz"}}, True),
        ({"$.t": {"matches": "^y"}}, False),
        ({"$.list[*]": {"equals": 3}}, True),
        ({"$.list[*]": {"equals": 9}}, False),
        ({"$.list[*] | $[1:]": {"equals": 3}}, True),
        ({"$.list[*] | $[2:]": "present"}, False),
        ({"$.n": "present", "$.x": "present"}, False),
        ({"$.temperature": "invalid"}, True),
        ({"$.top_p": "invalid"}, False),
        ({"$.seed": "invalid"}, False),
        ({"$.no_such_field": "invalid"}, False),
        ({"data $.id": {"equals": 1}, "$.id": "absent"}, True),
        ({"data $.n": "present"}, False),
    ],
)
def test_condition_on_the_body(condition: dict[str, Any], result: bool) -> None:
    body = {"n": 2, "b": True, "t": "xyz", "list": [1, 3], "temperature": "hot", "top_p": 0.5}
    assert holds(condition, body, "chat", {"id": 1}) is result


def test_condition_on_the_request_reads_path_method_and_headers() -> None:
    request: dict[str, Any] = {
        "path": "/v1/models?a=b",
        "method": "GET",
        "headers": [("X-Key", "Abc")],
    }
    request |= {"body": b'{"x": 1}'}
    assert request_holds({"path": {"equals": "/v1/models"}, "method": {"equals": "GET"}}, request)
    assert request_holds({"header x-key": {"contains": "bc"}, "header y": "absent"}, request)
    assert not request_holds({"header x-key": "absent"}, request)
    assert request_holds({"query": {"contains": "a="}, "body": {"contains": "x"}}, request)
    assert request_holds({"query": "absent"}, {**request, "path": "/v1/models"})


def test_condition_on_an_error_reads_status_code_and_field() -> None:
    refusal = RequestError(400, "no", param="seed")
    assert error_holds({"status": {"equals": 400}, "param": "present", "code": "absent"}, refusal)
    assert error_holds({"message": {"equals": "no"}}, refusal)
    assert not error_holds({"param": {"equals": "n"}}, refusal)
