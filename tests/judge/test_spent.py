"""An answer that a limit of the target ends before its first word decides nothing about a text."""

from __future__ import annotations

from typing import Any

import pytest

from harness.model import Json, Verdict
from tests.support.inline_pack import Reply, judge_replies, make_plan, text_reply

TEXT = {"$.choices[0].message.content": {"minLength": 1}}
END = {"$.choices[0].finish_reason": "stop"}


def judged(expect: Json, reply: Reply, **body: Json) -> Verdict:
    spec: dict[str, Any] = {
        "request": {"body": {"user": "u", **body}},
        "expect": {"body": expect},
        "modes": ["plain"],
        "signals": [],
    }
    return judge_replies(make_plan("supported", **spec), lambda shot: reply)


def cut(text: str | None, tokens: int) -> Reply:
    reply = text_reply(text)
    reply.body["choices"][0]["finish_reason"] = "length"
    reply.body["usage"] = {"prompt_tokens": 10, "completion_tokens": tokens}
    return reply


def test_a_missing_text_after_a_limit_of_the_target_is_inconclusive() -> None:
    verdict = judged(TEXT, cut("", 512))
    assert (verdict.outcome, verdict.cause) == ("inconclusive", "model")
    assert "before its first word" in verdict.reason


def test_a_missing_text_after_a_limit_of_the_request_fails() -> None:
    assert judged(TEXT, cut("", 16), max_tokens=16).outcome == "fail"


def test_a_missing_text_of_an_answer_that_ended_by_itself_fails() -> None:
    assert judged(TEXT, text_reply("")).outcome == "fail"


@pytest.mark.parametrize(("tokens", "outcome"), [(512, "inconclusive"), (2, "fail")])
def test_the_reported_end_is_excused_only_by_a_limit_that_a_target_can_have(
    tokens: int, outcome: str
) -> None:
    assert judged(END, cut("It is ready, and", tokens)).outcome == outcome


def test_other_members_of_such_an_answer_are_judged() -> None:
    verdict = judged({"$.object": "other"}, cut("It is ready, and", 512))
    assert verdict.outcome == "fail"
