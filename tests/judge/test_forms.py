"""How an answer is written is reported by the case about the form of such answers."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from harness.model import Case, Shot
from tests.support.inline_pack import (
    CALL,
    PACK,
    Gateway,
    Reply,
    case,
    conforming,
    failed_rules,
    make_plan,
    text_reply,
)
from tests.support.inline_session import InlineSession, run_case

FORCED = {"body": {"tools": "$tools", "tool_choice": "required"}}
CALLS = case("supported", id="calls", row="stream.shape", modes=["stream"], request=FORCED)
CHOICE: dict[str, Any] = {
    "row": "tool_choice",
    "request": FORCED,
    "expect": {"body": {"$.choices[0].message.tool_calls[0].id": {"const": "c1"}}},
}


def in_streams(wrong: Reply, only: Case | None = None) -> Gateway:
    """Conforms apart from streamed calls, in all cases or one."""

    def gateway(shot: Shot) -> Reply:
        body = shot.call.body
        with_tools = isinstance(body, dict) and "tools" in body and shot.mode == "stream"
        here = only is None or shot.id.startswith(f"{only.name}/")
        return wrong if with_tools and here else conforming(shot)

    return gateway


def with_calls(*changes: dict[str, Any]) -> Reply:
    """A stream of calls, whose pieces have these members too."""
    return text_reply(None, message={"tool_calls": [{**CALL, **change} for change in changes]})


WRONG_INDEX = with_calls({"index": 1})


def test_a_broken_stream_of_calls_fails_the_case_about_streams_only() -> None:
    pack = replace(PACK, cases=(CALLS,))
    about_streams = make_plan(pack=pack, **CALLS.spec)
    assert ("stream.tool-index", "must") in failed_rules(
        run_case(about_streams, in_streams(WRONG_INDEX)).verdict
    )
    about_choice = run_case(make_plan("supported", pack, **CHOICE), in_streams(WRONG_INDEX)).verdict
    assert failed_rules(about_choice) == set()
    assert about_choice.outcome == "pass"


def test_without_a_case_about_such_streams_every_case_reports_the_violation() -> None:
    verdict = run_case(make_plan("supported", **CHOICE), in_streams(WRONG_INDEX)).verdict
    assert failed_rules(verdict) == {("stream.tool-index", "must")}


def test_a_violation_that_only_this_request_causes_is_reported_by_its_case() -> None:
    plan = make_plan("supported", replace(PACK, cases=(CALLS,)), **CHOICE)
    verdict = run_case(plan, in_streams(WRONG_INDEX, only=plan.case)).verdict
    assert failed_rules(verdict) == {("stream.tool-index", "must")}


def test_what_follows_from_the_broken_stream_is_blocked() -> None:
    plan = make_plan("supported", replace(PACK, cases=(CALLS,)), **CHOICE)
    verdict = run_case(plan, in_streams(with_calls({"id": "c2", "index": 1}))).verdict
    assert (verdict.outcome, verdict.cause) == ("inconclusive", "blocked")
    assert "the request of small/calls breaks the rule stream.tool-index" in verdict.reason


@pytest.mark.parametrize(("wrong", "sent"), [(WRONG_INDEX, 1), (with_calls({}), 0)])
def test_the_other_request_is_sent_only_if_a_rule_is_broken(wrong: Reply, sent: int) -> None:
    session = InlineSession(in_streams(wrong))
    session.run(make_plan("supported", replace(PACK, cases=(CALLS,)), **CHOICE))
    assert len(session.sent) == sent
