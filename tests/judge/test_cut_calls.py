"""A forced call that is missing in an answer cut by the server decides nothing."""

from __future__ import annotations

from typing import Any

import pytest

from harness.model import Json, Verdict
from tests.support.inline_pack import CALL, Reply, judge_replies, make_plan, text_reply

FUNCTION = {"type": "function", "function": {"name": "f"}}


def judge_forced(reply: Reply, **body: Json) -> Verdict:
    """Judge an answer to a request that forces a tool call."""
    spec: dict[str, Any] = {
        "request": {"body": {"tools": [FUNCTION], "tool_choice": "required", **body}},
        "expect": {"body": {"$.choices[0].message.tool_calls[0].function.name": "f"}},
        "modes": ["plain"],
        "signals": [],
    }
    return judge_replies(make_plan("supported", **spec), lambda shot: reply)


def cut(arguments: str | None = None) -> Reply:
    """An answer that a token limit has ended, with the arguments of a call as far as they came."""
    reply = text_reply("It is" if arguments is None else None)
    [choice] = reply.body["choices"]
    choice["finish_reason"] = "length"
    if arguments is not None:
        function = {"name": "g", "arguments": arguments}
        choice["message"]["tool_calls"] = [{**CALL, "function": function}]
    return reply


@pytest.mark.parametrize("reply", [cut(), cut('{"city": "Par')], ids=["no-call", "part-of-a-call"])
@pytest.mark.parametrize("body", [{}, {"max_tokens": 1024}], ids=["no-limit", "roomy-limit"])
def test_an_answer_cut_before_the_call_is_inconclusive(reply: Reply, body: dict[str, Json]) -> None:
    verdict = judge_forced(reply, **body)
    assert (verdict.outcome, verdict.cause) == ("inconclusive", "model")
    assert "token limit" in verdict.reason


def test_a_text_that_ends_by_itself_is_no_call() -> None:
    assert judge_forced(text_reply("It is sunny.")).outcome == "fail"


def test_a_whole_call_of_another_tool_is_judged_although_the_answer_was_cut() -> None:
    assert judge_forced(cut('{"city": "Paris"}')).outcome == "fail"


@pytest.mark.parametrize("body", [{"max_tokens": 4}, {"tool_choice": "auto"}])
def test_an_answer_that_the_case_cuts_or_does_not_force_is_judged(body: dict[str, Json]) -> None:
    assert judge_forced(cut(), **body).outcome == "fail"


def test_a_request_that_has_to_be_refused_is_judged_although_its_answer_was_cut() -> None:
    body = {"tools": [FUNCTION], "tool_choice": "required", "n": -1}
    spec: dict[str, Any] = {"field": "$.n", "values": [-1], "request": {"body": body}}
    plan = make_plan("rejected", modes=["plain"], **spec)
    assert judge_replies(plan, lambda shot: cut()).outcome == "fail"
