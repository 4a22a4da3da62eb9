"""Official clients accept the replies of the mock provider."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import anthropic
import openai
import pytest

from harness.testbed.http_server.server import serve_in_thread
from harness.testbed.keys import PROVIDER_KEY as KEY
from harness.testbed.mock_provider.server import Upstream
from tests.support.gateway_behind_provider import MARK, MARKED, WEATHER, Body

USER: Any = [{"role": "user", "content": MARKED}]
CHAT: Any = {"model": "gpt-x", "messages": USER}
MESSAGE: Any = {"model": "claude-x", "messages": USER, "max_tokens": 50}
PARTS = [
    {"thinking": "Hm."},
    {"text": "Grüße, 世界 🌍"},
    {"tool": {"name": "get_weather", "input": {"city": "Zürich"}}},
    {"tool": {"name": "get_weather", "input": {"city": "Rome"}}},
]
FRAGMENTED: Body = {"parts": PARTS, "fragments": 1, "bytes": True, "pings": 1}
FAILING_STREAM: Body = {"text": "abcd", "cut": [1, 2, 3], "fail": {"after": 2, "with": "error"}}
USAGE = {"input": 7, "output": 5, "cache_read": 3}


@contextmanager
def serve_provider(reply: Body | None = None) -> Iterator[tuple[Any, Any]]:
    """Both clients of a provider with this reply."""
    with (
        serve_in_thread(Upstream({MARK: reply}).respond) as url,
        openai.OpenAI(api_key=KEY, base_url=f"{url}/v1", max_retries=0) as one,
        anthropic.Anthropic(api_key=KEY, base_url=url, max_retries=0) as other,
    ):
        yield one, other


def test_compliant_provider_satisfies_official_clients() -> None:
    with serve_provider() as (chat, messages):
        assert chat.chat.completions.create(**CHAT).choices[0].message.content == "ready"
        assert messages.messages.create(**MESSAGE).content[0].text == "ready"
        assert chat.responses.create(model="gpt-x", input=MARKED).output_text == "ready"
        assert next(model.id for model in chat.models.list()) == "builtin-1"
        counted = messages.messages.count_tokens(model="claude-x", messages=USER)
        assert counted.input_tokens == messages.messages.create(**MESSAGE).usage.input_tokens


def test_openai_client_reads_a_fragmented_stream() -> None:
    with serve_provider({**FRAGMENTED, "usage": USAGE}) as (chat, _):
        options = {"include_usage": True}
        with chat.chat.completions.stream(**CHAT, stream_options=options) as stream:
            whole = stream.get_final_completion()
    message = whole.choices[0].message
    assert message.content == "Grüße, 世界 🌍"
    arguments = [json.loads(call.function.arguments)["city"] for call in message.tool_calls]
    assert arguments == ["Zürich", "Rome"]
    assert whole.choices[0].finish_reason == "tool_calls"
    assert (whole.usage.prompt_tokens, whole.usage.completion_tokens) == (10, 5)


def test_anthropic_client_reads_a_fragmented_stream() -> None:
    script: Body = {**FRAGMENTED, "usage": USAGE}
    with serve_provider(script) as (_, messages), messages.messages.stream(**MESSAGE) as stream:
        whole = stream.get_final_message()
    assert [b.type for b in whole.content] == ["thinking", "text", "tool_use", "tool_use"]
    assert whole.content[1].text == "Grüße, 世界 🌍"
    assert [block.input["city"] for block in whole.content[2:]] == ["Zürich", "Rome"]
    assert whole.stop_reason == "tool_use"
    used = whole.usage
    assert (used.input_tokens, used.output_tokens, used.cache_read_input_tokens) == (7, 5, 3)


def test_responses_are_read_plain_and_streamed() -> None:
    tools: Any = [{"type": "function", "strict": False, **WEATHER}]
    with serve_provider(FRAGMENTED) as (chat, _):
        plain = chat.responses.create(model="gpt-x", input=MARKED, tools=tools)
        with chat.responses.stream(model="gpt-x", input=MARKED, tools=tools) as stream:
            whole = stream.get_final_response()
    for response in (plain, whole):
        assert response.output_text == "Grüße, 世界 🌍"
        calls = [item for item in response.output if item.type == "function_call"]
        assert [json.loads(call.arguments)["city"] for call in calls] == ["Zürich", "Rome"]
        assert response.status == "completed"


def test_errors_become_typed_exceptions() -> None:
    with serve_provider({"status": 429, "headers": [["retry-after", "7"]]}) as (chat, messages):
        with pytest.raises(openai.RateLimitError) as raised:
            chat.chat.completions.create(**CHAT)
        assert raised.value.response.headers["retry-after"] == "7"
        with pytest.raises(anthropic.RateLimitError) as other:
            messages.messages.create(**MESSAGE)
        assert other.value.response.headers["retry-after"] == "7"


def test_error_in_a_stream_is_raised() -> None:
    with serve_provider(FAILING_STREAM) as (chat, messages):
        chunks: list[Any] = []
        with pytest.raises(openai.APIError):
            chunks.extend(chat.chat.completions.create(**CHAT, stream=True))
        assert "".join(chunk.choices[0].delta.content or "" for chunk in chunks) == "ab"
        with pytest.raises(anthropic.APIStatusError):
            list(messages.messages.create(**MESSAGE, stream=True))
        events = list(chat.responses.create(model="gpt-x", input=MARKED, stream=True))
        assert events[-1].type == "error"


def test_key_of_the_caller_is_rejected() -> None:
    with serve_provider() as (chat, messages):
        with pytest.raises(openai.AuthenticationError):
            chat.with_options(api_key="sk-callers").chat.completions.create(**CHAT)
        with pytest.raises(anthropic.AuthenticationError):
            messages.with_options(api_key="sk-callers").messages.create(**MESSAGE)
