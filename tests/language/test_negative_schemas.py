"""A schema that only forbids something says nothing about a value that is not there."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.inline_pack import Reply, judge_replies, make_plan, text_reply

CONTENT = "$.choices[0].message.content"
NO_SEVEN = {"not": {"pattern": "7"}}


def outcome(schema: Any, content: Any, path: str = CONTENT, **spec: Any) -> tuple[str, str]:
    plan = make_plan("supported", modes=["plain"], expect={"body": {path: schema}}, **spec)
    body = text_reply("ready").body
    message = body["choices"][0]["message"]
    if content == "missing":
        del message["content"]
    else:
        message["content"] = content
    verdict = judge_replies(plan, lambda shot: Reply(body=body))
    failed = [f for f in verdict.findings if not f.holds and f.rule.startswith("body")]
    return "fails" if failed else verdict.outcome, verdict.evidence


def test_a_text_is_examined() -> None:
    assert outcome(NO_SEVEN, "1 2 3") == ("pass", "effect")
    assert outcome(NO_SEVEN, "1 2 7")[0] == "fails"


@pytest.mark.parametrize("schema", [NO_SEVEN, {"not": {"const": "x"}}, {"not": {"enum": ["x"]}}])
def test_null_decides_nothing(schema: Any) -> None:
    assert outcome(schema, None)[0] == "inconclusive"
    _, evidence = outcome(schema, None, f"{CONTENT}?")
    assert evidence != "effect"


@pytest.mark.parametrize("path", [CONTENT, f"{CONTENT}?"])
def test_a_missing_value_neither_fails_nor_holds(path: str) -> None:
    result, evidence = outcome(NO_SEVEN, "missing", path)
    assert result != "fails"
    assert evidence != "effect"


def test_a_value_of_another_type_neither_fails_nor_holds() -> None:
    assert outcome(NO_SEVEN, 7)[0] != "fails"
    nested = {"not": {"anyOf": [{"allOf": [{"pattern": "7"}]}, {"pattern": "8"}]}}
    assert outcome(nested, None)[0] == "inconclusive"
    assert outcome(nested, "8")[0] == "fails"


@pytest.mark.parametrize("schema", [{"not": {"const": None}}, {"not": {"type": "null"}}])
def test_null_can_be_forbidden(schema: Any) -> None:
    assert outcome(schema, None)[0] == "fails"


def test_a_schema_that_also_requires_something_is_examined() -> None:
    assert outcome({"type": "string", **NO_SEVEN}, None)[0] == "fails"
