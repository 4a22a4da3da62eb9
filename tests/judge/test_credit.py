"""An effect is credited only if the answer to the same request without the field lacks it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from harness.model import Plan, Row, Shot
from harness.plan.repetitions import repeat_plan
from tests.support.inline_pack import (
    PACK,
    Gateway,
    Reply,
    error_reply,
    judge_replies,
    make_plan,
    reply_if,
    text_reply,
)

CONTENT = "$.choices[0].message.content"
REQUEST = replace(PACK, rows=(Row("field", "field", "request", "supported"),))
RESPONSE = replace(PACK, rows=(Row("field", "field", "response", "supported"),))
JSON_MODE: dict[str, Any] = {
    "field": "$.response_format",
    "request": {"body": {"response_format": {"type": "json_object"}}},
    "expect": {"body": {CONTENT: {"pattern": "^{"}}},
}
OTHER_WORDS = {**JSON_MODE["request"]["body"], "messages": [{"role": "user", "content": "Hi"}]}
FORMATTED = reply_if("response_format", text_reply("{}"))
SEVERAL = {"any_of": [{"body": {CONTENT: {"pattern": "^{"}}}, {"body": {"$.object": {}}}]}


def always_json(shot: Shot) -> Reply:
    return text_reply("{}")


def json_plan(**spec: Any) -> Plan:
    return make_plan("supported", REQUEST, **{**JSON_MODE, **spec})


def evidence(plan: Plan, gateway: Gateway) -> tuple[str, str]:
    verdict = judge_replies(plan, gateway)
    return verdict.outcome, verdict.evidence


def test_an_effect_that_the_base_answer_lacks_is_credited() -> None:
    assert evidence(json_plan(), FORMATTED) == ("pass", "effect")


@pytest.mark.parametrize("behaviour", ["supported", "honoured_or_refused"])
def test_what_the_base_answer_has_too_is_no_effect(behaviour: str) -> None:
    verdict = judge_replies(make_plan(behaviour, REQUEST, **JSON_MODE), always_json)
    assert (verdict.outcome, verdict.evidence) == ("pass", "accepted")
    assert any("without the field" in finding.got for finding in verdict.findings)


def test_one_more_request_is_the_control_of_a_request_with_other_messages() -> None:
    plan = json_plan(request={"body": OTHER_WORDS})
    bodies = [shot.call.body for shot in plan.shots if shot.id in plan.controls.values()]
    assert bodies
    assert all("response_format" not in body for body in bodies)
    assert [body["messages"] for body in bodies] == [OTHER_WORDS["messages"]] * len(bodies)
    assert evidence(plan, FORMATTED) == ("pass", "effect")
    assert evidence(plan, always_json) == ("pass", "accepted")


def test_the_described_control_is_compared_with() -> None:
    control = {"omit": ["response_format"], "expect": {"status": "ok"}}
    plan = json_plan(request={"body": OTHER_WORDS}, control=control)
    assert evidence(plan, FORMATTED) == ("pass", "effect")
    assert evidence(plan, always_json) == ("pass", "accepted")


def test_an_alternative_that_only_the_field_explains_is_credited() -> None:
    assert evidence(json_plan(expect=SEVERAL), FORMATTED) == ("pass", "effect")
    assert evidence(json_plan(expect=SEVERAL), always_json) == ("pass", "accepted")


def test_a_control_that_is_refused_limits_nothing() -> None:
    only_with_field = reply_if("response_format", text_reply("{}"))

    def gateway(shot: Shot) -> Reply:
        has_field = "response_format" in (shot.call.body or {})
        return only_with_field(shot) if has_field else error_reply("response_format is required")

    assert evidence(json_plan(), gateway) == ("pass", "effect")


def test_a_row_about_answers_needs_no_comparison() -> None:
    plan = make_plan("supported", RESPONSE, **JSON_MODE)
    assert not plan.controls
    assert evidence(plan, always_json) == ("pass", "effect")


def test_no_request_is_added_where_no_answer_shows_an_effect() -> None:
    plan = json_plan(request={"body": OTHER_WORDS}, expect={"status": "ok"})
    assert not plan.controls


def test_a_repetition_is_compared_with_its_own_control() -> None:
    plan = repeat_plan(json_plan(request={"body": OTHER_WORDS}), 2)
    assert plan.controls.keys() | {*plan.controls.values()} <= {shot.id for shot in plan.shots}
    assert evidence(plan, always_json) == ("pass", "accepted")


def test_a_missing_optional_value_shows_nothing() -> None:
    optional = {"expect": {"body": {"$.choices[0].message.reasoning?": {"type": "string"}}}}
    plan = make_plan("supported", RESPONSE, **{**JSON_MODE, **optional})
    assert evidence(plan, always_json) == ("pass", "accepted")


def test_a_missing_value_that_must_be_empty_is_the_effect() -> None:
    empty = {"expect": {"body": {"$.choices[0].message.tool_calls?": {"maxItems": 0}}}}
    plan = make_plan("supported", RESPONSE, **{**JSON_MODE, **empty})
    assert evidence(plan, always_json) == ("pass", "effect")


def test_a_recommendation_that_fails_gives_no_credit() -> None:
    plan = json_plan(expect={"status": "ok"}, should=JSON_MODE["expect"])
    assert evidence(plan, reply_if("n", text_reply("no"))) == ("warn", "accepted")
