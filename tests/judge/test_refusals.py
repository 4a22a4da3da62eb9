"""A permitted refusal passes without credit, and what could not be examined is undecided."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from harness.judge import judge
from harness.model import Exchange, Json, Plan, Shot, Verdict
from tests.support.inline_pack import (
    CALL,
    Reply,
    conforming,
    error_reply,
    exchange,
    judge_replies,
    make_plan,
    reply_if,
    send,
    text_reply,
)

CONTENT = "$.choices[0].message.content"
EITHER: dict[str, Any] = {"expect": {"status": "ok-or-refused"}, "request": {"body": {"n": 2}}}
FORCED: dict[str, Any] = {
    "request": {
        "body": {
            "tools": [{"type": "function", "function": {"name": "f"}}],
            "tool_choice": "required",
        }
    },
    "expect": {"body": {"$.choices[0].message.tool_calls[0].function.name": "f"}},
    "modes": ["plain"],
}
CALLED = text_reply(None)
CALLED.body["choices"][0]["message"]["tool_calls"] = [CALL]


def test_a_case_that_was_only_refused_passes_with_the_grade_accepted() -> None:
    verdict = judge_replies(make_plan("supported", **EITHER), reply_if("n", error_reply("n: no")))
    assert (verdict.outcome, verdict.evidence, verdict.refused) == ("pass", "accepted", "all")
    assert all(shot.refused for shot in verdict.shots)


def test_an_answered_case_was_not_refused() -> None:
    verdict = judge_replies(make_plan("supported", **EITHER))
    assert (verdict.outcome, verdict.refused) == ("pass", "")


def test_a_refusal_with_a_matching_alternative_gives_no_stronger_grade() -> None:
    refusal = {"status": 400, "body": {"$.error.message": {"pattern": "n: no"}}}
    spec = {**EITHER, "expect": {"status": "ok-or-refused", "any_of": [{"status": "ok"}, refusal]}}
    verdict = judge_replies(make_plan("supported", **spec), reply_if("n", error_reply("n: no")))
    assert (verdict.outcome, verdict.evidence) == ("pass", "accepted")


@pytest.mark.parametrize("status", [429, 500, 503])
def test_an_overload_or_a_crash_is_no_permitted_refusal(status: int) -> None:
    reply = error_reply("n: no", status=status)
    verdict = judge_replies(make_plan("supported", **EITHER), reply_if("n", reply))
    assert verdict.refused == ""


def test_a_refusal_that_the_case_is_about_is_not_called_permitted() -> None:
    spec: dict[str, Any] = {"row": "n", "values": ["x"]}
    verdict = judge_replies(make_plan("rejected", **spec), reply_if("n", error_reply("n: no")))
    assert (verdict.outcome, verdict.evidence, verdict.refused) == ("pass", "effect", "")


@pytest.mark.parametrize(
    ("permitted", "outcome"),
    [
        ("ok", ("inconclusive", "blocked", "")),
        ("ok-or-refused", ("pass", None, "all")),
        ([400, 404], ("pass", None, "all")),
    ],
)
def test_a_step_after_a_permitted_refusal_is_undecided_unless_it_can_be_refused_too(
    permitted: Json, outcome: tuple[str, str | None, str]
) -> None:
    last = {"name": "answer", "request": {"body": {"call": "$call"}}}
    steps = [
        {
            "name": "ask",
            "capture": {"call": "$.call"},
            "request": {"body": {"n": 2}},
            "expect": {"status": "ok-or-refused"},
        },
        {**last, "expect": {"status": permitted}},
    ]
    missing = Reply(end="not-sent", note="no earlier answer gave $call", reason="missing-capture")

    def gateway(shot: Shot) -> Reply:
        return missing if shot.step == "answer" else error_reply("n: no")

    verdict = judge_replies(make_plan("supported", steps=steps, modes=["plain"]), gateway)
    assert (verdict.outcome, verdict.cause, verdict.refused) == outcome
    assert ("permitted" in verdict.reason) == (permitted == "ok")


def test_an_assumption_about_the_model_does_not_apply_to_a_refusal() -> None:
    spec = {**EITHER, "assume": {"body": {CONTENT: "ready"}}}
    verdict = judge_replies(make_plan("supported", **spec), reply_if("n", error_reply("n: no")))
    assert (verdict.outcome, verdict.refused) == ("pass", "all")


def judge_alternative(reply: Reply) -> Verdict:
    """Judge an answer to the request that was sent again because the call cannot be forced."""
    plan: Plan = make_plan("supported", **FORCED)
    exchanges: dict[str, Exchange] = send(plan, conforming)
    for shot in plan.shots:
        if shot.call.alternative:
            exchanges[shot.id] = replace(exchange(shot, reply), alternative="tool_choice")
    return judge(plan, exchanges)


def test_a_call_that_was_made_with_auto_decides_the_case() -> None:
    verdict = judge_alternative(CALLED)
    assert (verdict.outcome, verdict.evidence) == ("pass", "effect")


def test_no_call_with_auto_is_inconclusive() -> None:
    verdict = judge_alternative(text_reply("It is sunny."))
    assert (verdict.outcome, verdict.cause) == ("inconclusive", "model")
    assert "refused by name" in verdict.reason


@pytest.mark.parametrize(("empty", "rest", "expected"), [(200, 400, "pass"), (400, 200, "fail")])
def test_an_empty_value_can_be_answered_where_all_others_are_refused(
    empty: int, rest: int, expected: str
) -> None:
    plan = make_plan(
        "honoured_or_refused",
        modes=["plain"],
        field="$.stop",
        values=[[]],
        boundary_values=[["never written"]],
    )

    def gateway(shot: Shot) -> Reply:
        status = empty if shot.call.body.get("stop") == [] else rest
        is_refused = status == 400 and "stop" in shot.call.body
        return error_reply("stop is not supported", "stop") if is_refused else conforming(shot)

    assert judge_replies(plan, gateway).outcome == expected
