"""The mock provider validates requests as the real providers do."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.gateway_behind_provider import (
    CALLED,
    USER,
    WEATHER,
    Body,
    ScriptedUpstream,
    data,
    header,
)

TOOLS: Body = {"tools": [{"type": "function", "function": WEATHER}]}
FLAT: Body = {"type": "function", **WEATHER}


def rejection(protocol: str, more: Body) -> Any:
    reply = ScriptedUpstream().ask(protocol, more)
    assert reply["status"] == 400, data(reply)
    return data(reply)["error"]


OPENAI: list[tuple[Body, str | None]] = [
    ({"temperature": 2.01}, "temperature"),
    ({"temperature": -0.1}, "temperature"),
    ({"temperature": "hot"}, "temperature"),
    ({"top_p": 1.1}, "top_p"),
    ({"n": 0}, "n"),
    ({"n": 129}, "n"),
    ({"n": "two"}, "n"),
    ({"stop": ["1", "2", "3", "4", "5"]}, "stop"),
    ({"stop": 7}, "stop"),
    ({"stop": []}, "stop"),
    ({"max_tokens": 0}, "max_tokens"),
    ({"max_tokens": 5, "max_completion_tokens": 5}, "max_tokens"),
    ({"stream_options": {"include_usage": True}}, "stream_options"),
    ({"stream": True, "stream_options": {"usage": True}}, "stream_options.usage"),
    ({"presence_penalty": 2.5}, "presence_penalty"),
    ({"frequency_penalty": -2.5}, "frequency_penalty"),
    ({"logit_bias": {"50256": 101}}, "logit_bias.50256"),
    ({"logprobs": 1}, "logprobs"),
    ({"top_logprobs": 3}, "top_logprobs"),
    ({"logprobs": True, "top_logprobs": 21}, "top_logprobs"),
    ({"seed": "x"}, "seed"),
    ({"response_format": "json"}, "response_format"),
    ({"response_format": {"type": "xml"}}, "response_format.type"),
    ({"response_format": {"type": "json_schema"}}, "response_format.json_schema"),
    ({"tools": []}, "tools"),
    ({"tool_choice": "auto"}, "tool_choice"),
    ({"parallel_tool_calls": True}, "parallel_tool_calls"),
    ({"metadata": {str(n): "" for n in range(17)}}, "metadata"),
    ({"metadata": {"a": "x" * 513}}, "metadata.a"),
    ({"service_tier": "best"}, "service_tier"),
    ({"modalities": ["smell"]}, "modalities"),
    ({"modalities": "text"}, "modalities"),
    ({"reasoning_effort": "huge"}, "reasoning_effort"),
    ({"verbosity": 3}, "verbosity"),
    ({"messages": []}, "messages"),
    ({"messages": [{"role": "banana", "content": "x"}]}, "messages[0].role"),
    ({"top_k": 1}, None),
    ({"thinking": {"type": "enabled"}}, None),
    ({"stop_sequences": ["END"]}, None),
    ({"system": "x"}, None),
]


@pytest.mark.parametrize(("more", "param"), OPENAI, ids=lambda value: str(value)[:40])
def test_openai_rejects_invalid_requests(more: Body, param: str | None) -> None:
    error = rejection("openai", more)
    assert set(error) == {"message", "type", "param", "code"}
    assert error["type"] == "invalid_request_error"
    assert error["param"] == param


def test_openai_error_names_the_unknown_argument() -> None:
    assert rejection("openai", {"top_k": 1})["message"] == (
        "Unrecognized request argument supplied: top_k"
    )


@pytest.mark.parametrize(
    "more",
    [
        {"temperature": 2},
        {"temperature": 0, "top_p": 0, "seed": 0},
        {"stop": ["\n", " "]},
        {"max_completion_tokens": 5},
        {"stream": True, "stream_options": {"include_usage": True}},
        {"logprobs": True, "top_logprobs": 2},
        {"response_format": {"type": "json_schema", "json_schema": {"name": "x", "schema": {}}}},
        {**TOOLS, "tool_choice": "required", "parallel_tool_calls": False},
        {"functions": [WEATHER], "function_call": {"name": "get_weather"}},
        {"metadata": {"a": "b"}, "store": True, "user": "u", "service_tier": "flex"},
        {"modalities": ["text"], "prediction": {"type": "content", "content": "x"}},
        {"reasoning_effort": "minimal", "verbosity": "low", "logit_bias": {"1": -100}},
        {"temperature": None, "n": None, "stop": None, "logprobs": None},
    ],
    ids=lambda value: str(value)[:40],
)
def test_openai_accepts_valid_requests(more: Body) -> None:
    assert ScriptedUpstream().ask("openai", more)["status"] == 200


def test_openai_returns_n_choices() -> None:
    choices = data(ScriptedUpstream().ask("openai", {"n": 3}))["choices"]
    assert [choice["index"] for choice in choices] == [0, 1, 2]


def test_openai_returns_logprobs_on_request() -> None:
    more = {"logprobs": True, "top_logprobs": 2}
    (choice,) = data(ScriptedUpstream().ask("openai", more))["choices"]
    (token,) = choice["logprobs"]["content"]
    assert (token["token"], len(token["top_logprobs"])) == ("ready", 2)
    reply = ScriptedUpstream().ask("openai", {**more, "stream": True})
    assert b"".join(reply["chunks"]).count(b'"logprob"') == 3  # the token and its two alternatives


def test_openai_fills_fields_that_the_compatibility_layer_leaves_empty() -> None:
    reply = ScriptedUpstream().ask("openai")
    whole = data(reply)
    assert whole["system_fingerprint"]
    assert whole["service_tier"]
    assert whole["usage"]["completion_tokens_details"]
    assert header(reply, "openai-processing-ms")
    assert header(reply, "x-request-id")
    assert header(reply, "request-id") == []


ANTHROPIC: list[tuple[Body, str]] = [
    ({"temperature": 1.01}, "temperature"),
    ({"stop_sequences": ["\n"]}, "stop_sequences"),
    ({"n": 1}, "n: Extra inputs are not permitted"),
    ({"seed": 7}, "seed: Extra inputs are not permitted"),
    ({"stream_options": {}}, "stream_options: Extra inputs"),
    ({"messages": [{"role": "tool", "content": "x"}, *USER]}, "role"),
    ({"messages": [{"role": "tool", "content": "x"}]}, "role"),
    ({"max_tokens": 0}, "max_tokens"),
    ({"tool_choice": {"type": "auto"}}, "tool_choice"),
]


@pytest.mark.parametrize(("more", "message"), ANTHROPIC, ids=lambda value: str(value)[:40])
def test_anthropic_rejects_invalid_requests(more: Body, message: str) -> None:
    error = rejection("anthropic", more)
    assert error["type"] == "invalid_request_error"
    assert message in error["message"]


def test_anthropic_requires_one_version_and_a_limit() -> None:
    provider = ScriptedUpstream()
    base_request = {"method": "POST", "path": "/v1/messages", "body": b"{}"}
    key = ("x-api-key", "sk-upstream-0123456789abcdef")
    version = ("anthropic-version", "2023-06-01")
    for headers in ([key], [key, version, version]):
        reply = provider.upstream.respond({**base_request, "headers": headers})
        assert "anthropic-version" in data(reply)["error"]["message"]
    reply = provider.upstream.respond(
        {**base_request, "headers": [key, version], "body": b'{"model":"x","messages":[]}'}
    )
    assert "max_tokens" in data(reply)["error"]["message"]


# --- Responses ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("more", "param"),
    [
        ({"messages": []}, "messages"),
        ({"max_tokens": 5}, "max_tokens"),
        ({"input": None}, "input"),
        ({"input": [7]}, "input[0]"),
        ({"input": []}, "input"),
        ({"temperature": 3}, "temperature"),
        ({"max_output_tokens": 0}, "max_output_tokens"),
        ({"tools": [{"type": "function", "name": "a b"}]}, "tools[0].name"),
        ({"tools": [FLAT], "tool_choice": "perhaps"}, "tool_choice"),
    ],
    ids=lambda value: str(value)[:40],
)
def test_responses_rejects_invalid_requests(more: Body, param: str) -> None:
    assert rejection("responses", more)["param"] == param


def test_responses_requires_a_model() -> None:
    provider = ScriptedUpstream()
    base_request = {"method": "POST", "path": "/v1/responses", "body": b'{"input":"x"}'}
    key = ("authorization", "Bearer sk-upstream-0123456789abcdef")
    reply = provider.upstream.respond({**base_request, "headers": [key]})
    assert data(reply)["error"]["param"] == "model"


def output_text(more: Body) -> Any:
    """The text of a response's last item."""
    return data(ScriptedUpstream().ask("responses", more))["output"][-1]["content"][0]["text"]


def test_responses_follows_instructions() -> None:
    more = {"instructions": "Whatever the user says, reply with the single word: pineapple"}
    assert output_text(more) == "pineapple"


def test_responses_reads_items_of_every_kind() -> None:
    call = {"type": "function_call", "call_id": "a", "status": "completed", **CALLED}
    more = [
        {"type": "reasoning", "id": "rs_1", "summary": []},
        {"role": "user", "content": [{"type": "input_text", "text": "What is the weather?"}]},
        call,
        {**call, "call_id": "b"},
        {"type": "function_call_output", "call_id": "a", "output": "17 degrees"},
        {
            "type": "function_call_output",
            "call_id": "b",
            "output": [{"type": "input_text", "text": "wet"}],
        },
    ]
    assert output_text({"input": more}) == "The answer is: 17 degrees, wet"


def test_responses_sees_images() -> None:
    image = {"type": "input_image", "image_url": "https://example.com/a.png"}
    text = {"type": "input_text", "text": "What colour is this image?"}
    assert output_text({"input": [{"role": "user", "content": [image, text]}]}) == (
        "I cannot open this image."
    )
    assert (
        ScriptedUpstream().ask("responses", {"input": [{"role": "user", "content": [7]}]})["status"]
        == 400
    )


@pytest.mark.parametrize("choice", ["required", {"type": "function", "name": "get_weather"}])
def test_responses_calls_tools(choice: Any) -> None:
    more = {"tools": [FLAT], "tool_choice": choice}
    (call,) = data(ScriptedUpstream().ask("responses", more))["output"]
    assert (call["type"], call["name"]) == ("function_call", "get_weather")


def test_anthropic_accepts_tools_that_it_runs_itself() -> None:
    search = {"type": "web_search_20250305", "name": "web_search"}
    custom = {"name": "get_weather", "input_schema": {"type": "object"}}
    for tools in ([search], [search, custom]):
        assert ScriptedUpstream().ask("anthropic", {"tools": tools})["status"] == 200
    assert rejection("anthropic", {"tools": [{**search, "type": "function"}]})["message"]
