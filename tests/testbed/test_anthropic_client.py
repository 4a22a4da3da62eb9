"""The official Anthropic client works against the reference gateway."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import anthropic
import pytest
from anthropic import Anthropic

from harness.testbed.base import Variant
from harness.testbed.gateway.gateway import Gateway
from harness.testbed.http_server.server import serve_in_thread
from harness.testbed.keys import GATEWAY_KEY as KEY
from harness.testbed.keys import LIMITED_GATEWAY_KEY as LIMITED_KEY
from harness.testbed.variants import VARIANTS
from harness.testbed.variants.coincidences import COINCIDENCES
from harness.testbed.variants.limited_models import LIMITED_MODELS
from harness.testbed.variants.partial import PARTIAL
from harness.testbed.variants.skills import SKILLS
from harness.testbed.variants.usage import USAGE

USER: Any = [{"role": "user", "content": "Reply with the single word: ready"}]
COUNT: Any = [{"role": "user", "content": "Count from 1 to 20, separated by spaces."}]
ECHO: Any = [{"role": "user", "content": "Repeat exactly: Grüße, 世界 🌍"}]
BOTH: Any = [{"role": "user", "content": "What is the weather in Paris and in Rome?"}]
TOOLS: Any = [
    {
        "name": "get_weather",
        "description": "Get the current weather in a city.",
        "input_schema": {"type": "object", "properties": {"city": {"type": "string"}}},
    }
]
BASE: Any = {"model": "builtin-1", "max_tokens": 2000}


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    with serve_in_thread(Gateway().respond) as address:
        yield address


@pytest.fixture(scope="module")
def client(url: str) -> Iterator[Anthropic]:
    with Anthropic(api_key=KEY, base_url=url, max_retries=0) as sdk:
        yield sdk


def test_quick_example_of_the_documentation(client: Anthropic) -> None:
    message: Any = client.messages.create(**BASE, messages=USER)
    assert message.content[0].text == "ready"
    assert message.stop_reason == "end_turn"
    assert message.usage.input_tokens > message.usage.output_tokens > 0
    assert message._request_id.startswith("req_")


def test_conversation_of_the_documentation(client: Anthropic) -> None:
    conversation: Any = []
    for words in ("What's the capital of France?", "What's its population?"):
        conversation.append({"role": "user", "content": words})
        message: Any = client.messages.create(**BASE, messages=conversation)
        conversation.append({"role": "assistant", "content": message.content[0].text})
    assert "Paris" in conversation[-1]["content"]


def test_both_key_headers_are_accepted(url: str) -> None:
    with Anthropic(auth_token=KEY, base_url=url, max_retries=0) as bearer:
        assert bearer.messages.create(**BASE, messages=USER).role == "assistant"


def test_a_stream_adds_up_to_the_plain_answer(client: Anthropic) -> None:
    plain: Any = client.messages.create(**BASE, messages=COUNT)
    with client.messages.stream(**BASE, messages=COUNT) as stream:
        text = "".join(stream.text_stream)
        message = stream.get_final_message()
    assert text == plain.content[0].text
    assert message.usage.output_tokens == plain.usage.output_tokens
    assert message.stop_reason == "end_turn"


def test_thinking_precedes_the_answer_and_is_signed(client: Anthropic) -> None:
    thinking: Any = {"type": "enabled", "budget_tokens": 1024}
    plain: Any = client.messages.create(**BASE, messages=COUNT, thinking=thinking)
    with client.messages.stream(**BASE, messages=COUNT, thinking=thinking) as stream:
        message: Any = stream.get_final_message()
    for answer in (plain, message):
        thought, text = answer.content
        assert (thought.type, text.type) == ("thinking", "text")
        assert thought.thinking
        assert thought.signature


def test_tool_calls_and_results(client: Anthropic) -> None:
    with client.messages.stream(**BASE, messages=BOTH, tools=TOOLS) as stream:
        message: Any = stream.get_final_message()
    assert message.stop_reason == "tool_use"
    assert [call.input for call in message.content] == [{"city": "Paris"}, {"city": "Rome"}]
    results: Any = [
        {
            "type": "tool_result",
            "tool_use_id": call.id,
            "content": [{"type": "text", "text": f"{number}7 degrees"}],
        }
        for number, call in enumerate(message.content, 1)
    ]
    question = {"type": "text", "text": "What is the temperature in Rome?"}
    turns = [
        *BOTH,
        {"role": "assistant", "content": message.content},
        {"role": "user", "content": [*results, question]},
    ]
    last: Any = client.messages.create(**BASE, messages=turns, tools=TOOLS)
    assert last.content[0].text == "The answer is: 27 degrees"


def test_tool_runner_executes_tool_calls(client: Anthropic) -> None:
    cities: list[str] = []

    def get_weather(city: str) -> str:
        """Get the current weather in a city."""
        cities.append(city)
        return f"{len(cities)}7 degrees"

    tools: Any = [anthropic.beta_tool(get_weather)]
    last: Any = client.beta.messages.tool_runner(**BASE, messages=BOTH, tools=tools).until_done()
    assert cities == ["Paris", "Rome"]
    assert last.content[0].text == "The answer is: 17 degrees, 27 degrees"


def test_counted_tokens_equal_used_tokens(client: Anthropic) -> None:
    counted = client.messages.count_tokens(
        model="builtin-1", messages=BOTH, tools=TOOLS, system="Be brief."
    )
    used = client.messages.create(**BASE, messages=BOTH, tools=TOOLS, system="Be brief.").usage
    assert counted.input_tokens == used.input_tokens


def test_models_are_listed_page_by_page(client: Anthropic) -> None:
    assert [model.id for model in client.models.list(limit=1)] == ["builtin-1", "builtin-2"]
    assert client.models.retrieve("builtin-2").display_name == "Builtin 2"


def test_errors_become_typed_exceptions(client: Anthropic) -> None:
    with pytest.raises(anthropic.BadRequestError) as bad:
        client.messages.create(**{**BASE, "max_tokens": 0}, messages=USER)
    assert "max_tokens" in str(bad.value)
    with (
        pytest.raises(anthropic.NotFoundError) as unknown,
        client.messages.stream(model="claude", max_tokens=9, messages=USER),
    ):
        pass
    body: Any = unknown.value.body
    assert body["request_id"] == unknown.value.request_id
    with pytest.raises(anthropic.AuthenticationError):
        client.with_options(api_key="sk-wrong").models.list()


def test_the_rate_limit_becomes_an_exception() -> None:
    with (
        serve_in_thread(Gateway(clock=lambda: 0.0).respond) as address,
        Anthropic(api_key=LIMITED_KEY, base_url=address, max_retries=0) as client,
    ):
        for _ in range(20):
            client.models.list()
        with pytest.raises(anthropic.RateLimitError) as limited:
            client.models.list()
    assert limited.value.response.headers["retry-after"] == "2"


ANTHROPIC_VARIANTS = [
    v
    for v in VARIANTS
    if v not in (*SKILLS, *USAGE, *PARTIAL, *COINCIDENCES, *LIMITED_MODELS)
    and v.id != "sse.mark"  # the client loses the first event after a byte order mark
    and any(hook.startswith(("both.", "anthropic.")) for hook in v.overrides)
]


@pytest.mark.parametrize("variant", ANTHROPIC_VARIANTS, ids=lambda variant: variant.id)
def test_official_client_works_with_variant(variant: Variant, client: Anthropic) -> None:
    with serve_in_thread(Gateway(variant.overrides, pace=0.0).respond) as url:
        other = client.with_options(base_url=url)
        plain: Any = other.messages.create(**BASE, messages=USER)
        assert "ready" in "".join(b.text for b in plain.content if b.type == "text").lower()
        with other.messages.stream(**BASE, messages=ECHO) as stream:
            words = "".join(stream.text_stream)
        assert "grüße, 世界 🌍" in words.lower()
        with other.messages.stream(**BASE, messages=BOTH, tools=TOOLS) as stream:
            message: Any = stream.get_final_message()
        calls = [block.input["city"] for block in message.content if block.type == "tool_use"]
        assert calls == ["Paris", "Rome"]
        assert message.usage.input_tokens > 0
        with pytest.raises(anthropic.BadRequestError):
            other.messages.create(**{**BASE, "max_tokens": 0}, messages=USER)
