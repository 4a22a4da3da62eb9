"""Responses reach a provider of any protocol; what it lacks is refused by its name."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.gateway_behind_provider import (
    MARKED,
    WEATHER,
    GatewayWithProvider,
    ScriptedUpstream,
    data,
    events,
)

TOOL = {"type": "function", **WEATHER, "strict": True}
CALL = {
    "type": "function_call",
    "call_id": "call_1",
    "name": "get_weather",
    "arguments": '{"city": "Paris"}',
}
OUTPUT = {"type": "function_call_output", "call_id": "call_1", "output": "17 degrees"}
REQUEST: dict[str, Any] = {
    "instructions": "Be brief.",
    "input": [{"role": "user", "content": MARKED}, CALL, OUTPUT],
    "tools": [TOOL],
    "max_output_tokens": 321,
    "user": "u-1",
}
PARTS: dict[str, Any] = {"text": "One two three four five six", "fragments": 4}


def behind(provider: str, reply: Any = None) -> GatewayWithProvider:
    return GatewayWithProvider("responses", provider, reply)


def test_provider_of_responses_gets_the_request_unchanged() -> None:
    forwarded = behind("responses").forwarded_request(REQUEST)
    assert forwarded["path"] == "/v1/responses"
    body = forwarded["body"]
    assert {name: body[name] for name in REQUEST if name != "input"} == {
        name: value for name, value in REQUEST.items() if name != "input"
    }
    assert body["input"][1:] == [CALL, OUTPUT]


def test_provider_of_chat_completions_gets_messages() -> None:
    body = behind("openai").forwarded_body(REQUEST)
    roles = [message["role"] for message in body["messages"]]
    assert roles == ["system", "user", "assistant", "tool"]
    assert body["messages"][2]["tool_calls"][0]["id"] == body["messages"][3]["tool_call_id"]
    assert body["tools"] == [{"type": "function", "function": {**WEATHER, "strict": True}}]
    assert (body["max_completion_tokens"], body["user"]) == (321, "u-1")


def test_provider_of_messages_gets_blocks() -> None:
    body = behind("anthropic").forwarded_body(REQUEST)
    assert body["system"] == "Be brief."
    assert body["messages"][1]["content"][0]["id"] == "call_1"
    assert body["messages"][2]["content"][0]["tool_use_id"] == "call_1"
    assert (body["max_tokens"], body["metadata"]) == (321, {"user_id": "u-1"})


def test_settings_reach_chat_completions_under_their_names_there() -> None:
    more = {
        "reasoning": {"effort": "low"},
        "text": {"verbosity": "high"},
        "service_tier": "flex",
        "prompt_cache_key": "k",
        "frequency_penalty": 0.5,
    }
    body = behind("openai").forwarded_body(more)
    names = ("reasoning_effort", "verbosity", "service_tier", "prompt_cache_key")
    assert [body[name] for name in names] == ["low", "high", "flex", "k"]
    assert body["frequency_penalty"] == 0.5


@pytest.mark.parametrize(
    ("provider", "field", "value", "name"),
    [
        ("openai", "truncation", "auto", "truncation"),
        ("openai", "reasoning", {"summary": "auto"}, "reasoning.summary"),
        ("openai", "top_logprobs", 2, "top_logprobs"),
        ("openai", "include", ["message.output_text.logprobs"], "include"),
        ("anthropic", "reasoning", {"effort": "low"}, "reasoning.effort"),
        ("anthropic", "text", {"verbosity": "low"}, "text.verbosity"),
        ("anthropic", "text", {"format": {"type": "json_object"}}, "text.format"),
        ("anthropic", "prompt_cache_key", "k", "prompt_cache_key"),
    ],
)
def test_field_that_the_provider_lacks_is_refused_by_its_name(
    provider: str, field: str, value: Any, name: str
) -> None:
    reply = behind(provider).ask({field: value})
    assert reply["status"] == 400
    assert name in str(data(reply)["error"])
    assert behind("responses").ask({field: value})["status"] == 200


@pytest.mark.parametrize("provider", ["openai", "anthropic"])
def test_defaults_are_not_refused(provider: str) -> None:
    defaults = {
        "truncation": "disabled",
        "text": {"format": {"type": "text"}, "verbosity": "medium"},
        "service_tier": "auto",
        "store": True,
        "metadata": {"team": "blue"},
    }
    assert behind(provider).ask(defaults)["status"] == 200


@pytest.mark.parametrize("provider", ["openai", "anthropic", "responses"])
def test_earlier_conversation_reaches_the_provider(provider: str) -> None:
    gateway = behind(provider)
    first = data(gateway.ask({"input": "My dog is called Rex."}))
    gateway.upstream.strays()
    gateway.upstream.expect("1111aaaa", None)
    later = {"input": "What is my dog called? [ref:1111aaaa]", "previous_response_id": first["id"]}
    answer = data(gateway.ask(later))
    assert answer["previous_response_id"] == first["id"]
    (arrival,) = gateway.upstream.take("1111aaaa")
    if provider == "responses":
        assert first["id"] in arrival["body"]
    else:
        assert "called Rex" in arrival["body"]
    assert "Rex" in answer["output"][0]["content"][0]["text"]


def test_answer_of_a_provider_of_responses_is_returned_as_it_is() -> None:
    gateway = behind("responses", {"text": "Ready.", "usage": {"input": 7, "output": 3}})
    answer = data(gateway.ask())
    assert answer["output"][0]["content"][0]["text"] == "Ready."
    assert answer["usage"]["total_tokens"] == 10


@pytest.mark.parametrize("provider", ["openai", "anthropic", "responses"])
@pytest.mark.parametrize("end", ["error", "drop", "silence"])
def test_stream_that_fails_has_its_pieces_and_an_error(provider: str, end: str) -> None:
    gateway = behind(provider, {**PARTS, "fail": {"after": 3, "with": end}})
    sent = events(gateway.ask({"stream": True}))
    kinds = [event["type"] for event in sent]
    assert kinds[0] == "response.created"
    assert kinds[-1] == "error"
    assert not any(kind.endswith(".done") for kind in kinds)
    text = "".join(event.get("delta", "") for event in sent)
    assert text
    assert PARTS["text"].startswith(text)
    assert [event["sequence_number"] for event in sent] == list(range(len(sent)))


def test_answer_that_failed_is_not_stored() -> None:
    gateway = behind("openai", {**PARTS, "fail": {"after": 3, "with": "error"}})
    begun = events(gateway.ask({"stream": True}))[0]["response"]["id"]
    reply = gateway.ask({"input": "And now?", "previous_response_id": begun})
    assert reply["status"] == 404


def test_played_provider_refuses_an_earlier_response_that_it_does_not_know() -> None:
    reply = ScriptedUpstream().ask("responses", {"previous_response_id": "resp_unknown"})
    assert reply["status"] == 404
    assert data(reply)["error"]["param"] == "previous_response_id"


@pytest.mark.parametrize(("size", "status"), [(1_000, 200), (100_000, 404)])
def test_played_provider_stores_no_large_conversation(size: int, status: int) -> None:
    provider = ScriptedUpstream()
    first = data(provider.ask("responses", {"input": "x" * size}))
    reply = provider.ask("responses", {"previous_response_id": first["id"]})
    assert reply["status"] == status
