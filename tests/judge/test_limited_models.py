"""A small context, a limit of the server, and a call instead of words are no faults of a field."""

from __future__ import annotations

import json

import pytest

from harness.judge.limits import is_cut_by_target
from harness.judge.overflow import overflow_message
from harness.judge.tool_calls import called_instead
from harness.model import Answer, Json

TOOLS = [{"name": "get_weather", "input_schema": {"type": "object"}}]


def answer(body: Json, request: Json, status: int = 200) -> Answer:
    return Answer("s", "plain", "complete", status, (), json.dumps(body), body, request=request)


@pytest.mark.parametrize(
    "words",
    [
        "This model's maximum context length is 4097 tokens. However, your messages resulted in 5",
        "the request exceeds the available context size, try increasing it",
        "prompt is too long: 210000 tokens > 200000 maximum",
        "The input token count (40000) exceeds the maximum number of tokens allowed (32768).",
        "context_length_exceeded",
    ],
)
def test_errors_about_a_prompt_that_is_too_long_are_recognized(words: str) -> None:
    assert overflow_message(answer({"error": {"message": words}}, {}, 400))


@pytest.mark.parametrize(
    "words", ["'messages' is required", "max_tokens is too large", "the file is too long ago"]
)
def test_other_errors_are_not_about_the_length_of_the_prompt(words: str) -> None:
    assert not overflow_message(answer({"error": {"message": words}}, {}, 400))


@pytest.mark.parametrize(
    ("request_body", "reason", "cut"),
    [
        ({}, "length", True),
        ({"max_tokens": 1024}, "length", True),
        ({"max_tokens": 16}, "length", False),
        ({}, "stop", False),
    ],
)
def test_an_answer_is_cut_by_the_target_if_its_request_has_no_low_limit(
    request_body: Json, reason: str, cut: bool
) -> None:
    body = {"choices": [{"finish_reason": reason}]}
    assert is_cut_by_target(answer(body, request_body)) is cut


@pytest.mark.parametrize(
    ("request_body", "text", "instead"),
    [
        ({"tools": TOOLS}, "", True),
        ({"tools": TOOLS, "tool_choice": {"type": "auto"}}, "", True),
        ({"tools": TOOLS, "tool_choice": {"type": "none"}}, "", False),
        ({"tools": TOOLS}, "17 degrees", False),
        ({}, "", False),
    ],
)
def test_a_call_stands_for_words_only_where_the_model_may_choose(
    request_body: Json, text: str, instead: bool
) -> None:
    call = {"type": "tool_use", "id": "a", "name": "get_weather", "input": {}}
    body = {"content": [{"type": "text", "text": text}, call]}
    assert called_instead(answer(body, request_body)) is instead
