"""A stream that begins before the request is examined has its error in an event."""

from __future__ import annotations

import json
from typing import Any

import pytest

from harness.judge import judge
from harness.model import Shot, Verdict
from tests.support.inline_pack import (
    Reply,
    as_stream,
    conforming,
    failed_rules,
    make_plan,
    reply_if,
    send,
    text_reply,
)

STREAM = (("content-type", "text/event-stream"),)
BY_EVENT = ("stream.error-status", "should")


def error_event(kind: str = "invalid_request_error", **error: Any) -> Reply:
    """The only event of a stream with the status 200."""
    data = {"error": {"message": "field: no", "type": kind, **error}}
    return Reply(raw=f"data: {json.dumps(data)}\n\n".encode(), headers=STREAM)


def verdict_on(reply: Reply, behaviour: str = "rejected", **spec: Any) -> Verdict:
    """The verdict on a gateway that answers requests with the field so."""
    plan = make_plan(behaviour, field="$.field", modes=["stream"], **spec)
    return judge(plan, send(plan, reply_if("field", reply)))


def test_a_refusal_by_an_event_is_a_refusal_with_the_wrong_status() -> None:
    verdict = verdict_on(error_event(), values=[7])
    assert (verdict.outcome, failed_rules(verdict)) == ("warn", {BY_EVENT})


def test_a_field_may_be_refused_by_an_event() -> None:
    request = {"body": {"field": 7}}
    expect = {"body": {"$.choices[0].message.content": "seven"}}
    verdict = verdict_on(error_event(), "honoured_or_refused", request=request, expect=expect)
    assert (verdict.outcome, failed_rules(verdict)) == ("warn", {BY_EVENT})


@pytest.mark.parametrize("event", [error_event("server_error"), error_event(code=500)])
def test_a_failure_of_the_server_is_no_refusal_of_a_field(event: Reply) -> None:
    verdict = verdict_on(event, "honoured_or_refused", request={"body": {"field": 7}})
    assert ("stream.error", "must") in failed_rules(verdict)


def test_an_error_event_is_no_answer_where_one_is_due() -> None:
    verdict = verdict_on(error_event(), "supported", request={"body": {"field": 7}})
    assert ("stream.error", "must") in failed_rules(verdict)


def test_a_failure_with_a_status_of_its_own_may_come_in_an_event() -> None:
    request = {"body": {"field": 7}}
    verdict = verdict_on(error_event(), "supported", request=request, expect={"status": [500, 503]})
    assert (verdict.outcome, failed_rules(verdict)) == ("warn", {BY_EVENT})


def test_a_case_can_require_the_status_of_a_refusal() -> None:
    expect = {"status": "refused-at-once"}
    verdict = verdict_on(error_event(), "supported", request={"body": {"field": 7}}, expect=expect)
    assert failed_rules(verdict) == {("status", "must")}


def test_an_answer_is_no_refusal() -> None:
    answered = Reply(raw=as_stream(text_reply().body), headers=STREAM)
    assert ("rejected.refused", "must") in failed_rules(verdict_on(answered, values=[7]))


def test_plain_answers_are_judged_by_their_status() -> None:
    plan = make_plan("rejected", field="$.field", modes=["plain"], values=[7])

    def gateway(shot: Shot) -> Reply:
        return conforming(shot)

    assert ("rejected.refused", "must") in failed_rules(judge(plan, send(plan, gateway)))
