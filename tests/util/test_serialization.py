"""Dataclasses become JSON and come back: nothing is lost, converted or ignored."""

from __future__ import annotations

import json
from typing import Any

import pytest

from harness import run
from harness.model import Attempt, Forwarded, Plan, Row, Target
from harness.util.serialization import DecodeError, compact_text, from_json, to_json


def test_every_plan_comes_back_from_json() -> None:
    session = run.load_session(run.Options(packs=("openai-chat", "cross-protocol")))
    plans = [session.plan(case) for pack in session.packs.values() for case in pack.cases]
    stored = json.loads(json.dumps([run.resolved(plan) for plan in plans]))
    again = [run.resolved(from_json(Plan, each)) for each in stored]
    assert json.loads(json.dumps(again)) == stored
    assert from_json(Target, json.loads(json.dumps(to_json(session.target)))) == session.target


def test_a_field_with_a_default_may_be_missing() -> None:
    row = {"id": "a", "path": "a", "location": "request", "declared": "ignored"}
    assert from_json(Row, row) == Row("a", "a", "request", "ignored")
    assert from_json(Attempt, {"started": 0, "seconds": 1, "end": "complete"}).status is None


@pytest.mark.parametrize(
    ("change", "path"),
    [
        ({"headers": [["a", 1]]}, "$.headers[0][1]"),
        ({"headers": [["a"]]}, "$.headers[0]"),
        ({"headers": {}}, "$.headers"),
        ({"status": True}, "$.status"),
        ({"status": None}, "$.status"),
        ({"status": "200"}, "$.status"),
        ({"colour": "red"}, "$.colour"),
    ],
)
def test_an_invalid_value_is_rejected_with_its_path(change: Any, path: str) -> None:
    valid = {"method": "GET", "path": "/", "headers": [], "body": "", "status": 200}
    assert from_json(Forwarded, valid) == Forwarded("GET", "/", (), "", 200)
    with pytest.raises(DecodeError) as error:
        from_json(Forwarded, {**valid, **change})
    assert str(error.value).endswith(f"at `{path}`")


def test_a_missing_field_is_rejected() -> None:
    with pytest.raises(DecodeError, match="missing required field `path`"):
        from_json(Row, {"id": "a"})


@pytest.mark.parametrize("data", [[], 7, None])
def test_a_dataclass_is_read_from_an_object_only(data: Any) -> None:
    with pytest.raises(DecodeError, match="Expected `object`"):
        from_json(Row, data)
    with pytest.raises(DecodeError, match=r"Expected `object`.*at `\$\.endpoints`"):
        from_json(Target, {"name": "a", "endpoints": data, "packs": []})


@pytest.mark.parametrize(
    "value", [{"a": [1, 2.5, None, True], "é": '"\\\n'}, "half \ud83d", {True: 1}, 10**40, [], {}]
)
def test_compact_text_is_the_json_of_every_value(value: Any) -> None:
    text = compact_text(value)
    assert text == json.dumps(value, ensure_ascii=False, separators=(",", ":"))
