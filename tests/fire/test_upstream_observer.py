"""Forwarded requests are matched to their shots by marks, which no output contains."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import pytest

from harness.fire.redaction.exchange import ExchangeRedactor
from harness.fire.upstream_observer import UpstreamObserver, add_mark, correlation_id, remove_marks
from harness.model import Call, Exchange, Json, Shot
from harness.testbed.keys import PROVIDER_KEY
from tests.support.inline_pack import TARGET

KEYS = {"caller": "sk-caller-0123456789", "provider": "sk-provider-0123456789"}


def call(messages: Json, **fields: Any) -> Call:
    return Call("openai", "POST", "/chat/completions", body={"messages": messages}, **fields)


def user(content: Json) -> Json:
    return {"role": "user", "content": content}


SYSTEM = {"role": "system", "content": "Be brief."}
IMAGE = {"type": "image_url", "image_url": {"url": "data:,"}}
WORDS = {"type": "text", "text": "hello"}


@pytest.mark.parametrize(
    ("messages", "expected"),
    [
        ([user("a")], [user("a\n[ref:00c0ffee]")]),
        (
            [SYSTEM, user("a"), user("b")],
            [SYSTEM, user("a\n[ref:00c0ffee]"), user("b\n[ref:00c0ffee]")],
        ),
        (
            [user([IMAGE, WORDS, WORDS])],
            [user([IMAGE, {**WORDS, "text": "hello\n[ref:00c0ffee]"}, WORDS])],
        ),
        ([user([IMAGE])], None),
        ([user(None)], None),
        ([SYSTEM], None),
        ("hello", None),
        (["hello"], None),
    ],
)
def test_mark_is_added_to_every_user_message(messages: Json, expected: Json) -> None:
    marked = add_mark(call(messages), "00c0ffee")
    assert (marked.body["messages"] if marked else None) == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("a", "a\n[ref:00c0ffee]"),
        (["a", "b"], ["a\n[ref:00c0ffee]", "b\n[ref:00c0ffee]"]),
        (["a", ""], ["a\n[ref:00c0ffee]", ""]),
        ([SYSTEM, user("a")], [SYSTEM, user("a\n[ref:00c0ffee]")]),
        ([user([WORDS])], [user([{**WORDS, "text": "hello\n[ref:00c0ffee]"}])]),
        ("", None),
        ([1, 2], None),
        ([[1], [2]], None),
        (7, None),
        ({"role": "user"}, None),
    ],
)
def test_mark_is_added_to_every_text_of_an_input(value: Json, expected: Json) -> None:
    marked = add_mark(Call("responses", "POST", "/responses", body={"input": value}), "00c0ffee")
    assert (marked.body["input"] if marked else None) == expected


def test_calls_without_messages_and_sdk_calls_carry_no_mark() -> None:
    assert add_mark(Call("openai", "GET", "/models"), "00c0ffee") is None
    assert add_mark(call([user("a")], client={"sdk": "x"}), "00c0ffee") is None


def test_marks_have_one_length_and_differ_by_shot() -> None:
    marks = {correlation_id(f"pack/case/{number}") for number in range(500)}
    assert len(marks) == 500
    assert {len(mark) for mark in marks} == {8}
    assert correlation_id("a") == correlation_id("a")


@pytest.mark.parametrize("text", ["a", "Grüße 🌍", 'he said "x"\n', ""])
def test_mark_is_removed_however_its_text_is_escaped(text: str) -> None:
    wrapped, plain = f"{text}\n[ref:00c0ffee]", text
    for _ in range(3):
        assert remove_marks(wrapped) == plain
        wrapped, plain = json.dumps(wrapped), json.dumps(plain)
    assert remove_marks("see [ref:none] and [ref:123]") == "see [ref:none] and [ref:123]"


@dataclass
class FakeUpstream:
    """An upstream that returns the requests that a test prepared, by mark."""

    arrived: dict[str, list[Mapping[str, Any]]] = field(default_factory=dict)
    expected: list[tuple[str, Any]] = field(default_factory=list)

    def expect(self, mark: str, reply: Mapping[str, Any] | None) -> None:
        self.expected.append((mark, reply))

    def take(self, mark: str) -> list[Mapping[str, Any]]:
        return self.arrived.pop(mark, [])

    def strays(self) -> list[Mapping[str, Any]]:
        return self.arrived.pop("", [])


def request(body: str) -> Mapping[str, Any]:
    return {
        "method": "POST",
        "path": "/v1/messages",
        "headers": [("x-api-key", KEYS["provider"])],
        "status": 200,
        "body": body,
        "protocol": "anthropic",
    }


def shot(name: str, messages: Json, **fields: Any) -> Shot:
    return Shot(name, "probe", "", "plain", "", call(messages, **fields))


def exchange(shot: Shot) -> Exchange:
    return Exchange(shot.id, "POST", "http://h", (), "", "complete", 200)


async def observe(
    observer: UpstreamObserver, shot: Shot, gateway: Callable[[Call], Awaitable[None]]
) -> Exchange:
    async with observer.observe(shot, shot.call) as observation:
        await gateway(observation.call)
    return replace(exchange(shot), forwarded=observation.forwarded)


def test_forwarded_request_is_returned_with_its_shot_and_without_the_mark() -> None:
    upstream, bodies = FakeUpstream(), list[Json]()
    observer = UpstreamObserver(upstream, ExchangeRedactor(KEYS, TARGET))

    async def gateway(call: Call) -> None:
        bodies.append(call.body)
        upstream.arrived[correlation_id("a")] = [request(json.dumps(call.body))]

    marked = shot("a", [user(f"my key is {KEYS['caller']}")], reply={"text": "hi"})
    observed = asyncio.run(observe(observer, marked, gateway))
    assert bodies[0]["messages"][0]["content"].endswith(f"\n[ref:{correlation_id('a')}]")
    assert upstream.expected == [(correlation_id("a"), {"text": "hi"})]
    assert observed.forwarded is not None
    [forwarded] = observed.forwarded
    assert json.loads(forwarded.body) == {"messages": [user("my key is [key:caller]")]}
    assert forwarded.headers == (("x-api-key", "[key:provider]"),)
    assert (forwarded.protocol, forwarded.status) == ("anthropic", 200)


def test_provider_key_of_a_caller_is_labelled_as_the_providers() -> None:
    observer = UpstreamObserver(
        FakeUpstream(), ExchangeRedactor({"caller": PROVIDER_KEY}, TARGET), PROVIDER_KEY
    )
    headers = (("Authorization", f"Bearer {PROVIDER_KEY}"), ("x-user", "me"))
    assert observer.redact_headers(headers) == (
        ("Authorization", "Bearer [key:provider]"),
        ("x-user", "me"),
    )


@pytest.mark.parametrize("brings_key", [True, False])
def test_forwarded_request_has_the_callers_key_if_the_caller_brought_the_providers(
    brings_key: bool,
) -> None:
    keys = {"caller": PROVIDER_KEY} if brings_key else {**KEYS, "provider": PROVIDER_KEY}
    upstream = FakeUpstream()
    observer = UpstreamObserver(upstream, ExchangeRedactor(keys, TARGET), PROVIDER_KEY)

    async def gateway(call: Call) -> None:
        upstream.arrived[correlation_id("a")] = [request("{}")]

    observed = asyncio.run(observe(observer, shot("a", [user("hi")]), gateway))
    assert [each.has_callers_key for each in observed.forwarded or ()] == [brings_key]


def test_shot_without_a_mark_is_sent_alone_and_gets_all_arrivals() -> None:
    upstream = FakeUpstream({"": [request("before")]})
    observer = UpstreamObserver(upstream, ExchangeRedactor(KEYS, TARGET))
    events: list[str] = []

    async def send(shot: Shot) -> Exchange:
        async def gateway(call: Call) -> None:
            events.append(f"{shot.id} begins")
            for _ in range(5):
                await asyncio.sleep(0)
            if shot.id == "unmarked":
                upstream.arrived[""] = [request("unmarked")]
            events.append(f"{shot.id} ends")

        return await observe(observer, shot, gateway)

    async def send_all() -> list[Exchange]:
        marked = [shot(name, [user(name)]) for name in "abc"]
        return await asyncio.gather(*map(send, [*marked[:2], shot("unmarked", "x"), marked[2]]))

    exchanges = {exchange.shot: exchange for exchange in asyncio.run(send_all())}
    start = events.index("unmarked begins")
    assert events[start + 1] == "unmarked ends"
    assert [request.body for request in exchanges["unmarked"].forwarded or ()] == ["unmarked"]
    assert exchanges["a"].forwarded == ()
    assert [request.body for request in observer.close()] == ["before"]


def test_failed_shot_does_not_block_later_shots() -> None:
    observer = UpstreamObserver(FakeUpstream(), ExchangeRedactor(KEYS, TARGET))
    unmarked = shot("unmarked", "x")

    async def fail(call: Call) -> None:
        raise RuntimeError("broken")

    async def working(call: Call) -> None:
        return

    async def send_both() -> Exchange:
        with pytest.raises(RuntimeError):
            await observe(observer, unmarked, fail)
        return await observe(observer, unmarked, working)

    assert asyncio.run(send_both()).forwarded == ()
