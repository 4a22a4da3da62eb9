"""Scripts start in item order within a bounded window, many at once; and nobody waits for ever."""

from __future__ import annotations

import asyncio
import queue
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, cast

import pytest

from harness.fire import engine as engines
from harness.fire.engine import Engine
from harness.fire.http import HttpTransport
from harness.fire.redaction.exchange import ExchangeRedactor
from harness.model import Call, Exchange, Script, Shot, Target
from harness.util.errors import UsageError

CALL = Call("openai", "POST", "/chat/completions", body={})
Answers = Callable[[str], bytes]


def shot(name: str, **more: Any) -> Shot:
    return Shot(name, "main", "", "plain", "", more.pop("call", CALL), **more)


def script(name: str) -> Script:
    return Script(name, (shot(name),))


def scripts(*names: str) -> list[Script]:
    return [script(name) for name in names]


class Fake:
    """A wire that tells what it starts, and answers when it is told to (or at once)."""

    def __init__(self, held: bool = False, answers: Answers = lambda name: b"{}") -> None:
        self.started: queue.Queue[str] = queue.Queue()
        self.redactor = ExchangeRedactor({"caller": "sk-caller-key"}, Target("t", {}, ()))
        self.held, self.answers, self.closed = held, answers, 0
        self.open: dict[str, asyncio.Event] = {}
        self.open_slots = 0

    def slot(self) -> Fake:
        self.open_slots += 1
        return self

    async def close(self) -> None:
        self.closed += 1

    async def send(self, slot: Fake, name: str, call: Call, gate: Any) -> Exchange:
        if not await gate(0.0):
            return Exchange(
                name, "POST", "/", (), "", "not-sent", note="stopped before it was sent"
            )
        event = self.open.setdefault(name, asyncio.Event())
        self.started.put(name)
        if self.held:
            await event.wait()
        return Exchange(
            name, "POST", "/", (), "", "complete", 200, chunks=((0.0, self.answers(name)),)
        )


@contextmanager
def running(fake: Fake, **options: Any) -> Iterator[Engine]:
    engine = Engine(cast(HttpTransport, fake), **options)
    try:
        yield engine
    finally:
        engine.stop()
        assert not engine.thread.is_alive()
        assert engine.loop.is_closed()


def settle(engine: Engine) -> None:
    """Lets the loop do everything that it can do by itself."""

    async def turn() -> None:
        for _ in range(20):
            await asyncio.sleep(0)

    asyncio.run_coroutine_threadsafe(turn(), engine.loop).result(10)


def begun(fake: Fake, engine: Engine) -> list[str]:
    settle(engine)
    return [fake.started.get_nowait() for _ in range(fake.started.qsize())]


def let(fake: Fake, engine: Engine, *names: str) -> None:
    for name in names:
        engine.loop.call_soon_threadsafe(fake.open[name].set)


def test_as_many_fly_at_once_as_are_allowed() -> None:
    fake = Fake(held=True)
    with running(fake, concurrency=3) as engine:
        engine.add(0, scripts(*"abcde"))
        assert begun(fake, engine) == ["a", "b", "c"]
        let(fake, engine, "b")
        assert begun(fake, engine) == ["d"]
        let(fake, engine, *"acd")
        assert begun(fake, engine) == ["e"]
        let(fake, engine, "e")
        assert set(engine.wait(0, scripts(*"abcde"))) == set("abcde")
    assert fake.closed == fake.open_slots == 3


def test_nothing_is_fired_further_ahead_than_the_window() -> None:
    fake = Fake()
    with running(fake, window=2) as engine:
        for item in range(8):
            engine.add(item, [script(str(item))])
        assert begun(fake, engine) == ["0", "1", "2"]
        engine.wait(3, [script("3")])
        assert begun(fake, engine) == ["3", "4", "5"]


def test_nothing_is_fired_ahead_while_too_much_lies_unjudged() -> None:
    fake = Fake(answers=lambda name: b"x" * 100)
    with running(fake, concurrency=1, memory=150) as engine:
        for item in range(6):
            engine.add(item, [script(str(item))])
        assert begun(fake, engine) == ["0", "1"]
        engine.wait(2, [script("2")])
        assert begun(fake, engine) == ["2"]
        engine.forget(["0", "1", "2"])
        engine.wait(3, [script("3")])
        assert begun(fake, engine) == ["3", "4"]


def test_a_script_that_several_items_share_is_fired_once() -> None:
    fake = Fake()
    with running(fake) as engine:
        engine.add(0, scripts("shared", "own"))
        engine.add(1, scripts("shared", "other"))
        assert set(engine.wait(1, scripts("shared", "other"))) == {"shared", "other"}
        assert sorted(begun(fake, engine)) == ["other", "own", "shared"]
        assert engine.requests == 3


def test_what_was_forgotten_is_fired_again_for_whoever_asks() -> None:
    """And it goes before everything that is further ahead, or nobody would ever come to it."""
    fake = Fake()
    with running(fake, window=0) as engine:
        engine.add(0, [script("a")])
        engine.add(9, [script("far")])
        engine.wait(0, [script("a")])
        engine.forget(["a", "never heard of"])
        assert engine.wait(0, [script("a")])["a"].end == "complete"
        assert begun(fake, engine) == ["a", "a"]


def test_steps_go_one_after_the_other_and_take_what_came() -> None:
    calls: list[Any] = []

    class Steps(Fake):
        async def send(self, slot: Fake, name: str, call: Call, gate: Any) -> Exchange:
            calls.append((name, call.path, call.body))
            return await super().send(slot, name, call, gate)

    first = shot("s/one", capture={"id": "$.id", "gone": "$.nothing"})
    second = shot("s/two", call=Call("openai", "POST", "/x/$id", body={"see": "$id"}))
    third = shot("s/three", call=Call("openai", "POST", "/x", body={"see": "$gone"}))
    told: list[Exchange] = []
    fake = Steps(answers=lambda name: b'{"id": 7}')
    with running(fake, record=told.append) as engine:
        came = engine.wait(0, [Script("s", (first, second, third))])
    assert calls[1] == ("s/two", "/x/7", {"see": 7})
    assert came["s/three"].note == "no earlier answer gave $gone"
    assert [exchange.shot for exchange in told] == ["s/one", "s/two", "s/three"]


def test_stop_drops_what_is_unsent_and_waits_for_the_rest() -> None:
    fake = Fake(held=True)
    told: list[Exchange] = []
    engine = Engine(cast(HttpTransport, fake), concurrency=1, record=told.append)
    engine.add(0, scripts("a", "b"))
    assert begun(fake, engine) == ["a"]
    engine.loop.call_soon_threadsafe(engine.loop.call_later, 0.01, fake.open["a"].set)
    engine.stop()
    assert [exchange.shot for exchange in told] == ["a"]
    came = engine.wait(0, scripts("a", "b", "never added"))
    assert (came["a"].end, came["b"].end) == ("complete", "not-sent")
    assert came["never added"].note == "stopped before it was sent"
    engine.add(1, [script("late")])
    engine.stop()
    assert fake.closed == 1


def test_stop_does_not_wait_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engines, "GRACE", 0.01)
    fake = Fake(held=True)
    engine = Engine(cast(HttpTransport, fake))
    engine.add(0, scripts("a"))
    assert begun(fake, engine) == ["a"]
    engine.stop()
    assert engine.wait(0, scripts("a"))["a"].end == "not-sent"
    assert not engine.thread.is_alive()


def test_stop_wakes_who_waits_in_another_thread(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engines, "GRACE", 0.01)
    fake = Fake(held=True)
    engine = Engine(cast(HttpTransport, fake), concurrency=1, window=0)
    came: list[str] = []
    waiting = scripts("a", "b")
    thread = threading.Thread(target=lambda: came.extend(engine.wait(0, waiting)))
    thread.start()
    assert fake.started.get(timeout=10) == "a"
    engine.add(5, [script("too far ahead")])
    engine.stop()
    thread.join(10)
    assert came == ["a", "b"]


def test_a_fault_of_ours_accuses_nobody_and_tells_no_key() -> None:
    def crash(exchange: Exchange) -> None:
        raise OSError(28, "No space left for sk-caller-key")

    with running(Fake(), record=crash) as engine:
        seen = engine.wait(0, [script("a")])["a"]
        again = engine.wait(1, [script("b")])["b"]
    assert seen.end == again.end == "not-sent"
    assert seen.note.startswith("harness: OSError: ")
    assert "sk-caller-key" not in seen.note


def test_without_a_slot_nobody_waits_for_an_answer() -> None:
    class Slotless(Fake):
        def slot(self) -> Fake:
            raise UsageError("no slot")

    with running(Slotless()) as engine:
        came = engine.wait(0, scripts("a", "b"))
    assert {seen.note for seen in came.values()} == {"harness: UsageError: no slot"}


@pytest.mark.parametrize(("rpm", "tpm"), [(0.001, 0.0), (0.0, 1.0)])
def test_what_a_minute_allows_holds_the_next_one_back(rpm: float, tpm: float) -> None:
    """The second request may go a minute after the first: it is not there when the run ends."""
    fake = Fake()
    engine = Engine(cast(HttpTransport, fake), rpm=rpm, tpm=tpm)
    engine.add(0, scripts("a", "b"))
    assert fake.started.get(timeout=10) == "a"
    assert begun(fake, engine) == []
    engine.stop()
    assert engine.requests == 1
    assert engine.wait(0, scripts("a", "b"))["b"].note == "stopped before it was sent"
