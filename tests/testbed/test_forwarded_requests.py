"""The reference gateway forwards requests in the provider's protocol."""

from __future__ import annotations

import json
from typing import Any

import pytest

from harness.testbed.forward import Forwarding
from harness.testbed.gateway.gateway import Gateway
from harness.testbed.keys import GATEWAY_KEY as KEY
from harness.testbed.keys import PROVIDER_KEY
from harness.testbed.mock_provider.server import Upstream
from tests.support.gateway_behind_provider import (
    CALLED,
    MARK,
    READY,
    ROUTES,
    USER,
    WEATHER,
    Body,
    GatewayWithProvider,
    data,
    request,
)

PIXEL = "iVBORw0KGgo="
CHAT_TOOL: Body = {"type": "function", "function": WEATHER}
MESSAGE_TOOL: Body = {
    "name": "get_weather",
    "description": "Get the weather.",
    "input_schema": WEATHER["parameters"],
}
QUESTION: Body = {"role": "user", "content": READY}
CALL: Body = {"id": "call_1", "type": "function", "function": CALLED}
USE: Body = {"type": "tool_use", "id": "toolu_1", "name": "get_weather", "input": {"city": "Paris"}}
IMAGE: Body = {"type": "base64", "media_type": "image/png", "data": PIXEL}
routes = pytest.mark.parametrize(("caller", "provider"), ROUTES)


def to_anthropic(more: Body | None = None) -> Any:
    return GatewayWithProvider("openai", "anthropic").forwarded_body(more)


def to_openai(more: Body | None = None) -> Any:
    return GatewayWithProvider("anthropic", "openai").forwarded_body(more)


def texts(*forwarded: str) -> list[Body]:
    return [{"type": "text", "text": text} for text in forwarded]


# --- keys and headers --------------------------------------------------------------------------


@routes
@pytest.mark.parametrize("stream", [False, True])
def test_provider_gets_its_own_key_not_the_callers(
    caller: str, provider: str, stream: bool
) -> None:
    arrival = GatewayWithProvider(caller, provider).forwarded_request({"stream": stream})
    assert arrival["protocol"] == provider
    assert PROVIDER_KEY in str(arrival["headers"])
    assert KEY not in json.dumps(arrival)


def test_callers_version_and_betas_are_forwarded() -> None:
    gateway_and_provider = GatewayWithProvider("anthropic", "anthropic")
    forwarded = request("anthropic", {"model": "builtin-1", "messages": USER, "max_tokens": 9}, KEY)
    chosen = [("anthropic-version", "2026-10-21"), ("anthropic-beta", "a-1,b-2")]
    forwarded["headers"] = [*forwarded["headers"][:-1], *chosen]
    assert gateway_and_provider.gateway.respond(forwarded)["status"] == 200
    (arrival,) = gateway_and_provider.upstream.take(MARK)
    assert [pair for pair in arrival["headers"] if pair[0].startswith("anthropic-")] == chosen


def test_each_endpoint_prefers_the_other_protocol() -> None:
    upstream = Upstream()
    both = {"anthropic": upstream.respond, "openai": upstream.respond}
    gateway = Gateway(provider=Forwarding(both))
    for caller in ("openai", "anthropic"):
        body = {"model": "builtin-1", "messages": USER, "max_tokens": 9}
        gateway.respond(request(caller, body, KEY))
    assert [one["protocol"] for one in upstream.strays()] == ["anthropic", "openai"]


@routes
def test_rejected_requests_are_not_forwarded(caller: str, provider: str) -> None:
    gateway_and_provider = GatewayWithProvider(caller, provider)
    assert gateway_and_provider.ask({"temperature": "hot"})["status"] == 400
    assert gateway_and_provider.ask({"model": "no-such-model"})["status"] == 404
    assert gateway_and_provider.upstream.take(MARK) == []


# --- an OpenAI caller before Anthropic: the compatibility layer ---------------------------------


def test_minimal_chat_request_is_translated() -> None:
    assert to_anthropic() == {
        "model": "builtin-1",
        "max_tokens": 4096,
        "messages": [{"role": "user", "content": texts(READY)}],
    }


@pytest.mark.parametrize(
    ("more", "forwarded"),
    [
        ({"temperature": 0.3}, {"temperature": 0.3}),
        ({"temperature": 1}, {"temperature": 1}),
        ({"temperature": 1.01}, {"temperature": 1}),
        ({"temperature": 2}, {"temperature": 1}),
        ({"temperature": 0}, {"temperature": 0}),
        ({"temperature": None}, {}),
        ({"top_p": 0}, {"top_p": 0}),
        ({"top_p": 0.95}, {"top_p": 0.95}),
        ({"max_tokens": 5}, {"max_tokens": 5}),
        ({"max_completion_tokens": 5}, {"max_tokens": 5}),
        ({"max_tokens": 9, "max_completion_tokens": 5}, {"max_tokens": 5}),
        ({"stop": "END"}, {"stop_sequences": ["END"]}),
        ({"stop": [" ", "END", "\n", ""]}, {"stop_sequences": ["END"]}),
        ({"stop": ["\n"]}, {}),
        ({"stop": None}, {}),
        ({"stream": True}, {"stream": True}),
        ({"stream": False}, {}),
        ({"stream": True, "stream_options": {"include_usage": True}}, {"stream": True}),
        ({"thinking": {"type": "enabled", "budget_tokens": 2000}},
         {"thinking": {"type": "enabled", "budget_tokens": 2000}, "max_tokens": 6096}),
    ],
    ids=lambda value: str(value)[:50],
)  # fmt: skip
def test_fields_are_mapped(more: Body, forwarded: Body) -> None:
    assert to_anthropic(more) == {**to_anthropic(), **forwarded}


def test_system_and_developer_messages_are_hoisted_and_joined_by_newlines() -> None:
    forwarded = to_anthropic(
        {
            "messages": [
                {"role": "system", "content": "A"},
                *USER,
                {"role": "developer", "content": texts("B", "b")},
                {"role": "system", "content": "C"},
            ]
        }
    )
    assert forwarded["system"] == "A\nBb\nC"
    assert forwarded["messages"] == to_anthropic()["messages"]


def test_tools_are_mapped() -> None:
    forwarded = to_anthropic(
        {"tools": [{"type": "function", "function": {**WEATHER, "strict": True}}]}
    )
    assert forwarded["tools"] == [{**MESSAGE_TOOL, "strict": True}]
    assert "tool_choice" not in forwarded


def test_functions_are_translated_to_tools() -> None:
    forwarded = to_anthropic({"functions": [WEATHER], "function_call": {"name": "get_weather"}})
    assert forwarded["tools"] == [MESSAGE_TOOL]
    assert forwarded["tool_choice"] == {"type": "tool", "name": "get_weather"}


def test_tool_without_parameters_gets_an_empty_object() -> None:
    forwarded = to_anthropic({"tools": [{"type": "function", "function": {"name": "now"}}]})
    assert forwarded["tools"] == [
        {"name": "now", "input_schema": {"type": "object", "properties": {}}}
    ]


@pytest.mark.parametrize(
    ("choice", "parallel", "forwarded"),
    [
        ("required", None, {"type": "any"}),
        ("none", None, {"type": "none"}),
        ("auto", None, {"type": "auto"}),
        ({"type": "function", "function": {"name": "get_weather"}}, None,
         {"type": "tool", "name": "get_weather"}),
        ("required", False, {"type": "any", "disable_parallel_tool_use": True}),
        (None, False, {"type": "auto", "disable_parallel_tool_use": True}),
        ("none", False, {"type": "none"}),
        (None, True, None),
    ],
    ids=str,
)  # fmt: skip
def test_the_choice_of_a_tool_is_mapped(choice: Any, parallel: Any, forwarded: Any) -> None:
    more = {"tool_choice": choice, "parallel_tool_calls": parallel}
    given = {name: value for name, value in more.items() if value is not None}
    assert to_anthropic({"tools": [CHAT_TOOL], **given}).get("tool_choice") == forwarded


def test_calls_and_results_are_blocks() -> None:
    forwarded = to_anthropic(
        {
            "messages": [
                QUESTION,
                {"role": "assistant", "content": None, "tool_calls": [CALL, {**CALL, "id": "c:2"}]},
                {"role": "tool", "tool_call_id": "call_1", "content": "17 degrees"},
                {"role": "tool", "tool_call_id": "c:2", "content": texts("wet")},
                {"role": "user", "content": "And now?"},
            ],
            "tools": [CHAT_TOOL],
        }
    )
    use = {**USE, "id": "call_1"}
    assert forwarded["messages"][1:] == [
        {"role": "assistant", "content": [use, {**use, "id": "c_2"}]},
        {
            "role": "user",
            "content": [
                {"type": "tool_result", "tool_use_id": "call_1", "content": "17 degrees"},
                {"type": "tool_result", "tool_use_id": "c_2", "content": "wet"},
                {"type": "text", "text": "And now?"},
            ],
        },
    ]


@pytest.mark.parametrize(("arguments", "given"), [("", {}), ("{}", {}), ('{"a":0}', {"a": 0})])
def test_arguments_become_an_object(arguments: str, given: Body) -> None:
    call = {**CALL, "function": {"name": "f", "arguments": arguments}}
    turn = {"role": "assistant", "content": "", "tool_calls": [call]}
    result = {"role": "tool", "tool_call_id": "call_1", "content": "x"}
    forwarded = to_anthropic({"messages": [QUESTION, turn, result]})
    assert [block["input"] for block in forwarded["messages"][1]["content"]] == [given]


def test_arguments_that_are_not_an_object_are_rejected() -> None:
    call = {**CALL, "function": {"name": "f", "arguments": "[1"}}
    turn = {"role": "assistant", "content": None, "tool_calls": [call]}
    result = {"role": "tool", "tool_call_id": "call_1", "content": "x"}
    reply = GatewayWithProvider("openai", "anthropic").ask({"messages": [QUESTION, turn, result]})
    assert (reply["status"], data(reply)["error"]["param"]) == (400, "messages")


def test_images_are_blocks() -> None:
    parts = [
        {
            "type": "image_url",
            "image_url": {"url": f"data:image/png;base64,{PIXEL}", "detail": "auto"},
        },
        {"type": "image_url", "image_url": {"url": "https://example.com/a.png"}},
        *texts(READY),
    ]
    forwarded = to_anthropic({"messages": [{"role": "user", "content": parts}]})
    assert forwarded["messages"] == [
        {
            "role": "user",
            "content": [
                {"type": "image", "source": IMAGE},
                {"type": "image", "source": {"type": "url", "url": "https://example.com/a.png"}},
                *texts(READY),
            ],
        }
    ]


def test_sound_is_refused_by_name_and_left_out_by_the_compatibility_layer() -> None:
    parts = [
        {"type": "input_audio", "input_audio": {"data": "AAAA", "format": "wav"}},
        *texts(READY),
    ]
    body = {"messages": [{"role": "user", "content": parts}]}
    gateway = GatewayWithProvider("openai", "anthropic")
    refused = gateway.ask(body)
    assert (refused["status"], gateway.upstream.strays()) == (400, [])
    assert b"'input_audio' is not supported" in b"".join(refused["chunks"])
    assert gateway.ask(body, "/compat/v1/chat/completions")["status"] == 200
    [arrival] = gateway.upstream.strays()
    assert "input_audio" not in arrival["body"]


def test_turns_alternate_and_empty_content_is_dropped() -> None:
    messages = [
        {"role": "user", "content": "One"},
        {"role": "user", "content": "two"},
        {"role": "assistant", "content": [{"type": "text", "text": ""}]},
        {"role": "user", "content": "three"},
        {"role": "assistant", "content": "Four"},
        QUESTION,
    ]
    forwarded = to_anthropic({"messages": messages})["messages"]
    assert [message["role"] for message in forwarded] == ["user", "assistant", "user"]
    assert forwarded[0]["content"] == texts("One", "two", "three")


# --- an Anthropic caller before OpenAI ----------------------------------------------------------


def test_minimal_message_is_translated() -> None:
    assert to_openai() == {
        "model": "builtin-1",
        "messages": [{"role": "user", "content": READY}],
        "max_completion_tokens": 100,
    }


@pytest.mark.parametrize(
    ("more", "forwarded"),
    [
        ({"temperature": 0}, {"temperature": 0}),
        ({"temperature": 1, "top_p": 0}, {"temperature": 1, "top_p": 0}),
        ({"stop_sequences": ["END"]}, {"stop": ["END"]}),
        ({"stop_sequences": list("abcd")}, {"stop": list("abcd")}),
        ({"stop_sequences": []}, {}),
        ({"top_k": 5}, {}),
        ({"service_tier": "auto"}, {}),
        ({"metadata": {"user_id": "u1"}}, {"user": "u1"}),
        ({"metadata": {}}, {}),
        ({"stream": True}, {"stream": True, "stream_options": {"include_usage": True}}),
        ({"stream": False}, {}),
        ({"thinking": {"type": "disabled"}}, {}),
        ({"thinking": {"type": "adaptive"}}, {"reasoning_effort": "medium"}),
        ({"max_tokens": 9000, "thinking": {"type": "enabled", "budget_tokens": 1024}},
         {"max_completion_tokens": 9000, "reasoning_effort": "low"}),
        ({"max_tokens": 9000, "thinking": {"type": "enabled", "budget_tokens": 8192}},
         {"max_completion_tokens": 9000, "reasoning_effort": "high"}),
    ],
    ids=lambda value: str(value)[:50],
)  # fmt: skip
def test_message_fields_are_mapped(more: Body, forwarded: Body) -> None:
    assert to_openai(more) == {**to_openai(), **forwarded}


def test_more_stop_sequences_than_the_provider_takes_are_rejected() -> None:
    reply = GatewayWithProvider("anthropic", "openai").ask({"stop_sequences": list("abcde")})
    assert reply["status"] == 400
    assert "stop_sequences" in data(reply)["error"]["message"]


@pytest.mark.parametrize("system", ["A\nB", texts("A", "B")])
def test_system_is_kept(system: Any) -> None:
    forwarded = to_openai({"system": system})["messages"]
    assert forwarded[0] == {"role": "system", "content": "A\nB"}
    assert forwarded[1:] == to_openai()["messages"]


@pytest.mark.parametrize(
    ("choice", "forwarded"),
    [
        (None, {}),
        ({"type": "auto"}, {"tool_choice": "auto"}),
        ({"type": "any"}, {"tool_choice": "required"}),
        ({"type": "none"}, {"tool_choice": "none"}),
        ({"type": "tool", "name": "get_weather"},
         {"tool_choice": {"type": "function", "function": {"name": "get_weather"}}}),
        ({"type": "any", "disable_parallel_tool_use": True},
         {"tool_choice": "required", "parallel_tool_calls": False}),
    ],
    ids=str,
)  # fmt: skip
def test_message_tools_are_mapped(choice: Any, forwarded: Body) -> None:
    more = {"tools": [MESSAGE_TOOL], **({"tool_choice": choice} if choice else {})}
    assert to_openai(more) == {**to_openai(), "tools": [CHAT_TOOL], **forwarded}


def test_tool_use_and_results_stay_structured() -> None:
    picture = {"type": "image", "source": IMAGE}
    result = {"type": "tool_result", "tool_use_id": "toolu_1", "content": [*texts("17"), picture]}
    forwarded = to_openai(
        {
            "messages": [
                QUESTION,
                {"role": "assistant", "content": [*texts("Let me see."), USE, {**USE, "id": "b"}]},
                {
                    "role": "user",
                    "content": [
                        result,
                        {"type": "tool_result", "tool_use_id": "b", "is_error": True},
                        *texts("And now?"),
                    ],
                },
            ],
            "tools": [MESSAGE_TOOL],
        }
    )["messages"]
    call = {"id": "toolu_1", "type": "function", "function": CALLED}
    image = {"type": "image_url", "image_url": {"url": f"data:image/png;base64,{PIXEL}"}}
    assert forwarded[1:] == [
        {"role": "assistant", "content": "Let me see.", "tool_calls": [call, {**call, "id": "b"}]},
        {"role": "tool", "tool_call_id": "toolu_1", "content": "17"},
        {"role": "tool", "tool_call_id": "b", "content": ""},
        {"role": "user", "content": [image, *texts("And now?")]},
    ]


def test_message_with_only_results_adds_no_user_message() -> None:
    messages = [
        QUESTION,
        {"role": "assistant", "content": [USE]},
        {"role": "user", "content": [{"type": "tool_result", "tool_use_id": "toolu_1"}]},
    ]
    forwarded = to_openai({"messages": messages, "tools": [MESSAGE_TOOL]})["messages"]
    assert [message["role"] for message in forwarded] == ["user", "assistant", "tool"]
    assert forwarded[1]["content"] is None


def test_images_stay_images() -> None:
    url = {"type": "image", "source": {"type": "url", "url": "https://example.com/a.png"}}
    forwarded = to_openai({"messages": [{"role": "user", "content": [url, *texts(READY)]}]})[
        "messages"
    ]
    assert forwarded[0]["content"] == [
        {"type": "image_url", "image_url": {"url": "https://example.com/a.png"}},
        *texts(READY),
    ]


# --- the same protocol on both sides -----------------------------------------------------------


def test_messages_are_forwarded_unchanged() -> None:
    more: Body = {
        "system": [{"type": "text", "text": "A", "cache_control": {"type": "ephemeral"}}],
        "metadata": {"user_id": "u1"},
        "top_k": 5,
        "temperature": 0,
        "service_tier": "auto",
    }
    gateway_and_provider = GatewayWithProvider("anthropic", "anthropic")
    assert gateway_and_provider.forwarded_body(more) == {
        "model": "builtin-1",
        "messages": [{"role": "user", "content": READY}],
        "max_tokens": 100,
        **more,
    }


def test_chat_completion_keeps_supported_fields() -> None:
    more = {"temperature": 2, "seed": 7, "max_tokens": 5, "stop": [" ", "END"]}
    assert GatewayWithProvider("openai", "openai").forwarded_body(more) == {
        "model": "builtin-1",
        "messages": [{"role": "user", "content": READY}],
        "temperature": 2,
        "seed": 7,
        "max_completion_tokens": 5,
        "stop": ["END"],
    }


# --- counting ----------------------------------------------------------------------------------


@pytest.mark.parametrize("provider", ["anthropic", "openai"])
def test_tokens_are_counted(provider: str) -> None:
    gateway_and_provider = GatewayWithProvider("anthropic", provider)
    reply = gateway_and_provider.ask({"max_tokens": ...}, path="/v1/messages/count_tokens")
    assert data(reply)["input_tokens"] > 3
    paths = [one["path"] for one in gateway_and_provider.upstream.take(MARK)]
    assert paths == (["/v1/messages/count_tokens"] if provider == "anthropic" else [])
