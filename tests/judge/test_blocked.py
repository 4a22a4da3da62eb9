"""A field counts as refused only if the same request without it is answered."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from harness.model import Blocker, Row, Shot, Verdict
from tests.support.inline_pack import (
    PACK,
    Gateway,
    Reply,
    case,
    conforming,
    error_reply,
    failed_rules,
    make_plan,
    text_reply,
)
from tests.support.inline_session import InlineSession, run_case

PLAIN: dict[str, Any] = {"modes": ["plain"]}
PARTS = [{"role": "user", "content": [{"type": "text", "text": "Say: ready", "detail": "low"}]}]
PART = "$.messages[0].content[0].detail"
NO_ARRAYS = error_reply("content must be a string", status=500)
STREAM_CASE = case("supported", id="streams", row="stream", modes=["stream"])


def refuse(test: Any, reply: Reply) -> Gateway:
    return lambda shot: reply if test(shot.call.body) else conforming(shot)


def has_array(body: Any) -> bool:
    messages = body.get("messages") if isinstance(body, dict) else None
    contents = [m.get("content") for m in messages] if isinstance(messages, list) else []
    return any(isinstance(content, list) for content in contents)


def outcome(verdict: Verdict) -> tuple[str, str | None]:
    return verdict.outcome, verdict.cause


def test_a_field_is_not_the_cause_if_the_request_without_it_is_refused_too() -> None:
    plan = make_plan(
        "supported", **PLAIN, field=PART, request={"body": {"messages": PARTS}}, row="detail"
    )
    verdict = run_case(plan, refuse(has_array, NO_ARRAYS)).verdict
    assert outcome(verdict) == ("inconclusive", "blocked")
    assert verdict.reason == (
        'the same request without /messages/0/content/0/detail got 500: "content must be a string"'
    )
    assert verdict.blocked_by == (Blocker("status", '500: "content must be a string"'),)


def test_a_field_is_the_cause_if_the_request_without_it_is_answered() -> None:
    plan = make_plan("supported", **PLAIN, request={"body": {"field": 1}})
    verdict = run_case(plan, refuse(lambda body: "field" in body, error_reply())).verdict
    assert failed_rules(verdict) == {("status", "must")}


@pytest.mark.parametrize("behaviour", ["ignored", "supported"])
def test_a_part_of_an_array_is_blocked_if_every_array_is_refused(behaviour: str) -> None:
    plan = make_plan(
        behaviour,
        **PLAIN,
        field="$.messages[0].content[0].detail",
        request={"body": {"messages": PARTS}},
        values=["high"],
    )
    verdict = run_case(plan, refuse(has_array, NO_ARRAYS)).verdict
    assert outcome(verdict) == ("inconclusive", "blocked")


@pytest.mark.parametrize(
    ("refused", "expected"),
    [
        (lambda body: body.get("seed") == "hot", ("pass", None)),
        (has_array, ("inconclusive", "blocked")),
    ],
    ids=["only-the-bad-value", "every-array"],
)
def test_a_required_refusal_counts_only_if_the_request_without_the_value_is_answered(
    refused: Any, expected: tuple[str, str | None]
) -> None:
    plan = make_plan(
        "rejected",
        **PLAIN,
        field="$.seed",
        values=["hot"],
        request={"body": {"messages": PARTS}},
    )
    verdict = run_case(plan, refuse(refused, error_reply("bad seed"))).verdict
    assert outcome(verdict) == expected


def test_the_simplest_case_about_arrays_reports_that_they_are_refused() -> None:
    array = [{"role": "user", "content": [{"type": "text", "text": "Say: ready"}]}]
    plan = make_plan("supported", **PLAIN, request={"body": {"messages": array}})
    assert run_case(plan, refuse(has_array, NO_ARRAYS)).verdict.outcome == "fail"


@pytest.mark.parametrize(
    ("pack", "expected"),
    [
        (replace(PACK, cases=(STREAM_CASE,)), ("inconclusive", "blocked")),
        (PACK, ("fail", None)),  # no other case would report it
    ],
)
def test_refused_streams_are_reported_by_cases_about_streams(
    pack: Any, expected: tuple[str, str | None]
) -> None:
    def gateway(shot: Shot) -> Reply:
        return error_reply("no streams") if shot.mode == "stream" else conforming(shot)

    assert outcome(run_case(make_plan("supported", pack=pack), gateway).verdict) == expected


def test_a_server_error_for_a_mistake_is_reported_by_cases_about_errors() -> None:
    errors = case("rejected", id="errors", row="error.object", field="$.messages", values=[1])
    pack = replace(PACK, cases=(errors,))
    plan = make_plan("rejected", pack=pack, **PLAIN, field="$.temperature", values=["hot"])

    def gateway(shot: Shot) -> Reply:
        reply = conforming(shot)
        bad = reply.status == 400 or "temperature" in shot.call.body
        return error_reply("oops", status=500) if bad else reply

    assert outcome(run_case(plan, gateway).verdict) == ("inconclusive", "blocked")
    only_this = run_case(plan, refuse(lambda body: "temperature" in body, NO_ARRAYS)).verdict
    assert ("rejected.status", "must") in failed_rules(only_this)


def test_a_part_of_answers_is_not_the_cause_of_a_refused_base_request() -> None:
    row = Row("field", "id", "response", "present")
    plan = make_plan("supported", pack=replace(PACK, rows=(row,)), **PLAIN)
    verdict = run_case(plan, lambda shot: error_reply()).verdict
    assert outcome(verdict) == ("inconclusive", "blocked")


def test_a_refusal_that_an_earlier_step_needs_blocks_the_case() -> None:
    steps = [
        {"name": "bad", "request": {"body": {"bad": 1}}, "expect": {"status": "refused"}},
        {"name": "good"},
    ]
    verdict = run_case(make_plan("supported", **PLAIN, steps=steps), conforming).verdict
    assert outcome(verdict) == ("inconclusive", "blocked")


def test_an_assumed_status_blocks_the_case() -> None:
    plan = make_plan(
        "supported", **PLAIN, assume={"status": "refused"}, expect={"body": {"$.error": True}}
    )
    assert outcome(run_case(plan, conforming).verdict) == ("inconclusive", "blocked")


def test_simpler_requests_are_sent_only_after_a_failure() -> None:
    plan = make_plan("supported", **PLAIN, request={"body": {"messages": PARTS}}, field=PART)
    session = InlineSession(conforming)
    assert session.run(plan).verdict.outcome == "pass"
    assert session.sent == []
    session = InlineSession(refuse(has_array, NO_ARRAYS))
    session.run(plan)
    assert session.sent
    assert all(name.startswith("shared/simpler/") for name in session.sent)


# --- words ---------------------------------------------------------------------------------------


def ready_at_try(number: int) -> Gateway:
    """The model says `ready` only at this try, and `no` before."""

    def gateway(shot: Shot) -> Reply:
        tries = int(shot.id.rpartition("/try")[2]) if "/try" in shot.id else 1
        return text_reply("ready" if tries >= number else "no")

    return gateway


READY: dict[str, Any] = {"expect": {"body": {"$.choices[0].message.content": {"pattern": "ready"}}}}


@pytest.mark.parametrize(
    ("number", "expected", "sent"), [(1, "pass", 0), (2, "pass", 1), (3, "pass", 2), (4, "fail", 2)]
)
def test_words_have_three_tries(number: int, expected: str, sent: int) -> None:
    plan = make_plan("supported", **PLAIN, **READY)
    assertions = (
        replace(a, needs=("instructions",)) if a.check == "body" else a for a in plan.assertions
    )
    session = InlineSession(ready_at_try(number))
    verdict = session.run(replace(plan, assertions=tuple(assertions))).verdict
    assert (verdict.outcome, len(session.sent)) == (expected, sent)


def test_a_refusal_is_blocked_although_the_case_assumes_something_of_its_control() -> None:
    """A control that is refused leaves the shots undecided, and their status does not count."""
    tools = {"body": {"tools": "$tools", "stop": ["7"]}}
    counted = {"more_than": {"control": {"omit": ["stop"]}, "paths": ["$.usage.prompt_tokens"]}}
    plan = make_plan("supported", **PLAIN, request=tools, field="$.stop", assume=counted)
    verdict = run_case(plan, refuse(lambda body: "tools" in body, error_reply("no tools"))).verdict
    assert outcome(verdict) == ("inconclusive", "blocked")


def test_a_count_that_does_not_contain_what_a_case_needs_is_a_missing_signal() -> None:
    counted = {"more_than": {"control": {"omit": ["tools"]}, "paths": ["$.usage.prompt_tokens"]}}
    plan = make_plan("supported", **PLAIN, request={"body": {"tools": "$tools"}}, assume=counted)
    assert outcome(run_case(plan, conforming).verdict) == ("inconclusive", "signal")


def test_a_request_that_the_end_of_the_run_left_unsent_does_not_block() -> None:
    plan = make_plan("supported", **PLAIN, request={"body": {"messages": PARTS}}, field=PART)
    ended = Reply(end="not-sent", reason="budget", note="--max-requests 1 is used up")

    def gateway(shot: Shot) -> Reply:
        if shot.id.startswith("shared/"):
            return ended
        return NO_ARRAYS if has_array(shot.call.body) else conforming(shot)

    verdict = run_case(plan, gateway).verdict
    assert outcome(verdict) == ("inconclusive", "budget")
    assert verdict.reason == "--max-requests 1 is used up"
