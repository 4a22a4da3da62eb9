"""Nouns told as plain data, and made of it again: nothing is lost, nothing is guessed."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

import pytest

from harness import run
from harness.model import Attempt, Forwarded, Plan, Row, Target
from harness.util.serialization import DecodeError, from_json, maker, to_json


def test_every_plan_comes_back_from_json() -> None:
    opened = run.load_session(run.Options(packs=("openai-chat", "cross-protocol")))
    plans = [opened.plan(case) for pack in opened.packs.values() for case in pack.cases]
    kept = [run.resolved(made) for made in plans]
    assert json.loads(json.dumps(kept)) == kept
    assert [run.resolved(from_json(Plan, each)) for each in kept] == kept
    assert from_json(Target, json.loads(json.dumps(to_json(opened.target)))) == opened.target


def test_what_has_a_default_may_be_missing() -> None:
    row = {"id": "a", "path": "a", "location": "request", "declared": "ignored"}
    assert from_json(Row, row) == Row("a", "a", "request", "ignored")
    assert from_json(Attempt, {"started": 0, "seconds": 1, "end": "complete"}).status is None


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"headers": [["a", 1]]}, "/headers/0/1: not a str: 1"),
        ({"headers": [["a"]]}, "/headers/0: not such a list: ['a']"),
        ({"headers": {}}, "/headers: not such a list: {}"),
        ({"status": True}, "/status: not a int: True"),
        ({"status": None}, "/status: not a int: None"),
        ({"colour": "red"}, ": unknown field `colour`"),
    ],
)
def test_what_is_no_such_noun_is_told_by_its_place(change: Any, told: str) -> None:
    right = {"method": "GET", "path": "/", "headers": [], "body": "", "status": 200}
    assert from_json(Forwarded, right) == Forwarded("GET", "/", (), "", 200)
    with pytest.raises(DecodeError) as error:
        from_json(Forwarded, {**right, **change})
    assert str(error.value).startswith(told)


@pytest.mark.parametrize("data", [[], 7, None])
def test_a_record_is_an_object(data: Any) -> None:
    with pytest.raises(DecodeError, match="not an object"):
        from_json(Row, data)
    with pytest.raises(DecodeError, match="/endpoints: not an object"):
        from_json(Target, {"name": "a", "endpoints": data, "packs": []})


def test_a_field_that_nobody_can_read_is_our_own_fault() -> None:
    @dataclass
    class Strange:
        what: complex

    with pytest.raises(TypeError):
        maker(complex)
