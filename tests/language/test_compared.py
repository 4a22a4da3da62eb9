"""A field counts as ignored only if something that it could have changed was compared."""

from __future__ import annotations

from harness.language.checks import BY_ID
from harness.model import Answer, Finding, Json
from tests.support.inline_pack import answer, text_reply

REQUEST = {"seed": 7}


def reply(text: str, tokens: int | None = None) -> Answer:
    usage = {"usage": None if tokens is None else {"prompt_tokens": tokens}}
    return answer(text_reply(text, **usage), request=REQUEST)


def untouched(own: Answer, *controls: Answer, **args: Json) -> list[Finding]:
    return list(BY_ID["untouched"].run({"at": "/seed", **args}, [own], controls))


def test_an_equal_text_is_evidence_and_its_place_is_reported() -> None:
    [result] = untouched(reply("a"), reply("a"), reply("a"))
    assert (result.status, result.grade) == ("holds", "differential")
    assert "/choices/0/message/content" in result.got


def test_an_equal_count_is_evidence_where_texts_vary() -> None:
    [result] = untouched(reply("a", 9), reply("b", 9), reply("c", 9))
    assert result.grade == "differential"
    assert "/usage/prompt_tokens" in result.got


def test_nothing_is_shown_if_equal_requests_agree_on_nothing() -> None:
    [result] = untouched(reply("a"), reply("b"), reply("c"))
    assert (result.status, result.grade) == ("holds", "shape")


def test_a_text_that_differs_from_equal_controls_neither_fails_nor_shows_anything() -> None:
    [result] = untouched(reply("a", 9), reply("b", 9), reply("b", 9))
    assert (result.status, result.grade) == ("holds", "accepted")


def test_counts_that_are_equal_for_different_requests_are_not_compared() -> None:
    [result] = untouched(reply("a", 3), reply("b", 9), reply("c", 9), dead=["tokens"])
    assert (result.status, result.grade) == ("holds", "shape")
    [result] = untouched(reply("a", 3), reply("b", 9), reply("c", 9))
    assert (result.status, result.at) == ("fails", "/usage/prompt_tokens")
