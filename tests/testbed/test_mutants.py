"""Mutants and variants override existing hooks, and each variant differs from the original.

`harness prove` checks that the case of each mutant kills it.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from typing import Any

import httpx
import openai
import pytest
from openai import OpenAI

from harness.plan.calibration_requests import REQUESTS as CALIBRATION
from harness.testbed.base import Variant
from harness.testbed.forward import Forwarding
from harness.testbed.gateway.gateway import Gateway
from harness.testbed.http_server.server import serve_in_thread
from harness.testbed.keys import GATEWAY_KEY as KEY
from harness.testbed.keys import LIMITED_GATEWAY_KEY as LIMITED_KEY
from harness.testbed.mutants import MUTANTS
from harness.testbed.variants import VARIANTS
from harness.testbed.variants.coincidences import COINCIDENCES
from harness.testbed.variants.limited_models import LIMITED_MODELS
from harness.testbed.variants.partial import PARTIAL
from harness.testbed.variants.skills import SKILLS

# The client's stream helper uses the index as the index of a list.
BROKEN_HELPER = ("json.floats", "json.exponents")
USER = {"role": "user", "content": "Reply with the single word: ready"}
COUNT = {"role": "user", "content": "Count from 1 to 20, separated by spaces."}
ECHO = {"role": "user", "content": "Repeat exactly: Grüße, 世界 🌍"}
SAO_PAULO = {"role": "user", "content": "What is the weather in São Paulo?"}
BOTH = {"role": "user", "content": "What is the weather in Paris and in Rome?"}
CITY = {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]}
FUNCTION = {"name": "get_weather", "description": "The weather in a city.", "parameters": CITY}
TOOL: Any = {"type": "function", "function": FUNCTION}
MESSAGE_TOOL = {"name": "get_weather", "description": "The weather.", "input_schema": CITY}
AUDIO = {"type": "input_audio", "input_audio": {"data": "AAAA", "format": "wav"}}
DOCUMENT = {
    "type": "document",
    "source": {"type": "text", "media_type": "text/plain", "data": "Hello."},
}
BEARER = {"authorization": f"Bearer {KEY}"}
API_KEY = {"x-api-key": KEY, "anthropic-version": "2023-06-01"}
CODINGS = {"accept-encoding": "gzip, deflate"}
LIMITED = {"authorization": f"Bearer {LIMITED_KEY}"}
PREFLIGHT = [
    ("origin", "https://example.com"),
    ("access-control-request-method", "POST"),
    (
        "access-control-request-headers",
        "content-type, anthropic-dangerous-direct-browser-access",
    ),
]
STREAM: dict[str, Any] = {"stream": True, "stream_options": {"include_usage": True}}

CALLED = {
    "role": "assistant",
    "tool_calls": [
        {
            "id": f"call_{city}",
            "type": "function",
            "function": {"name": "get_weather", "arguments": json.dumps({"city": city})},
        }
        for city in ("Paris", "Rome")
    ],
}
RESULTS = [
    {"role": "tool", "tool_call_id": f"call_{city}", "content": content}
    for city, content in (("Paris", "17"), ("Rome", "24"))
]
MARK = {"type": "ephemeral"}
# Fields of requests; for each variant, at least one of them has another response.
CHAT: list[dict[str, Any]] = [
    {**STREAM, "messages": [COUNT], "stop": [" "]},
    {**STREAM, "messages": [BOTH], "functions": [FUNCTION]},
    {"max_tokens": 0},
    {"model": "no-such-model"},
    {"temperature": -1},
    {"thinking": {"type": "enabled", "budget_tokens": 2000}},
    {"thinking": "much"},
    {"stream_options": {"include_usage": True}},
    {"no_such_field": 1, "seed": 7},
    {"messages": [BOTH, CALLED, *RESULTS]},
    {"tools": []},
    {"messages": [{"role": "user", "content": [AUDIO]}]},
    {"response_format": {"type": "json_object"}},
    {"n": 2},
    {"messages": [BOTH], "tools": [TOOL], "tool_choice": "required", "max_tokens": 4},
    {"messages": [SAO_PAULO], "tools": [TOOL], "tool_choice": "required"},
    {"messages": [BOTH], "tools": [{"type": "function", **FUNCTION}]},
    {"messages": [BOTH], "tools": [TOOL], "response_format": {"type": "json_object"}},
    {"messages": [COUNT, COUNT]},
]
MESSAGES: list[dict[str, Any]] = [
    {"messages": [BOTH], "tools": [MESSAGE_TOOL], "stream": True},
    {"messages": [COUNT, {"role": "assistant", "content": "1 2"}]},
    {"stop_sequences": [" "]},
    {"no_such_field": 1},
    {"temperature": 0.5, "top_p": 0.5},
    {"messages": [BOTH], "tools": [MESSAGE_TOOL], "tool_choice": {"type": "any"}},
    {"thinking": {"type": "adaptive"}},
    {"thinking": {"type": "enabled", "budget_tokens": 1024}},
    {"messages": [COUNT], "stream": True},
    {"messages": [BOTH], "tools": [MESSAGE_TOOL], "max_tokens": 5},
    {"messages": [{"role": "user", "content": [DOCUMENT]}]},
    {"messages": [COUNT], "stop_sequences": ["one", "two", "three", "four", "7"]},
    {"system": [{"type": "text", "text": "Be brief. " * 9, "cache_control": MARK}]},
]


def request(path: str, body: Any, headers: dict[str, str]) -> dict[str, Any]:
    pairs = [*headers.items(), ("content-type", "application/json")]
    return {"method": "POST", "path": path, "headers": pairs, "body": json.dumps(body).encode()}


def chat_request(**fields: Any) -> dict[str, Any]:
    body = {"model": "builtin-1", "messages": [USER], **fields}
    return request("/v1/chat/completions", body, BEARER)


def messages_request(path: str = "", **fields: Any) -> dict[str, Any]:
    body = {"model": "builtin-1", "messages": [USER], **fields}
    return request(f"/v1/messages{path}", body, API_KEY)


def embeddings_request(**fields: Any) -> dict[str, Any]:
    body = {"model": "builtin-embedding-1", "input": "A text.", **fields}
    return request("/v1/embeddings", body, BEARER)


def responses_request(**fields: Any) -> dict[str, Any]:
    body = {"model": "builtin-1", "input": "Count from 1 to 9.", **fields}
    return request("/v1/responses", body, BEARER)


RESPONSES_TOOL = {"type": "function", **TOOL["function"]}
RESPONSES: list[dict[str, Any]] = [
    {"user": "user-1", "reasoning": {"effort": "low"}, "no_such_field": 1},
    {"tools": [{"type": "web_search"}], "tool_choice": "required"},
    {"stream": True},
    {"stream": True, "tools": [RESPONSES_TOOL], "tool_choice": "required"},
    {"text": {"format": {"type": "json_object"}}},
    {"previous_response_id": "resp_1"},
    {"background": True},
]
# Requests about a stored response: the method, and what follows its id in the path.
STORED = (("POST", "/cancel"), ("GET", ""), ("GET", "/input_items?limit=1"))
EMBEDDINGS: list[dict[str, Any]] = [
    {"encoding_format": "base64"},
    {"dimensions": 64},
    {"input": [1, 2, 3]},
    {"input": ["a"] * 40},
    {"input": ""},
    {"model": "other"},
]
NEWER_MESSAGES: list[dict[str, Any]] = [
    {"output_config": {"effort": "low"}},
    {"tools": [{"type": "bash_20250124", "name": "bash"}]},
    {"system": "Be kind.", "messages": [USER, {"role": "system", "content": "Be brief."}]},
]
REQUESTS = [
    *(chat_request(**fields) for fields in CHAT),
    *(messages_request(**{"max_tokens": 2000, **fields}) for fields in MESSAGES),
    messages_request("/count_tokens"),
    chat_request(**CALIBRATION["openai"]["red"]),
    request("/v1/messages", {"model": "builtin-1", "messages": [USER]}, {"x-api-key": KEY}),
    request(
        "/compat/v1/chat/completions",
        {"model": "builtin-1", "messages": [USER], "stop": ["1", "2", "3", "4", "5"]},
        BEARER,
    ),
    request(
        "/compat/v1/chat/completions",
        {"model": "builtin-1", "messages": [{"role": "user", "content": [AUDIO]}]},
        BEARER,
    ),
    chat_request(messages=[{"role": "system", "content": "Be brief."}, USER]),
    request("/v1/chat/completions", {"messages": [USER]}, {**BEARER, **CODINGS}),
    {"method": "PUT", "path": "/v1/messages", "headers": [*API_KEY.items()], "body": b""},
    {"method": "GET", "path": "/v1/models", "headers": [*BEARER.items()], "body": b""},
    {"method": "OPTIONS", "path": "/v1/messages", "headers": PREFLIGHT, "body": b""},
    *[request("/v1/chat/completions", {"messages": [USER]}, LIMITED)] * 21,
    {"method": "GET", "path": "/v1/chat/completions", "headers": [*BEARER.items()], "body": b""},
    {"method": "GET", "path": "/v1/models/builtin-1", "headers": [*BEARER.items()], "body": b""},
    {"method": "GET", "path": "/v1/models/builtin-1", "headers": [*API_KEY.items()], "body": b""},
    {"method": "GET", "path": "/v1/models", "headers": [*API_KEY.items()], "body": b""},
    chat_request(stream=True, messages=[{"role": "user", "content": "Count from 1 to 50."}]),
    chat_request(messages=[{"role": "user", "content": "A long story. " * 200}]),
    chat_request(messages=[{"role": "user", "content": "Hi"}], tools=[TOOL]),
    chat_request(moderation={"model": "m"}),
    *(messages_request(max_tokens=100, **fields) for fields in NEWER_MESSAGES),
    *(embeddings_request(**fields) for fields in EMBEDDINGS),
    *(responses_request(**fields) for fields in RESPONSES),
    request("/v1/responses/input_tokens", {"model": "builtin-1", "input": "Hello!"}, BEARER),
    request("/v1/responses/compact", {"model": "builtin-1", "input": "Hello!"}, BEARER),
    request(
        "/v1/messages",
        {"model": "builtin-1", "messages": [USER], "max_tokens": 9, "temperature": 0.5},
        {**API_KEY, "anthropic-version": "2026-10-21"},
    ),
]


def responses(variant: Variant) -> list[Any]:
    gateway = Gateway(variant.overrides, clock=lambda: 0.0)
    short, long = (stored_responses(gateway, f"Count from 1 to {last}.") for last in (9, 300))
    return [*(gateway.respond(sent) for sent in REQUESTS), *short, *long]


def stored_responses(gateway: Gateway, text: str) -> list[Any]:
    """Return the answers to requests about a response in the background."""
    created = gateway.respond(responses_request(input=text, background=True))
    try:
        response_id = json.loads(b"".join(created["chunks"]))["id"]
    except (ValueError, KeyError):  # encoded, or an error
        return []
    path, headers = f"/v1/responses/{response_id}", [*BEARER.items()]
    return [
        gateway.respond({"method": method, "path": path + end, "headers": headers, "body": b""})
        for method, end in STORED
    ]


def test_every_variant_differs_from_the_reference_gateway() -> None:
    reference = responses(Variant("reference", "changes nothing", {}))
    assert responses(Variant("reference", "changes nothing", {})) == reference
    assert [variant.id for variant in VARIANTS if responses(variant) == reference] == []


def test_each_mutant_overrides_one_hook() -> None:
    assert [mutant.id for mutant in MUTANTS if len(mutant.override) != 1] == []


def test_every_override_names_an_existing_hook() -> None:
    providers = dict.fromkeys(("anthropic", "openai", "responses", "embeddings"), unreachable)
    gateway = Gateway(provider=Forwarding(providers))
    overrides = [mutant.override for mutant in MUTANTS]
    overrides += [variant.overrides for variant in VARIANTS]
    for name in {name for override in overrides for name in override}:
        owners = gateway.hooks(name)
        assert owners, name
        assert all(callable(getattr(owner, hook, None)) for owner, hook in owners), name


def unreachable(request: Any) -> Any:
    raise OSError


def test_ids_are_unique() -> None:
    names = [mutant.id for mutant in MUTANTS] + [variant.id for variant in VARIANTS]
    assert len(names) == len(set(names))


def test_no_two_mutants_have_one_description_for_one_case() -> None:
    counts = Counter((mutant.case, mutant.rule, mutant.description) for mutant in MUTANTS)
    assert [key for key, count in counts.items() if count > 1] == []


def test_descriptions_are_short_sentences() -> None:
    descriptions = [mutant.description for mutant in MUTANTS]
    descriptions += [variant.description for variant in VARIANTS]
    assert [text for text in descriptions if len(text.split()) < 2 or text.endswith(".")] == []


def test_stateful_mutant_does_not_affect_other_gateways() -> None:
    (stateful,) = (mutant for mutant in MUTANTS if mutant.id == "errors.then-good-sulks")
    valid, invalid = chat_request(), chat_request(messages=[])
    gateway = Gateway(stateful.override)
    statuses = [gateway.respond(sent)["status"] for sent in (valid, invalid, valid)]
    assert statuses == [200, 400, 400]
    assert Gateway(stateful.override).respond(valid)["status"] == 200


@pytest.fixture(scope="module")
def shared() -> Iterator[Any]:
    with httpx.Client(trust_env=False) as client:
        yield client


OPENAI_VARIANTS = [
    v
    for v in VARIANTS
    if v not in (*SKILLS, *PARTIAL, *COINCIDENCES, *LIMITED_MODELS)
    and v.id not in BROKEN_HELPER
    and not all(hook.startswith("anthropic.") for hook in v.overrides)
]


@pytest.mark.parametrize("variant", OPENAI_VARIANTS, ids=lambda variant: variant.id)
def test_official_client_works_with_variant(variant: Variant, shared: Any) -> None:
    with serve_in_thread(Gateway(variant.overrides, pace=0.0).respond) as url:
        client = OpenAI(api_key=KEY, base_url=f"{url}/v1", http_client=shared, max_retries=0)
        ask: Any = client.chat.completions.create
        question: Any = BOTH
        answer = ask(model="builtin-1", messages=[USER])
        assert "ready" in answer.choices[0].message.content.lower()
        chunks = list(ask(model="builtin-1", messages=[ECHO], stream=True))
        words = "".join(c.choices[0].delta.content or "" for c in chunks)
        assert "grüße, 世界 🌍" in words.lower()
        with client.chat.completions.stream(
            model="builtin-1", messages=[question], tools=[TOOL]
        ) as stream:
            calls: Any = stream.get_final_completion().choices[0].message.tool_calls
        assert [json.loads(call.function.arguments)["city"] for call in calls] == ["Paris", "Rome"]
        if variant.id != "options.choices":
            with pytest.raises((openai.BadRequestError, openai.UnprocessableEntityError)):
                ask(model="builtin-1", messages=[USER], n=2)


def test_exception_in_a_mutant_is_not_a_request_error() -> None:
    def fail(*_: Any) -> Any:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        Gateway({"usage": fail}).respond(chat_request())
