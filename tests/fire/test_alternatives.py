"""A request whose field is refused by name is sent once more without it, and no other one is."""

from __future__ import annotations

import asyncio
import json
from dataclasses import replace
from typing import Any

import pytest

from harness.fire.alternatives import send_with_alternative
from harness.model import Attempt, Call, Exchange, Forwarded

USER = {"role": "user", "content": "What is the weather in Paris?"}
TOOL = {"name": "get_weather", "input_schema": {"type": "object"}}
FUNCTION = {"type": "function", "function": {"name": "get_weather"}}
FORCED = {"messages": [USER], "tools": [TOOL], "tool_choice": {"type": "any"}}
CALL = Call("anthropic", "POST", "/messages", body=FORCED, alternative="tool_choice")


def exchange(status: int, message: str = "", forwarded: Any = None) -> Exchange:
    body = json.dumps({"error": {"message": message}}).encode()
    return Exchange(
        "case/plain", "POST", "/messages", (), "", "complete", status,
        chunks=((0.0, body),), attempts=(Attempt(0, 1, "complete", status),), forwarded=forwarded,
    )  # fmt: skip


def send(call: Call, *answers: Exchange) -> tuple[Exchange, list[Call]]:
    """Return the exchange, and the calls that were sent."""
    sent: list[Call] = []

    async def answer(one: Call) -> Exchange:
        sent.append(one)
        return answers[len(sent) - 1]

    return asyncio.run(send_with_alternative(answer, call)), sent


def test_a_forced_call_that_is_refused_by_name_is_sent_again_with_auto() -> None:
    refusal = exchange(400, 'tool_choice: type "tool" and "any" are not supported for this model.')
    result, sent = send(CALL, refusal, exchange(200))
    assert (result.status, result.alternative) == (200, "tool_choice")
    assert [attempt.status for attempt in result.attempts] == [400, 200]
    assert "refused by name" in result.attempts[0].note
    assert sent[1].body["tool_choice"] == {"type": "auto"}
    assert sent[1].body["messages"][-1]["content"].endswith("Paris? Call the tool get_weather.")
    assert sent[0].body == FORCED


def test_other_members_of_the_choice_are_kept() -> None:
    choice = {"type": "tool", "name": "get_weather", "disable_parallel_tool_use": True}
    call = replace(CALL, body={**FORCED, "tool_choice": choice})
    _, sent = send(call, exchange(400, "Tool choice is not supported"), exchange(200))
    assert sent[1].body["tool_choice"] == {"type": "auto", "disable_parallel_tool_use": True}


@pytest.mark.parametrize("choice", ["required", FUNCTION])
def test_chat_completions_have_auto_as_a_text(choice: Any) -> None:
    content = [{"type": "text", "text": "What is the weather in Paris?"}]
    messages = [{"role": "user", "content": content}]
    body = {"messages": messages, "tools": [FUNCTION], "tool_choice": choice}
    call = replace(CALL, protocol="openai", body=body)
    _, sent = send(call, exchange(400, "tool_choice: unsupported"), exchange(200))
    assert sent[1].body["tool_choice"] == "auto"
    assert sent[1].body["messages"][0]["content"][-1]["text"] == "Call the tool get_weather."


PARTS = [{"type": "input_text", "text": "What is the weather in Paris?"}]


@pytest.mark.parametrize(
    ("data", "last"),
    [
        (
            "What is the weather in Paris?",
            "What is the weather in Paris? Call the tool get_weather.",
        ),
        ([{"role": "user", "content": PARTS}], "Call the tool get_weather."),
    ],
    ids=["text", "items"],
)
@pytest.mark.parametrize("choice", ["required", {"type": "function", "name": "get_weather"}])
def test_responses_have_their_question_in_the_input(data: Any, last: str, choice: Any) -> None:
    tools = [{"type": "function", "name": "get_weather", "parameters": {"type": "object"}}]
    body = {"input": data, "tools": tools, "tool_choice": choice}
    call = replace(CALL, protocol="responses", body=body)
    _, sent = send(call, exchange(400, "tool_choice: unsupported"), exchange(200))
    assert sent[1].body["tool_choice"] == "auto"
    changed = sent[1].body["input"]
    text = changed if isinstance(data, str) else changed[0]["content"][-1]["text"]
    assert text == last
    assert isinstance(data, str) or changed[0]["content"][-1]["type"] == "input_text"


@pytest.mark.parametrize("more", [{}, {"display": "omitted"}])
def test_thinking_falls_back_to_a_budget_and_keeps_its_other_members(more: dict[str, str]) -> None:
    thinking = {"type": "adaptive", **more}
    body = {"messages": [USER], "max_tokens": 3000, "thinking": thinking}
    call = replace(CALL, body=body, alternative="thinking")
    _, sent = send(call, exchange(400, "adaptive thinking is not supported"), exchange(200))
    assert sent[1].body["thinking"] == {"type": "enabled", "budget_tokens": 1024, **more}


def test_what_the_refused_request_forwarded_is_kept() -> None:
    first = (Forwarded("POST", "/v1/messages", (), "{}", 400, "anthropic"),)
    refusal = exchange(400, "tool_choice: no", first)
    result, _ = send(CALL, refusal, exchange(200, forwarded=()))
    assert result.forwarded == first


@pytest.mark.parametrize(
    ("status", "message"),
    [
        (400, "messages: this is wrong"),
        (401, "tool_choice"),
        (429, "tool_choice"),
        (500, "tool_choice"),
        (200, "tool_choice"),
    ],
)
def test_nothing_is_sent_again_without_a_refusal_by_name(status: int, message: str) -> None:
    first = exchange(status, message)
    assert send(CALL, first) == (first, [CALL])


def test_a_call_without_an_alternative_is_sent_once() -> None:
    first, call = exchange(400, "tool_choice: no"), replace(CALL, alternative="")
    assert send(call, first) == (first, [call])


@pytest.mark.parametrize(
    ("prompt", "choice", "expected"),
    [
        ("The weather?", "required", "The weather? Call the tool get_weather."),
        ([{"role": "user", "content": "The weather?"}], {"type": "function", "name": "get_weather"},
         [{"role": "user", "content": "The weather? Call the tool get_weather."}]),
        ([{"role": "user", "content": []}], "required",
         [{"role": "user",
           "content": [{"type": "input_text", "text": "Call the tool get_weather."}]}]),
    ],
)  # fmt: skip
def test_responses_are_sent_again_in_their_own_form(
    prompt: Any, choice: Any, expected: Any
) -> None:
    body = {"input": prompt, "tools": [{"type": "function", "name": "get_weather"}]}
    call = Call(
        "responses", "POST", "/responses", body={**body, "tool_choice": choice},
        alternative="tool_choice",
    )  # fmt: skip
    _, sent = send(call, exchange(400, "tool_choice is not supported"), exchange(200))
    assert (sent[1].body["tool_choice"], sent[1].body["input"]) == ("auto", expected)
