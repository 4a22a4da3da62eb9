"""A run respects the requests and tokens per minute of its target."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest

from harness.fire.interfaces import Acquire
from harness.fire.rate_limiter import RateLimiter, Reservation
from harness.fire.usage import ANSWER_TOKENS, UsageWindow, actual_tokens, estimate_tokens
from harness.model import Call, Exchange, Json
from tests.support.limited_send import send_limited

CHAT = {"model": "m", "messages": [{"role": "user", "content": "x" * 400}]}


def call(body: Json = None, **fields: Any) -> Call:
    return Call("openai", "POST", "/chat/completions", body=body, **fields)


def answer(body: Json, status: int = 200, **fields: Any) -> Exchange:
    headers = (("content-type", "application/json"),)
    chunks = ((0.0, json.dumps(body).encode()),)
    defaults = {"headers": headers, "chunks": chunks}
    return Exchange("s", "POST", "u", (), "", "complete", status, **{**defaults, **fields})


def test_request_waits_until_its_tokens_fit_into_the_minute() -> None:
    window = UsageWindow(tpm=1000)
    assert window.wait(0.0, 600) == 0
    window.reserve(0.0, 600)
    assert window.wait(5.0, 400) == 0
    assert window.wait(5.0, 401) == pytest.approx(55)


def test_actual_tokens_replace_the_estimate() -> None:
    window = UsageWindow(tpm=1000)
    first, _ = window.reserve(0.0, 600), window.reserve(1.0, 300)
    assert window.wait(2.0, 500) == pytest.approx(58)
    first.tokens = 10
    assert window.wait(2.0, 500) == 0
    assert window.wait(2.0, 701) == pytest.approx(59)


def test_window_without_limits_counts_requests_and_never_waits() -> None:
    window = UsageWindow()
    for _ in range(20_000):
        window.reserve(0.0)
    assert (window.wait(0.0, 1e9), window.requests, len(window.sent)) == (0.0, 20_000, 10_000)


def test_estimate_is_request_length_plus_expected_answer() -> None:
    text = len(json.dumps(CHAT)) / 4
    assert estimate_tokens(call(CHAT)) == text + ANSWER_TOKENS
    assert estimate_tokens(call({**CHAT, "max_tokens": 5})) == pytest.approx(text + 5, abs=5)
    assert estimate_tokens(call({**CHAT, "max_completion_tokens": 10**9})) > text + ANSWER_TOKENS
    for invalid in ("many", -1, True, None, [1]):
        assert estimate_tokens(call({**CHAT, "max_tokens": invalid})) > text + ANSWER_TOKENS
    assert estimate_tokens(call(raw="{" * 40)) == 10 + ANSWER_TOKENS
    assert estimate_tokens(call([])) > 0
    assert estimate_tokens(Call("openai", "GET", "/models")) == 0


@pytest.mark.parametrize(
    ("usage", "tokens"),
    [
        ({"prompt_tokens": 3, "completion_tokens": 4, "total_tokens": 9}, 9),
        ({"prompt_tokens": 3, "completion_tokens": 4}, 7),
        ({"input_tokens": 3, "output_tokens": 4, "cache_read_input_tokens": 5}, 12),
        ({"total_tokens": -5, "prompt_tokens": 3}, 3),
        ({"total_tokens": "9"}, None),
        ({"total_tokens": True}, None),
        ({}, None),
        ("none", None),
        (None, None),
    ],
)
def test_actual_tokens_are_read_from_usage(usage: Json, tokens: float | None) -> None:
    assert actual_tokens(answer({"usage": usage}), call(CHAT), "plain") == tokens


def test_actual_tokens_are_read_from_a_stream() -> None:
    chunk = {"id": "x", "object": "chat.completion.chunk", "created": 1, "model": "m"}
    text = json.dumps({**chunk, "choices": [], "usage": {"total_tokens": 11}})
    pieces = ((0.0, f"data: {text}\n\ndata: [DONE]\n\n".encode()),)
    exchange = answer(None, headers=(("content-type", "text/event-stream"),), chunks=pieces)
    assert actual_tokens(exchange, call(CHAT), "stream") == 11


def test_refused_request_costs_nothing_and_lost_answer_is_unknown() -> None:
    refused = answer({"usage": {"total_tokens": 9}}, 400)
    assert actual_tokens(refused, call(CHAT), "plain") == 0
    assert actual_tokens(answer([]), call(CHAT), "plain") is None
    lost = Exchange("s", "POST", "u", (), "", "timeout")
    assert actual_tokens(lost, call(CHAT), "plain") is None


class SimulatedLimiter(RateLimiter):
    """Its clock advances only while it pauses."""

    def __init__(self, rpm: float, tpm: float) -> None:
        super().__init__(rpm, tpm, lambda: self.now)
        self.now = 0.0

    async def pause(self, seconds: float) -> None:
        self.now += seconds


def send_times(limiter: SimulatedLimiter, count: int, tokens: int) -> list[float]:
    """Sends `count` requests of `tokens` each; returns when each was sent."""
    times: list[float] = []

    async def send(acquire: Acquire) -> Exchange:
        assert await acquire(0.0)
        times.append(limiter.now)
        return answer({"usage": {"total_tokens": tokens}})

    async def send_all() -> None:
        for _ in range(count):
            await send_limited(limiter, call(CHAT), send)

    asyncio.run(send_all())
    return times


def test_run_respects_tokens_per_minute() -> None:
    """Also if the answers use many more or fewer tokens than estimated."""
    expensive = send_times(SimulatedLimiter(0, 5000), 40, 1000)
    for first, last in zip(expensive, expensive[5:], strict=False):
        assert last - first >= 60
    assert expensive[-1] == pytest.approx(60 * 7)
    assert send_times(SimulatedLimiter(0, 5000), 40, 50)[-1] == 0.0
    assert send_times(SimulatedLimiter(0, 0), 40, 1000)[-1] == 0.0


def test_stricter_limit_applies() -> None:
    assert send_times(SimulatedLimiter(60, 1e9), 10, 50)[-1] == pytest.approx(9)
    assert send_times(SimulatedLimiter(60, 5000), 10, 2500)[-1] == pytest.approx(240, rel=0.1)


def test_every_attempt_is_counted_and_the_last_one_corrected() -> None:
    limiter = SimulatedLimiter(0, 1e6)

    async def send(acquire: Acquire) -> Exchange:
        assert await acquire(0.0)
        assert await acquire(7.0)
        return answer({"usage": {"total_tokens": 5}})

    asyncio.run(send_limited(limiter, call(CHAT), send))
    assert (limiter.window.requests, limiter.now) == (2, 7.0)
    assert [usage.tokens for usage in limiter.window.sent] == [estimate_tokens(call(CHAT)), 5]


def test_answer_without_usage_keeps_the_estimate() -> None:
    limiter = SimulatedLimiter(0, 1e6)

    async def send(acquire: Acquire) -> Exchange:
        assert await acquire(0.0)
        return answer({})

    asyncio.run(send_limited(limiter, call(CHAT), send))
    assert limiter.window.sent[0].tokens == estimate_tokens(call(CHAT))


def test_waiting_request_is_sent_as_soon_as_an_answer_was_cheaper() -> None:
    """Both are estimated at more than half of the limit; neither waits for the minute's end."""
    limiter = RateLimiter(tpm=estimate_tokens(call(CHAT)) * 1.5)
    events: list[str] = []

    async def first(acquire: Acquire) -> Exchange:
        assert await acquire(0.0)
        while "second waits" not in events:
            await asyncio.sleep(0)
        return answer({"usage": {"total_tokens": 5}})

    async def second(acquire: Acquire) -> Exchange:
        events.append("second waits")
        assert await acquire(0.0)
        events.append("second is sent")
        return answer({"usage": {"total_tokens": 5}})

    async def send_both() -> None:
        async with asyncio.timeout(30):
            await asyncio.gather(
                send_limited(limiter, call(CHAT), first),
                send_limited(limiter, call(CHAT), second),
            )

    asyncio.run(send_both())
    assert events == ["second waits", "second is sent"]


def test_close_releases_waiting_requests_and_refuses_new_ones() -> None:
    limiter = RateLimiter(rpm=1)

    async def acquire_around_close() -> list[bool]:
        assert await limiter.acquire(Reservation(0.0), 0.0)
        waiting = asyncio.create_task(limiter.acquire(Reservation(0.0), 0.0))
        await asyncio.sleep(0)
        limiter.close()
        async with asyncio.timeout(30):
            return [await waiting, await limiter.acquire(Reservation(0.0), 0.0)]

    assert asyncio.run(acquire_around_close()) == [False, False]
    assert limiter.window.requests == 1
