"""The official OpenAI client works against the reference gateway."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import openai
import pytest
from openai import OpenAI

from harness.testbed.gateway.gateway import Gateway
from harness.testbed.http_server.server import serve_in_thread
from harness.testbed.keys import GATEWAY_KEY as KEY
from harness.testbed.keys import LIMITED_GATEWAY_KEY as LIMITED_KEY

USER: Any = [{"role": "user", "content": "Reply with the single word: ready"}]
COUNT: Any = [{"role": "user", "content": "Count from 1 to 20, separated by spaces."}]
BOTH: Any = [{"role": "user", "content": "What is the weather in Paris and in Rome?"}]
TOOLS: Any = [
    {
        "type": "function",
        "function": {
            "name": "get_weather",
            "description": "Get the current weather in a city.",
            "parameters": {"type": "object", "properties": {"city": {"type": "string"}}},
        },
    }
]


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    with serve_in_thread(Gateway().respond) as address:
        yield f"{address}/v1/"


@pytest.fixture
def client(url: str) -> Iterator[OpenAI]:
    with OpenAI(api_key=KEY, base_url=url, max_retries=0) as sdk:
        yield sdk


def test_quick_start_of_the_documentation(client: OpenAI) -> None:
    response = client.chat.completions.create(
        model="builtin-1",
        messages=[{"role": "system", "content": "You are helpful."}, *USER],
        extra_body={"thinking": {"type": "enabled", "budget_tokens": 2000}},
    )
    assert response.choices[0].message.content == "ready"
    assert response.usage is not None
    assert response.usage.total_tokens > 0


def test_a_stream_adds_up_to_the_plain_answer(client: OpenAI) -> None:
    plain = client.chat.completions.create(model="builtin-1", messages=COUNT)
    stream = client.chat.completions.create(
        model="builtin-1", messages=COUNT, stream=True, stream_options={"include_usage": True}
    )
    chunks = list(stream)
    text = "".join(c.choices[0].delta.content or "" for c in chunks if c.choices)
    assert text == plain.choices[0].message.content
    assert chunks[-1].usage == plain.usage


def test_the_client_assembles_streamed_tool_calls(client: OpenAI) -> None:
    with client.chat.completions.stream(
        model="builtin-1", messages=BOTH, tools=TOOLS, tool_choice="required"
    ) as stream:
        for _ in stream:
            pass
        message = stream.get_final_completion().choices[0].message
    calls: Any = message.tool_calls
    assert [json.loads(call.function.arguments) for call in calls] == [
        {"city": "Paris"},
        {"city": "Rome"},
    ]


def test_tool_calls_and_results(client: OpenAI) -> None:
    first = client.chat.completions.create(model="builtin-1", messages=BOTH, tools=TOOLS)
    message: Any = first.choices[0].message
    results: Any = [
        {"role": "tool", "tool_call_id": call.id, "content": f"{number}7 degrees"}
        for number, call in enumerate(message.tool_calls, 1)
    ]
    last: Any = [{"role": "user", "content": "What is the temperature in Rome?"}]
    second = client.chat.completions.create(
        model="builtin-1", messages=[*BOTH, message, *results, *last], tools=TOOLS
    )
    assert second.choices[0].message.content == "The answer is: 27 degrees"


def test_models_are_listed(client: OpenAI) -> None:
    assert [model.id for model in client.models.list()] == ["builtin-1", "builtin-2"]
    assert client.models.retrieve("builtin-1").owned_by == "builtin"


def test_errors_become_typed_exceptions(client: OpenAI) -> None:
    with pytest.raises(openai.BadRequestError) as bad:
        client.chat.completions.create(model="builtin-1", messages=USER, n=2)
    assert bad.value.param == "n"
    with pytest.raises(openai.NotFoundError) as unknown:
        client.chat.completions.create(model="gpt-4", messages=USER, stream=True)
    assert unknown.value.code == "model_not_found"
    with pytest.raises(openai.AuthenticationError):
        client.with_options(api_key="sk-wrong").models.list()


def test_the_rate_limit_becomes_an_exception() -> None:
    with (
        serve_in_thread(Gateway(clock=lambda: 0.0).respond) as address,
        OpenAI(api_key=LIMITED_KEY, base_url=f"{address}/v1", max_retries=0) as client,
    ):
        for _ in range(20):
            client.models.list()
        with pytest.raises(openai.RateLimitError) as limited:
            client.models.list()
    assert limited.value.response.headers["retry-after"] == "2"
