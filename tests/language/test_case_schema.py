"""The schema of case files agrees with the behaviours, checks and tables of the code."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import jsonschema
import pytest

from harness.language import checks
from harness.language.behaviours import BEHAVIOURS, BY_ID, Behaviour
from harness.language.behaviours.upstream_reply import STOP_REASONS, USAGE
from harness.language.case_schema import check_definitions, definitions
from harness.model.protocol import PROTOCOLS
from harness.model.sdk import SCRIPTS, SDKS
from harness.testbed.mock_provider import reply_script
from harness.util import json_schema, paths

SCHEMA = paths.schemas_dir() / "case.schema.json"
MAX_KEYS = 88  # distinct keys of all files that authors write
MAX_SIZE = 40_000  # bytes; editors load the schema for every case file


def errors(**keys: Any) -> list[tuple[str, str]]:
    return json_schema.errors("case", {"cases": [{"id": "a", "row": "r", **keys}]})


def enumeration(*path: str | int) -> list[str]:
    """Return the values of a property, whose `path` begins at the shared parts of the schema."""
    part: Any = definitions()
    for name in path:
        part = part[name]
    values: list[str] = part["enum"]
    return values


def test_enumerations_are_those_of_the_code() -> None:
    assert enumeration("common", "properties", "behaviour") == [*BY_ID]
    assert enumeration("step", "properties", "protocol") == [*PROTOCOLS]
    assert enumeration("client", "properties", "sdk") == [*SDKS]
    named = enumeration("client", "properties", "script", "anyOf", 0)
    assert [*named, "snippet"] == [*SCRIPTS]  # a snippet is written as DOCUMENT/HEADING
    signals = ("checks", "properties", "error_signalled_by", "items")
    assert enumeration(*signals) == [*checks.status.DESCRIPTIONS]
    upstream = definitions()["upstream"]["properties"]
    assert {*STOP_REASONS} < reply_script.FINISH.keys()
    assert {*re.findall(r"`(\w+)`", upstream["stop_reason"]["description"])} == {*STOP_REASONS}
    assert enumeration("upstream", "properties", "usage", "propertyNames") == [*USAGE]
    forwarded = enumeration("checks", "properties", "forwarded", "propertyNames")
    assert {*forwarded} == {*PROTOCOLS, "count"}
    fail = ("upstream", "properties", "stream", "properties", "fail", "propertyNames")
    assert sorted(enumeration(*fail)) == sorted(reply_script.ENDS)


def test_description_of_within_states_the_slack() -> None:
    entry = definitions()["checks"]["properties"]["steps_agree"]["items"]
    assert f"within {checks.compare.SLACK}." in entry["properties"]["within"]["description"]


def test_every_behaviour_has_a_definition_that_its_cases_use() -> None:
    branches = {
        branch["if"]["properties"]["behaviour"]["const"]: branch["then"]["$ref"]
        for branch in definitions()["case"]["allOf"]
    }
    assert branches == {behaviour: f"#/$defs/{behaviour}" for behaviour in BY_ID}


def test_schema_is_small_and_uses_all_its_definitions() -> None:
    schema, text = json_schema.contents("case"), SCHEMA.read_text("utf-8")
    assert json_schema.check_schema(schema) is None
    assert len(text.encode()) < MAX_SIZE
    assert [name for name in definitions() if f'#/$defs/{name}"' not in text] == []


def properties(schema: Any, pointer: str = "") -> Iterator[tuple[str, Any]]:
    """Yield (pointer, schema) of every property in a schema, at any depth."""
    if isinstance(schema, dict):
        declared = schema.get("properties", {})
        if isinstance(declared, dict):
            yield from ((f"{pointer}/{name}", value) for name, value in declared.items())
        for key, value in schema.items():
            yield from properties(value, f"{pointer}/{key}")
    elif isinstance(schema, list):
        for index, value in enumerate(schema):
            yield from properties(value, f"{pointer}/{index}")


def test_every_property_has_a_description() -> None:
    schema = json_schema.contents("case")

    def described(value: dict[str, Any]) -> bool:
        if "description" in value or set(value) == {"const"}:
            return True
        target: Any = schema
        for token in value.get("$ref", "#/none").split("/")[1:]:
            target = target.get(token, {})
        return "description" in target

    assert [pointer for pointer, value in properties(schema) if not described(value)] == []


def test_vocabulary_is_small() -> None:
    """An author must know these keys. Names that an author or a protocol chooses do not count."""
    files = ("case", "pack", "rows", "target", "claims")
    pointers = [at for name in files for at, _ in properties(json_schema.contents(name))]
    keys = {at.rpartition("/")[2] for at in pointers}
    assert len(keys - {f"{key}s" for key in keys}) <= MAX_KEYS  # a plural is no further word


@pytest.mark.parametrize("behaviour", BEHAVIOURS, ids=lambda behaviour: behaviour.id)
def test_behaviour_accepts_its_own_keys_and_the_common_ones(behaviour: Behaviour) -> None:
    part, common = definitions()[behaviour.id], definitions()["common"]["properties"]
    assert part["$ref"] == "#/$defs/common"
    assert {*behaviour.required} <= {*common, *behaviour.keys}
    foreign = {key for other in BEHAVIOURS for key in other.keys} - behaviour.keys.keys()
    for key in foreign:
        problems = errors(behaviour=behaviour.id, **{key: [1]})
        assert f"/cases/0/{key}" in [at for at, _ in problems], key


def test_checks_of_case_files_are_those_of_the_code() -> None:
    in_cases = {check.id for check in checks.BY_ID.values() if check.in_cases}
    assert check_definitions().keys() == {*in_cases, "any_of", "when"}
    assert definitions()["when"]["properties"].keys() == in_cases


VALID: dict[str, dict[str, Any]] = {
    "minimal": {},
    "about": {"why": "so", "source": "page", "feature": "tools", "modes": ["stream"]},
    "several rows": {"row": ["r", "r2"]},
    "values": {"field": "$.a", "values": [1], "level": "may", "repeat": 2},
    "request": {"request": {"body": {"a": None}, "omit": ["b"], "auth": "none"}},
    "headers": {"request": {"headers": {"a": "b", "c": None}}},
    "repeated headers": {"request": {"headers": [["a", "b"], ["a", "c"]]}},
    "steps": {"steps": [{"name": "a", "capture": {"b": "$.c"}, "expect": {"status": 400}}]},
    "raw body": {"request": {"raw": "{"}},
    "simple checks": {"expect": {"headers": {"a?": False}, "schema": "openai/error"}},
    "plain values": {"expect": {"body": {"$.a": "x", "$.b": 1, "$.c": None, "$.d": ["x"]}}},
    "stream checks": {"should": {"events": {"$[*]": True}, "sum": {"$.a": ["$.b"]}}},
    "relations": {"may": {"unique": ["$.a", "header b"], "same": ["$.a", ["$.b", "header c"]]}},
    "comparison": {"expect": {"same_as": {"control": {"omit": ["a"]}, "paths": ["$.a"]}}},
    "alternatives": {"expect": {"any_of": [{"status": "ok"}, {"body": {"$.a": 1}}]}},
    "condition": {"expect": {"when": {"status": 429, "headers": {"a": {}}}}},
    "control": {"control": {"body": {"a": 1}, "expect": {"status": "ok"}}},
    "assumption": {"assume": {"status": "ok"}},
    "upstream": {"upstream": {"text": "a", "stream": {"fail": {"drop": 1}}}},
}  # fmt: skip
# keys, and where the error is
INVALID: list[tuple[dict[str, Any], str]] = [
    ({"id": "a b"}, "/id"),
    ({"behaviour": "suported"}, "/behaviour"),
    ({"vales": [1]}, "/vales"),
    ({"range": {}}, "/range"),
    ({"modes": []}, "/modes"),
    ({"modes": ["stream", "stream"]}, "/modes"),
    ({"field": "a"}, "/field"),
    ({"level": "must"}, "/level"),
    ({"repeat": 1}, "/repeat"),
    ({"repeat": 11}, "/repeat"),
    ({"control": {"omit": ["a"]}}, "/control"),
    ({"upstream": {"stop_reason": {"end": "a"}}}, "/upstream/stop_reason"),
    ({"request": {"method": "FETCH"}}, "/request/method"),
    ({"request": {"seed": 1}}, "/request/seed"),
    ({"steps": [{"request": {"body": {}}}]}, "/steps/0"),
    ({"steps": [{"name": "a", "capture": {"b c": "$.a"}}]}, "/steps/0/capture"),
    ({"expect": {}}, "/expect"),
    ({"expect": {"stats": "ok"}}, "/expect/stats"),
    ({"expect": {"status": "fine"}}, "/expect/status"),
    ({"expect": {"body": {"a": {}}}}, "/expect/body"),
    ({"expect": {"any_of": [{"status": "ok"}]}}, "/expect/any_of"),
    ({"expect": {"when": {"status": 429}}}, "/expect/when"),
    ({"expect": {"when": {"headers": {"a": {}}, "body": {"$": {}}}}}, "/expect/when"),
    ({"expect": {"untouched": {"at": "/a"}}}, "/expect/untouched"),
    ({"expect": {"same_as": {"paths": ["$.a"]}}}, "/expect/same_as"),
    ({"control": {"omit": ["a"]}}, "/control"),
    ({"upstream": {}}, "/upstream"),
]


@pytest.mark.parametrize("keys", VALID.values(), ids=VALID.keys())
def test_valid_keys_are_accepted(keys: dict[str, Any]) -> None:
    assert errors(**keys) == []


@pytest.mark.parametrize(("keys", "at"), INVALID, ids=[at for _, at in INVALID])
def test_invalid_keys_are_reported_at_their_place(keys: dict[str, Any], at: str) -> None:
    problems = errors(**keys)
    assert problems
    assert all(where.startswith(f"/cases/0{at}") for where, _ in problems)


def test_editors_can_validate_the_shipped_cases_with_it() -> None:
    """The unchanged jsonschema library agrees with the project's own validator."""
    yaml = pytest.importorskip("yaml")
    validator = jsonschema.Draft202012Validator(json_schema.contents("case"))
    file = paths.cases_dir() / "openai-compat" / "behaviours.yaml"
    assert list(validator.iter_errors(yaml.safe_load(file.read_text("utf-8")))) == []
