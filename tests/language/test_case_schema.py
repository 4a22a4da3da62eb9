"""The committed schema of case files is the one that the behaviours and checks write."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from harness.language.behaviours import BEHAVIOURS
from harness.language.case_schema import COMMON, case_schema
from harness.language.checks import CHECKS
from harness.util import json_schema, paths

AGAIN = "python -m harness.language.case_schema > schemas/case.schema.json"
CASE = {"id": "a", "row": "r", "behaviour": "supported"}


def schema_errors(**keys: Any) -> list[tuple[str, str]]:
    spec = {**CASE, **keys}
    return json_schema.errors("case", {"cases": [spec]})


def test_the_committed_schema_is_up_to_date() -> None:
    text = (paths.schemas_dir() / "case.schema.json").read_text(encoding="utf-8")
    assert json.loads(text) == case_schema(), f"write it anew: {AGAIN}"


def test_the_way_to_write_it_anew_works() -> None:
    command = [sys.executable, "-m", "harness.language.case_schema"]
    root = Path(__file__).resolve().parents[2]
    made = subprocess.run(command, cwd=root, capture_output=True, text=True, check=True)
    text = (paths.schemas_dir() / "case.schema.json").read_text(encoding="utf-8")
    assert made.stdout == text, f"write it anew: {AGAIN}"


def test_it_is_a_schema_and_every_part_of_it_is_used() -> None:
    schema = case_schema()
    assert json_schema.check_schema(schema) is None
    text = json.dumps(schema)
    assert [n for n in schema["$defs"] if n != "case" and f'#/$defs/{n}"' not in text] == []


@pytest.mark.parametrize("behaviour", BEHAVIOURS, ids=lambda behaviour: behaviour.id)
def test_a_behaviour_has_its_own_keys_and_the_common_ones(behaviour: Any) -> None:
    part = case_schema()["$defs"][behaviour.id]
    assert set(part["properties"]) == {*COMMON, *behaviour.keys}
    assert set(part["required"]) == {"id", "row", "behaviour", *behaviour.required}
    assert part["description"] == behaviour.promise
    assert set(behaviour.required) <= {*COMMON, *behaviour.keys}


def test_every_check_that_may_be_written_has_a_place() -> None:
    written = {check.id for check in CHECKS if check.in_cases}
    parts = case_schema()["$defs"]
    assert set(parts["checks"]["properties"]) == {*written, "any", "when"}
    assert set(parts["assume"]["properties"]) == {*written, "any", "when", "control"}
    assert set(parts["when"]["properties"]) == written


RIGHT: list[dict[str, Any]] = [
    {},
    {"also": ["r2"], "why": "so", "source": "page", "feature": "tools", "modes": ["stream"]},
    {"at": "/a", "values": [1], "level": "may", "repeat": 2},
    {"request": {"a": None}, "omit": ["b"], "http": {"auth": "none", "headers": [["a", "b"]]}},
    {"steps": [{"name": "a", "capture": {"b": "$.c"}, "raw": "{", "expect": {"status": 400}}]},
    {"expect": {"status": [400, 404], "headers": {"a?": False}, "schema": "openai/error"}},
    {"should": {"body": {"$.a?": {}}, "events": {"$[*]": True}, "sum": {"$.a": ["$.b"]}}},
    {"may": {"unique": ["$.a", "header b"], "equal": ["$.a"]}},
    {"expect": {"same_as": {"control": {"omit": ["a"]}, "paths": ["$.a"]}}},
    {"expect": {"any": [{"status": "ok"}, {"any": [{"status": 400}, {"status": 404}]}]}},
    {"expect": {"when": {"status": 429, "headers": {"a": {}}}}},
    {"assume": {"control": {"request": {"a": 1}, "status": "ok"}, "status": "ok"}},
]
WRONG: list[tuple[dict[str, Any], str]] = [
    ({"id": "a b"}, "/cases/0/id"),
    ({"behaviour": "suported"}, "/cases/0/behaviour"),
    ({"vales": [1]}, "/cases/0/vales"),
    ({"range": {}}, "/cases/0/range"),
    ({"modes": []}, "/cases/0/modes"),
    ({"modes": ["stream", "stream"]}, "/cases/0/modes"),
    ({"at": "a"}, "/cases/0/at"),
    ({"level": "must"}, "/cases/0/level"),
    ({"repeat": 1}, "/cases/0/repeat"),
    ({"http": {"method": "FETCH"}}, "/cases/0/http/method"),
    ({"steps": [{"request": {}}]}, "/cases/0/steps/0"),
    ({"steps": [{"name": "a", "capture": {"b c": "$.a"}}]}, "/cases/0/steps/0/capture"),
    ({"expect": {}}, "/cases/0/expect"),
    ({"expect": {"stats": "ok"}}, "/cases/0/expect/stats"),
    ({"expect": {"status": "fine"}}, "/cases/0/expect/status"),
    ({"expect": {"body": {"a": {}}}}, "/cases/0/expect/body"),
    ({"expect": {"any": [{"status": "ok"}]}}, "/cases/0/expect/any"),
    ({"expect": {"when": {"status": 429}}}, "/cases/0/expect/when"),
    ({"expect": {"when": {"headers": {"a": {}}, "body": {"$": {}}}}}, "/cases/0/expect/when"),
    ({"expect": {"untouched": {"at": "/a"}}}, "/cases/0/expect/untouched"),
    ({"expect": {"same_as": {"paths": ["$.a"]}}}, "/cases/0/expect/same_as"),
    ({"assume": {"control": {}}}, "/cases/0/assume/control"),
]  # fmt: skip


@pytest.mark.parametrize("keys", RIGHT, ids=range(len(RIGHT)))
def test_what_may_be_written_is_taken(keys: dict[str, Any]) -> None:
    assert schema_errors(**keys) == []


@pytest.mark.parametrize(("keys", "at"), WRONG, ids=range(len(WRONG)))
def test_what_may_not_be_written_is_told_where_it_stands(keys: dict[str, Any], at: str) -> None:
    found = schema_errors(**keys)
    assert found
    assert all(where.startswith(at) for where, _ in found)
