"""The engine sends scripts in item order, within a window, and does not block forever."""

from __future__ import annotations

import asyncio
import queue
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any, cast

import pytest

from harness.fire import engine as engine_module
from harness.fire.dispatch import Dispatcher
from harness.fire.engine import Engine
from harness.fire.http import HttpTransport
from harness.fire.interfaces import STOPPED
from harness.fire.large_answers import LargeAnswers
from harness.fire.rate_limiter import RateLimiter
from harness.fire.redaction.exchange import ExchangeRedactor
from harness.fire.results import Results
from harness.model import Call, Exchange, Script, Shot, Target
from harness.util.errors import UsageError

CALL = Call("openai", "POST", "/chat/completions", body={})


def shot(name: str, **fields: Any) -> Shot:
    call = replace(CALL, body={"user": name})  # equal requests are sent once
    return Shot(name, "main", "", "plain", "", fields.pop("call", call), **fields)


def script(name: str) -> Script:
    return Script(name, (shot(name),))


def scripts(*names: str) -> list[Script]:
    return [script(name) for name in names]


class FakeTransport:
    """Records what it starts; answers at once, or when the test sets the event in `open`."""

    def __init__(
        self, blocked: bool = False, answer: Callable[[str], bytes] = lambda name: b"{}"
    ) -> None:
        self.started: queue.Queue[str] = queue.Queue()
        self.redactor = ExchangeRedactor({"caller": "sk-caller-key"}, Target("t", {}, ()))
        self.blocked, self.answer = blocked, answer
        self.open: dict[str, asyncio.Event] = {}
        self.large = LargeAnswers()
        self.opened_connections = self.closed_connections = 0

    def connection(self) -> FakeTransport:
        self.opened_connections += 1
        return self

    async def close(self) -> None:
        self.closed_connections += 1

    async def send(self, connection: Any, name: str, call: Call, acquire: Any) -> Exchange:
        if not await acquire(0.0):
            return Exchange(name, "POST", "/", (), "", "not-sent", note=STOPPED)
        event = self.open.setdefault(name, asyncio.Event())
        self.started.put(name)
        if self.blocked:
            await event.wait()
        chunks = ((0.0, self.answer(name)),)
        return Exchange(name, "POST", "/", (), "", "complete", 200, chunks=chunks)


def engine_over(
    transport: FakeTransport, limiter: RateLimiter | None = None, **options: Any
) -> Engine:
    dispatcher = Dispatcher(cast(HttpTransport, transport))
    return Engine(dispatcher, limiter or RateLimiter(), **options)


@contextmanager
def running(transport: FakeTransport, **options: Any) -> Iterator[Engine]:
    engine = engine_over(transport, **options)
    try:
        yield engine
    finally:
        engine.stop()
        assert not engine.thread.is_alive()
        assert engine.loop.is_closed()


def started(transport: FakeTransport, engine: Engine) -> list[str]:
    """Returns what was started since the last call, after the event loop is idle."""

    async def run_pending_callbacks() -> None:
        for _ in range(20):
            await asyncio.sleep(0)

    asyncio.run_coroutine_threadsafe(run_pending_callbacks(), engine.loop).result(10)
    return [transport.started.get_nowait() for _ in range(transport.started.qsize())]


def answer(transport: FakeTransport, engine: Engine, *names: str) -> None:
    for name in names:
        engine.loop.call_soon_threadsafe(transport.open[name].set)


def test_concurrency_limits_the_scripts_in_flight() -> None:
    transport = FakeTransport(blocked=True)
    with running(transport, concurrency=3) as engine:
        engine.add(0, scripts(*"abcde"))
        assert started(transport, engine) == ["a", "b", "c"]
        answer(transport, engine, "b")
        assert started(transport, engine) == ["d"]
        answer(transport, engine, *"acd")
        assert started(transport, engine) == ["e"]
        answer(transport, engine, "e")
        assert set(engine.wait(0, scripts(*"abcde"))) == set("abcde")
    assert transport.closed_connections == transport.opened_connections == 3


def test_nothing_is_sent_beyond_the_window() -> None:
    transport = FakeTransport()
    with running(transport, window=2) as engine:
        for item in range(8):
            engine.add(item, [script(str(item))])
        assert started(transport, engine) == ["0", "1", "2"]
        engine.wait(3, [script("3")])
        assert started(transport, engine) == ["3", "4", "5"]


def test_script_that_a_later_item_queued_is_sent_when_an_earlier_one_waits_for_it() -> None:
    transport = FakeTransport()
    with running(transport, window=1) as engine:
        engine.add(5, scripts("late", "shared"))
        assert started(transport, engine) == []
        assert set(engine.wait(0, scripts("first", "shared"))) == {"first", "shared"}
        assert started(transport, engine) == ["first", "shared"]


def test_nothing_is_sent_ahead_while_unjudged_answers_fill_the_memory() -> None:
    transport = FakeTransport(answer=lambda name: b"x" * 100)
    with running(transport, concurrency=1, memory=150) as engine:
        for item in range(6):
            engine.add(item, [script(str(item))])
        assert started(transport, engine) == ["0", "1"]
        engine.wait(2, [script("2")])
        assert started(transport, engine) == ["2"]
        engine.forget(["0", "1", "2"])
        engine.wait(3, [script("3")])
        assert started(transport, engine) == ["3", "4"]


def test_shared_script_is_sent_once() -> None:
    transport = FakeTransport()
    with running(transport) as engine:
        engine.add(0, scripts("shared", "own"))
        engine.add(1, scripts("shared", "other"))
        assert set(engine.wait(1, scripts("shared", "other"))) == {"shared", "other"}
        assert sorted(started(transport, engine)) == ["other", "own", "shared"]
        assert engine.requests == 3


def test_forgotten_script_is_sent_again_before_later_items() -> None:
    transport = FakeTransport()
    with running(transport, window=0) as engine:
        engine.add(0, [script("a")])
        engine.add(9, [script("far")])
        engine.wait(0, [script("a")])
        engine.forget(["a", "unknown"])
        assert engine.wait(0, [script("a")])["a"].end == "complete"
        assert started(transport, engine) == ["a", "a"]


def test_script_that_comes_while_a_connection_closes_is_sent() -> None:
    closing, leave = threading.Event(), threading.Event()

    class SlowlyClosing(FakeTransport):
        async def close(self) -> None:
            await super().close()
            closing.set()
            await asyncio.to_thread(leave.wait, 10)

    with running(SlowlyClosing(), concurrency=1) as engine:
        engine.wait(0, scripts("a"))
        assert closing.wait(10)
        engine.add(1, scripts("b"))
        leave.set()
        assert engine.results.get(script("b")).result(10)[0].end == "complete"


def test_later_shot_uses_captured_values() -> None:
    calls: list[Any] = []

    class Steps(FakeTransport):
        async def send(self, connection: Any, name: str, call: Call, acquire: Any) -> Exchange:
            calls.append((name, call.path, call.body))
            return await super().send(connection, name, call, acquire)

    first = shot("s/one", capture={"id": "$.id", "gone": "$.nothing"})
    second = shot("s/two", call=Call("openai", "POST", "/x/$id", body={"see": "$id"}))
    third = shot("s/three", call=Call("openai", "POST", "/x", body={"see": "$gone"}))
    recorded: list[Exchange] = []
    transport = Steps(answer=lambda name: b'{"id": 7}')
    with running(transport, record=recorded.append) as engine:
        exchanges = engine.wait(0, [Script("s", (first, second, third))])
    assert calls[1] == ("s/two", "/x/7", {"see": 7})
    assert exchanges["s/three"].note == "no earlier answer gave $gone"
    assert [exchange.shot for exchange in recorded] == ["s/one", "s/two", "s/three"]


def test_stop_drops_the_queue_and_waits_for_requests_in_flight() -> None:
    transport = FakeTransport(blocked=True)
    recorded: list[Exchange] = []
    engine = engine_over(transport, concurrency=1, record=recorded.append)
    engine.add(0, scripts("a", "b"))
    assert started(transport, engine) == ["a"]
    engine.loop.call_soon_threadsafe(engine.loop.call_later, 0.01, transport.open["a"].set)
    engine.stop()
    assert [exchange.shot for exchange in recorded] == ["a"]
    exchanges = engine.wait(0, scripts("a", "b", "never added"))
    assert (exchanges["a"].end, exchanges["b"].end) == ("complete", "not-sent")
    assert exchanges["never added"].note == STOPPED
    engine.add(1, [script("late")])
    engine.stop()
    assert transport.closed_connections == 1


def test_stop_cancels_requests_after_the_grace_period(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine_module, "GRACE", 0.01)
    transport = FakeTransport(blocked=True)
    engine = engine_over(transport)
    engine.add(0, scripts("a"))
    assert started(transport, engine) == ["a"]
    engine.stop()
    assert engine.wait(0, scripts("a"))["a"].end == "not-sent"
    assert not engine.thread.is_alive()


def test_stop_releases_a_waiting_thread(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine_module, "GRACE", 0.01)
    transport = FakeTransport(blocked=True)
    engine = engine_over(transport, concurrency=1, window=0)
    shots: list[str] = []
    waiting = scripts("a", "b")
    thread = threading.Thread(target=lambda: shots.extend(engine.wait(0, waiting)))
    thread.start()
    assert transport.started.get(timeout=10) == "a"
    engine.add(5, [script("too far ahead")])
    engine.stop()
    thread.join(10)
    assert shots == ["a", "b"]


def test_harness_error_becomes_an_unsent_shot_without_secrets() -> None:
    def crash(exchange: Exchange) -> None:
        raise OSError(28, "No space left for sk-caller-key")

    with running(FakeTransport(), record=crash) as engine:
        first = engine.wait(0, [script("a")])["a"]
        second = engine.wait(1, [script("b")])["b"]
    assert first.end == second.end == "not-sent"
    assert first.note.startswith("harness: OSError: ")
    assert "sk-caller-key" not in first.note


def test_scripts_fail_at_once_without_a_connection() -> None:
    class Unconnectable(FakeTransport):
        def connection(self) -> FakeTransport:
            raise UsageError("no proxy")

    with running(Unconnectable()) as engine:
        exchanges = engine.wait(0, scripts("a", "b"))
    assert {exchange.note for exchange in exchanges.values()} == {"harness: UsageError: no proxy"}


@pytest.mark.parametrize(("rpm", "tpm"), [(0.001, 0.0), (0.0, 1.0)])
def test_rate_limit_delays_the_next_request(rpm: float, tpm: float) -> None:
    """The second request is due a minute after the first, when the run has ended."""
    transport = FakeTransport()
    engine = engine_over(transport, RateLimiter(rpm, tpm))
    engine.add(0, scripts("a", "b"))
    assert transport.started.get(timeout=10) == "a"
    assert started(transport, engine) == []
    engine.stop()
    assert engine.requests == 1
    assert engine.wait(0, scripts("a", "b"))["b"].note == STOPPED


def test_a_worker_that_fails_ends_the_run_instead_of_keeping_it_waiting(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def fail(*arguments: object) -> None:
        raise KeyError("x")

    monkeypatch.setattr(Results, "set", fail)
    with running(FakeTransport()) as engine:
        engine.runner.health_check.script = script("plain")
        exchanges = engine.wait(0, scripts("a"))
        assert exchanges["a"].note == STOPPED
        assert engine.runner.health.stopped == "internal error: KeyError: 'x'"
