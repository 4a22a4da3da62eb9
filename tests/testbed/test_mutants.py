"""Each mutant and variant differs from the reference gateway in one way."""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import cache
from typing import Any

import httpx
import openai
import pytest
from openai import OpenAI

from harness import run
from harness.prove.in_process import InProcessGateway, gateway
from harness.testbed.base import Variant
from harness.testbed.forward import Forwarding
from harness.testbed.gateway.gateway import Gateway, Overrides
from harness.testbed.http_server.server import serve_in_thread
from harness.testbed.keys import GATEWAY_KEY as KEY
from harness.testbed.keys import LIMITED_GATEWAY_KEY as LIMITED_KEY
from harness.testbed.mutants import MUTANTS
from harness.testbed.mutants.openai.ignored import FIELDS
from harness.testbed.mutants.upstream import UPSTREAM_MUTANTS
from harness.testbed.variants import VARIANTS

RED = (  # one red pixel
    "data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAIAAACQd1PeAAAADElEQVR4nGP4z8AAAAMB"
    "AQDJ/pLvAAAAAElFTkSuQmCC"
)
USER = {"role": "user", "content": "Reply with the single word: ready"}
COUNT = {"role": "user", "content": "Count from 1 to 20, separated by spaces."}
ECHO = {"role": "user", "content": "Repeat exactly: Grüße, 世界 🌍"}
BOTH = {"role": "user", "content": "What is the weather in Paris and in Rome?"}
PINEAPPLE = "reply with the single word: pineapple"
SYSTEM = {"role": "system", "content": PINEAPPLE}
DEVELOPER = {"role": "developer", "content": PINEAPPLE}
LOST = {"role": "system", "content": [{"type": "text", "text": PINEAPPLE}]}
MANGO = {"role": "assistant", "content": "Mango"}
CITY = {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]}
FUNCTION = {"name": "get_weather", "description": "The weather in a city.", "parameters": CITY}
NOW = "2023-06-01"
NAME = "get_the_current_weather_in_a_city_of_the_world_today"


def tool(**changes: Any) -> list[Any]:
    return [{"type": "function", "function": {**FUNCTION, **changes}}]


TWO = [*tool(), *tool(name="get_time", description="The time in a city.")]
TOOL_WITHOUT_PARAMETERS = [{"type": "function", "function": {"name": "get_time"}}]
NAMED_CHOICE = {"type": "function", "function": {"name": "get_time"}}


def past(**changes: Any) -> list[Any]:
    """A round of tool use: two calls, changed alike, and their results in the other order."""
    calls = [
        {
            "id": name,
            "type": "function",
            "function": {"name": "get_weather", "arguments": json.dumps({"city": name})},
            **changes,
        }
        for name in ("Paris", "Rome")
    ]
    results = [
        {"role": "tool", "tool_call_id": "Rome", "content": "24 degrees"},
        {"role": "tool", "tool_call_id": "Paris", "content": [text("17 degrees")]},
    ]
    question = {"role": "user", "content": "How warm is it in Rome?"}
    return [BOTH, {"role": "assistant", "content": None, "tool_calls": calls}, *results, question]


def text(words: str) -> dict[str, str]:
    return {"type": "text", "text": words}


def part(kind: str, **inner: Any) -> dict[str, Any]:
    return {"type": kind, kind: inner}


def message_of(role: str, *parts: Any, **more: Any) -> dict[str, Any]:
    return {"role": role, "content": list(parts), **more}


def old(**changes: Any) -> list[Any]:
    call = {"name": "get_weather", "arguments": "{}"}
    result = {"role": "function", "name": "get_weather", "content": "17 degrees", **changes}
    return [BOTH, {"role": "assistant", "content": None, "function_call": call}, result]


def changed(messages: list[Any], at: int, **fields: Any) -> list[Any]:
    return [{**m, **fields} if n == at else m for n, m in enumerate(messages)]


def without(message: dict[str, Any], key: str) -> dict[str, Any]:
    return {k: v for k, v in message.items() if k != key}


AUDIO = part("input_audio", data="AAAA", format="wav")
IMAGE = part("image_url", url=RED)
LONG = {"role": "user", "content": "word " * 600}
ARGUMENTS = {"name": "get_weather", "arguments": ""}
MESSAGES: list[Any] = [
    [COUNT],
    [ECHO],
    [LONG],
    [USER, SYSTEM],
    [USER, DEVELOPER, COUNT],
    [LOST, COUNT],
    [{**DEVELOPER, "content": LOST["content"]}, COUNT],
    [SYSTEM, DEVELOPER, {**SYSTEM, "content": "Be brief."}, USER],
    [message_of("user", text("Name a"), text(" fruit."))],
    [message_of("user", text("My dog is called Rex."), text("What is my dog called?"))],
    [message_of("user", text("What colour is this image?"), IMAGE, IMAGE)],
    [message_of("user", text("Hi"), part("image_url", url="data:image/png;base64,!!"))],
    [message_of("user", text("Hi"), {"type": "smell"})],
    [message_of("user", text("Hi"), AUDIO)],
    [message_of("user", AUDIO)],
    [message_of("user", text("Hi"), part("input_audio", format="shellac"))],
    [message_of("user", text("Hi"), AUDIO), MANGO, USER],
    [message_of("user", text("Hi"), part("file", file_id="file-1"))],
    [USER, message_of("assistant", text("Mango"), {"type": "refusal", "refusal": "no"}), USER],
    [USER, message_of("assistant", {"type": "refusal", "refusal": "no"}), USER],
    [USER, {**MANGO, "refusal": None}, {"role": "user", "content": "Which fruit did you name?"}],
    past(),
    past(index=0),
    past(function={**ARGUMENTS, "arguments": "{}"}),
    past(function=ARGUMENTS),
    changed(past(), 1, content="Let me see."),
    changed(past(), 2, tool_choice="auto"),
    changed(past(), 2, tool_call_id="never"),
    [*past()[:2], without(past()[2], "tool_call_id"), *past()[3:]],
    old(),
    old(tool_choice="auto"),
    old(content=[text("17 degrees")]),
    [*old()[:2], without(old()[2], "name")],
    [{"role": "banana", "content": "Hi"}],
    [{"role": "user", "content": 7}],
    "not a list",
    ["hello"],
    [],
]
FIELD_BODIES: list[dict[str, Any]] = [
    {},
    {"stream": False},
    {"model": "nobody"},
    {"model": 5},
    *({"max_tokens": value, "messages": [COUNT]} for value in (5, 4000, 0, "ten")),
    *({"max_completion_tokens": value, "messages": [COUNT]} for value in (5, 4000, "ten")),
    *({"stop": v, "messages": [COUNT]} for v in ("7", ["9", "7"], "11 12", [" "], ["\n", "7"])),
    *({"temperature": value} for value in (0, 2, -1, "hot", None)),
    *({"top_p": value} for value in (0.5, 2)),
    *({"n": value} for value in (1, 2)),
    *({"thinking": {"type": "enabled", "budget_tokens": v}} for v in (2000, None)),
    {"stream_options": {"include_usage": True}},
    {"seed": 0},
    {"no_such_field": 1},
    {f"field{number}": number for number in range(9)},
    {"response_format": {"type": "text"}},
    *({"tools": value} for value in ([], "x", [{"type": "function", "function": {}}])),
    *({"tools": tool(), "messages": [BOTH], "tool_choice": v} for v in ("auto", "none", "x")),
    {"tools": tool(), "tool_choice": "required"},
    {"tools": tool(), "tool_choice": "required", "messages": [BOTH], "parallel_tool_calls": True},
    {"tools": tool(), "messages": [BOTH], "parallel_tool_calls": False},
    {"tools": TWO, "messages": [BOTH], "tool_choice": NAMED_CHOICE},
    {"tools": TOOL_WITHOUT_PARAMETERS, "tool_choice": "required"},
    {"tools": tool(name=NAME), "tool_choice": "required"},
    {"tools": tool(name="a b")},
    {"tools": tool(strict=True, parameters={**CITY, "required": []})},
    {"tools": tool(parameters={"type": "object", "properties": {"city": {"enum": ["Rome"]}}})},
    {"functions": [FUNCTION], "messages": [BOTH]},
    {"functions": [FUNCTION], "function_call": "auto"},
]
LEGAL = {
    bool: True,
    dict: {"type": "text"},
    int: 1,
    float: 0.5,
    str: "something",
    list: ["text", "audio"],
}
NESTED: dict[str, dict[str, Any]] = {
    "message.system.name": {"messages": [{**SYSTEM, "name": 7}]},
    "message.developer.name": {"messages": [{**DEVELOPER, "name": 7}]},
    "message.user.name": {"messages": [{**USER, "name": 7}]},
    "message.assistant.name": {"messages": [USER, {**MANGO, "name": 7}, USER]},
    "message.assistant.refusal": {"messages": [USER, {**MANGO, "refusal": 7}, USER]},
    "message.assistant.audio": {"messages": [USER, {**MANGO, "audio": 7}, USER]},
    "message.tool.name": {"messages": changed(past(), 2, name=7)},
    "message.function.name": {"messages": old(name=7)},
    "message.user.content.image_url.detail": {
        "messages": [message_of("user", part("image_url", url=RED, detail=7))]
    },
    "tools.function.strict": {"tools": tool(strict=7)},
    "functions.strict": {"functions": [{**FUNCTION, "strict": 7}]},
}
EXTREME: list[dict[str, Any]] = [
    {"top_logprobs": 21, "logprobs": True},
    {"presence_penalty": 99},
    {"frequency_penalty": 99},
    {"seed": -1},
    {"metadata": {str(number): "x" for number in range(17)}},
    {"logit_bias": {"1": 5000}},
    {"user": ""},
    {"modalities": ["smell"]},
    {"thinking": "much"},
]


def request(
    body: Any = None, path: str = "/v1/chat/completions", method: str = "POST", **headers: str
) -> dict[str, Any]:
    pairs = {"authorization": f"Bearer {KEY}", "content-type": "application/json"}
    pairs.update({name.replace("_", "-"): value for name, value in headers.items()})
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    return {"method": method, "path": path, "headers": list(pairs.items()), "body": raw}


def bodies() -> Iterator[Any]:
    base = {"model": "builtin-1", "messages": [USER]}
    bodies = [*FIELD_BODIES, *({"messages": m} for m in MESSAGES), *NESTED.values(), *EXTREME]
    for field in FIELDS:
        if len(field.path) == 1:
            bodies += [{field.name: LEGAL[field.types[0]]}, {field.name: "odd"}, {field.name: 7}]
    for fields in bodies:
        yield {**base, **fields}
        if "stream" not in fields:
            yield {**base, "stream": True, "stream_options": {"include_usage": True}, **fields}
    yield {**base, "stream": True}
    yield {**base, "stream": True, "stream_options": {"include_usage": False}}
    yield from ({"model": "builtin-1"}, {"messages": [USER]}, ["hello"])


@cache
def corpus() -> tuple[dict[str, Any], ...]:
    """Requests enough to tell every gateway from the original one."""
    base = {"model": "builtin-1", "messages": [USER]}
    return (
        *(request(body) for body in bodies()),
        request(b'{"model": '),
        request(b""),
        request(base, authorization="Bearer wrong"),
        request(base, authorization="Basic x"),
        request(base, authorization=""),
        request(base, openai_organization="org-1"),
        request(base, content_type="application/json; charset=utf-8"),
        *(request(base, authorization=f"Bearer {LIMITED_KEY}") for _ in range(21)),
        request(method="GET", path="/v1/models"),
        request(method="GET", path="/v1/models", authorization=""),
        request(method="GET", path="/v1/models/builtin-1"),
        request(method="GET", path="/v1/models/nobody"),
        request(base, path="/v1/poems"),
        request(base, method="PUT"),
        request(base),
    )


def messages_request(body: Any = None, path: str = "/v1/messages", **more: Any) -> dict[str, Any]:
    """The same of the other protocol."""
    return request(body, path, authorization="", x_api_key=KEY, anthropic_version=NOW, **more)


@cache
def other_corpus() -> tuple[dict[str, Any], ...]:
    """Requests of the other protocol, enough to tell every variant."""
    base: dict[str, Any] = {"model": "builtin-1", "max_tokens": 2000, "messages": [USER]}
    tools = [{"name": "get_weather", "description": "The weather.", "input_schema": CITY}]
    fields: list[dict[str, Any]] = [
        {},
        {"max_tokens": 0},
        {"model": "nobody"},
        {"stop_sequences": [" "]},
        {"no_such_field": 1},
        {"temperature": 0.5, "top_p": 0.5},
        {"messages": [COUNT]},
        {"messages": [ECHO]},
        {"messages": [COUNT, {"role": "assistant", "content": "1 2"}]},
        {"messages": [BOTH], "tools": tools},
        {"thinking": {"type": "enabled", "budget_tokens": 1024}},
    ]
    return (
        *(messages_request({**base, **more}) for more in fields),
        *(messages_request({**base, **more, "stream": True}) for more in fields),
        request(base, "/v1/messages", authorization="", x_api_key=KEY),
        messages_request({"model": "builtin-1", "messages": [USER]}, "/v1/messages/count_tokens"),
        messages_request(path="/v1/models", method="GET"),
    )


def differs(overrides: Overrides) -> bool:
    """Whether some reply is not the original gateway's; every gateway starts afresh."""
    gateway = Gateway(overrides, clock=lambda: 0.0)
    pairs = zip((*other_corpus(), *corpus()), original(), strict=True)
    return any(gateway.respond(sent) != expected for sent, expected in pairs)


@cache
def original() -> tuple[Any, ...]:
    gateway = Gateway(clock=lambda: 0.0)
    return tuple(gateway.respond(sent) for sent in (*other_corpus(), *corpus()))


def test_every_mutant_differs_from_the_reference_gateway_on_its_case() -> None:
    packs = ("openai-compat", "anthropic-messages", "cross-protocol")
    session = run.load_session(run.Options(packs=packs))
    cases = [case for pack in session.packs.values() for case in pack.cases]
    plans = {case.name: session.plan(case) for case in cases}
    fire = InProcessGateway(session.target).fire
    expected = {name: fire(gateway(), plan.scripts) for name, plan in plans.items()}
    direct_mutants = (mutant for mutant in MUTANTS if mutant not in UPSTREAM_MUTANTS)
    for mutant in direct_mutants:  # of the others the provider's side has tests of its own
        names = [f"{pack}{mutant.case}" for pack in ("", "openai-chat/", "openai-compat/")]
        (home,) = (name for name in names if name in plans)
        assert fire(gateway(mutant.override), plans[home].scripts) != expected[home], mutant.id


def test_every_variant_differs_from_the_reference_gateway() -> None:
    assert [variant.id for variant in VARIANTS if not differs(variant.overrides)] == []


def test_reference_gateway_is_deterministic() -> None:
    assert not differs({})


def test_each_mutant_overrides_one_existing_hook() -> None:
    assert [mutant.id for mutant in MUTANTS if len(mutant.override) != 1] == []


def test_every_override_names_an_existing_hook() -> None:
    providers = dict.fromkeys(("anthropic", "openai"), unreachable)
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


def test_descriptions_are_short_sentences() -> None:
    descriptions = [mutant.description for mutant in MUTANTS]
    descriptions += [variant.description for variant in VARIANTS]
    assert [text for text in descriptions if len(text.split()) < 2 or text.endswith(".")] == []


def test_stateful_mutant_does_not_affect_other_gateways() -> None:
    (sulking,) = (mutant for mutant in MUTANTS if mutant.id == "errors.then-good-sulks")
    good, bad = request({"model": "builtin-1", "messages": [USER]}), request({})
    sulky = Gateway(sulking.override)
    assert [sulky.respond(sent)["status"] for sent in (good, bad, good)] == [200, 400, 400]
    assert Gateway(sulking.override).respond(good)["status"] == 200


@pytest.fixture(scope="module")
def shared() -> Iterator[Any]:
    with httpx.Client(trust_env=False) as client:
        yield client


HERE = [v for v in VARIANTS if not all(hook.startswith("anthropic.") for hook in v.overrides)]


@pytest.mark.parametrize("variant", HERE, ids=lambda variant: variant.id)
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
            model="builtin-1", messages=[question], tools=tool()
        ) as stream:
            calls: Any = stream.get_final_completion().choices[0].message.tool_calls
        assert [json.loads(call.function.arguments)["city"] for call in calls] == ["Paris", "Rome"]
        with pytest.raises((openai.BadRequestError, openai.UnprocessableEntityError)):
            ask(model="builtin-1", messages=[USER], n=2)


def test_exception_in_a_mutant_is_not_a_request_error() -> None:
    def fail(*_: Any) -> Any:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        Gateway({"usage": fail}).respond(request({"model": "builtin-1", "messages": [USER]}))
