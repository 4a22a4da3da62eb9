"""Behind the gateway: every shot is known by a mark of one length, and nobody ever reads it."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import pytest

from harness.fire.redaction.exchange import ExchangeRedactor
from harness.fire.upstream.correlation import mark_of, marked, without
from harness.fire.upstream.observer import UpstreamObserver
from harness.model import Call, Exchange, Json, Shot
from harness.testbed.keys import PROVIDER_KEY
from tests.support.inline_pack import TARGET

KEYS = {"caller": "sk-caller-0123456789", "provider": "sk-provider-0123456789"}


def call(messages: Json, **more: Any) -> Call:
    return Call("openai", "POST", "/chat/completions", body={"messages": messages}, **more)


def user(content: Json) -> Json:
    return {"role": "user", "content": content}


SYSTEM = {"role": "system", "content": "Be brief."}
IMAGE = {"type": "image_url", "image_url": {"url": "data:,"}}
WORDS = {"type": "text", "text": "hello"}


@pytest.mark.parametrize(
    ("messages", "expected"),
    [
        ([user("a")], [user("a\n[ref:00c0ffee]")]),
        ([SYSTEM, user("a"), user("b")], [SYSTEM, user("a\n[ref:00c0ffee]"), user("b")]),
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
def test_the_mark_is_in_the_first_words_of_the_user(messages: Json, expected: Json) -> None:
    made = marked(call(messages), "00c0ffee")
    assert (made.body["messages"] if made else None) == expected


def test_what_has_no_body_of_messages_carries_none() -> None:
    for call_without_text in (
        Call("openai", "GET", "/models"),
        call([user("a")], client={"sdk": "x"}),
    ):
        assert marked(call_without_text, "00c0ffee") is None


def test_marks_are_of_one_length_and_differ_by_shot() -> None:
    marks = {mark_of(f"pack/case/{number}") for number in range(500)}
    assert len(marks) == 500
    assert {len(mark) for mark in marks} == {8}
    assert mark_of("a") == mark_of("a")


@pytest.mark.parametrize("text", ["a", "Grüße 🌍", 'he said "x"\n', ""])
def test_whatever_wraps_a_text_the_mark_is_taken_out(text: str) -> None:
    sent = f"{text}\n[ref:00c0ffee]"
    assert without(sent) == text
    for depth in range(3):
        wrapped: str = sent
        plain = text
        for _ in range(depth):
            wrapped, plain = json.dumps(wrapped), json.dumps(plain)
        assert without(wrapped) == plain
    assert without("see [ref:none] and [ref:123]") == "see [ref:none] and [ref:123]"


@dataclass
class Recorder:
    """An upstream that hands out what a test has put in."""

    arrived: dict[str, list[Mapping[str, Any]]] = field(default_factory=dict)
    told: list[tuple[str, Any]] = field(default_factory=list)

    def expect(self, mark: str, reply: Mapping[str, Any] | None) -> None:
        self.told.append((mark, reply))

    def taken(self, mark: str) -> list[Mapping[str, Any]]:
        return self.arrived.pop(mark, [])

    def strays(self) -> list[Mapping[str, Any]]:
        return self.arrived.pop("", [])


def request(body: str, **more: Any) -> Mapping[str, Any]:
    key = ("x-api-key", KEYS["provider"])
    given = {"method": "POST", "path": "/v1/messages", "headers": [key], "status": 200}
    return {**given, "body": body, "protocol": "anthropic", **more}


def shot(name: str, messages: Json, **more: Any) -> Shot:
    return Shot(name, "probe", "", "plain", "", call(messages, **more))


async def sent(recorder: Recorder, one: Shot, bodies: list[Json] | None = None) -> Exchange:
    """Sends a shot through a gateway that forwards each body as it is."""
    observer = UpstreamObserver(recorder, ExchangeRedactor(KEYS, TARGET))

    async def gateway(shot: Shot, call: Call) -> Exchange:
        text = json.dumps(call.body)
        mark = mark_of(shot.id) if "[ref:" in text else ""
        recorder.arrived.setdefault(mark, []).append(request(text))
        (bodies if bodies is not None else []).append(call.body)
        return Exchange(shot.id, "POST", "http://h", (), text, "complete", 200)

    return await observer.send(one, one.call, gateway)


def test_what_arrives_comes_back_with_its_shot_and_without_its_mark() -> None:
    recorder, bodies = Recorder(), list[Json]()
    one = shot("a", [user(f"my key is {KEYS['caller']}")], reply={"text": "hi"})
    exchange = asyncio.run(sent(recorder, one, bodies))
    assert bodies[0]["messages"][0]["content"].endswith(f"\n[ref:{mark_of('a')}]")
    assert recorder.told == [(mark_of("a"), {"text": "hi"})]
    assert exchange.forwarded is not None
    [seen] = exchange.forwarded
    assert json.loads(seen.body) == {"messages": [user("my key is [key:caller]")]}
    assert seen.headers == (("x-api-key", "[key:provider]"),)
    assert (seen.protocol, seen.status) == ("anthropic", 200)


def test_a_key_that_callers_bring_for_the_provider_is_the_providers() -> None:
    observer = UpstreamObserver(
        Recorder(), ExchangeRedactor({"caller": PROVIDER_KEY}, TARGET), PROVIDER_KEY
    )
    given = (("Authorization", f"Bearer {PROVIDER_KEY}"), ("x-user", "me"))
    assert observer.headers(given) == (("Authorization", "Bearer [key:provider]"), ("x-user", "me"))


def test_what_carries_no_mark_is_known_by_being_alone() -> None:
    recorder = Recorder({"": [request("before")]})
    observer = UpstreamObserver(recorder, ExchangeRedactor(KEYS, TARGET))
    order: list[str] = []

    async def gateway(shot: Shot, call: Call) -> Exchange:
        order.append(f"{shot.id} begins")
        for _ in range(5):
            await asyncio.sleep(0)
        if shot.id == "bare":
            recorder.arrived[""] = [request("bare")]
        order.append(f"{shot.id} ends")
        return Exchange(shot.id, "POST", "http://h", (), "", "complete", 200)

    async def everything() -> list[Exchange]:
        shots = [
            shot("a", [user("a")]),
            shot("b", [user("b")]),
            shot("bare", "x"),
            shot("c", [user("c")]),
        ]
        return await asyncio.gather(*(observer.send(one, one.call, gateway) for one in shots))

    exchanges = {one.shot: one for one in asyncio.run(everything())}
    at = order.index("bare begins")
    assert order[at + 1] == "bare ends"
    assert [each.body for each in exchanges["bare"].forwarded or ()] == ["bare"]
    assert exchanges["a"].forwarded == ()
    assert [each.body for each in observer.close()] == ["before"]


def test_a_shot_that_fails_leaves_the_door_open() -> None:
    observer = UpstreamObserver(Recorder(), ExchangeRedactor(KEYS, TARGET))

    async def broken(shot: Shot, call: Call) -> Exchange:
        raise RuntimeError("broken")

    async def fine(shot: Shot, call: Call) -> Exchange:
        return Exchange(shot.id, "POST", "http://h", (), "", "complete", 200)

    async def both() -> Exchange:
        call_without_text = shot("bare", "x")
        with pytest.raises(RuntimeError):
            await observer.send(call_without_text, call_without_text.call, broken)
        return await observer.send(call_without_text, call_without_text.call, fine)

    assert asyncio.run(both()).forwarded == ()
