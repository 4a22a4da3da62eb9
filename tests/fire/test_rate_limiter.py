"""No minute sees more requests or more tokens than the target allows, as far as can be told."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest

from harness.fire.http import Gate
from harness.fire.rate_limiter import RateLimiter
from harness.fire.usage import ANSWER, UsageWindow, estimate, spent
from harness.model import Call, Exchange, Json

CHAT = {"model": "m", "messages": [{"role": "user", "content": "x" * 400}]}


def call(body: Json = None, **more: Any) -> Call:
    return Call("openai", "POST", "/chat/completions", body=body, **more)


def came(body: Json, status: int = 200, **more: Any) -> Exchange:
    made = {"headers": (("content-type", "application/json"),), **more}
    chunks = ((0.0, json.dumps(body).encode()),)
    return Exchange("s", "POST", "u", (), "", "complete", status, **{"chunks": chunks, **made})


def test_a_request_waits_until_its_tokens_fit_into_the_minute() -> None:
    meter = UsageWindow(tpm=1000)
    assert meter.wait(0.0, 600) == 0
    meter.reserve(0.0, 600)
    assert meter.wait(5.0, 400) == 0
    assert meter.wait(5.0, 401) == pytest.approx(55)


def test_what_an_answer_has_cost_stands_for_what_was_thought() -> None:
    meter = UsageWindow(tpm=1000)
    first, second = meter.reserve(0.0, 600), meter.reserve(1.0, 300)
    assert meter.wait(2.0, 500) == pytest.approx(58)
    meter.mend(first, 10)
    assert meter.wait(2.0, 500) == 0
    meter.mend(second, None)
    assert meter.wait(2.0, 701) == pytest.approx(59)


def test_without_limits_nobody_waits_and_all_are_counted() -> None:
    meter = UsageWindow()
    numbers = [meter.reserve(0.0) for _ in range(20_000)]
    assert (meter.wait(0.0, 1e9), meter.requests) == (0.0, 20_000)
    meter.mend(numbers[0], 7)  # long forgotten
    meter.mend(numbers[-1], 7)
    assert (meter.costs[0], meter.costs[-1]) == (0.0, 7)


def test_a_request_is_taken_for_its_text_and_an_answer_of_some_length() -> None:
    text = len(json.dumps(CHAT)) / 4
    assert estimate(call(CHAT)) == text + ANSWER
    assert estimate(call({**CHAT, "max_tokens": 5})) == pytest.approx(text + 5, abs=5)
    assert estimate(call({**CHAT, "max_completion_tokens": 10**9})) > text + ANSWER
    for odd in ("many", -1, True, None, [1]):
        assert estimate(call({**CHAT, "max_tokens": odd})) > text + ANSWER
    assert estimate(call(raw="{" * 40)) == 10 + ANSWER
    assert estimate(call([])) > 0
    assert estimate(Call("openai", "GET", "/models")) == 0


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
def test_an_answer_costs_what_it_says(usage: Json, tokens: float | None) -> None:
    assert spent(came({"usage": usage}), call(CHAT), "plain") == tokens


def test_a_streamed_answer_tells_its_usage_too() -> None:
    chunk = {"id": "x", "object": "chat.completion.chunk", "created": 1, "model": "m"}
    text = json.dumps({**chunk, "choices": [], "usage": {"total_tokens": 11}})
    pieces = ((0.0, f"data: {text}\n\ndata: [DONE]\n\n".encode()),)
    seen = came(None, headers=(("content-type", "text/event-stream"),), chunks=pieces)
    assert spent(seen, call(CHAT), "stream") == 11


def test_a_refused_request_costs_nothing_and_a_lost_one_what_was_thought() -> None:
    assert spent(came({"usage": {"total_tokens": 9}}, 400), call(CHAT), "plain") == 0
    assert spent(came([]), call(CHAT), "plain") is None
    lost = Exchange("s", "POST", "u", (), "", "timeout")
    assert spent(lost, call(CHAT), "plain") is None


class Hurried(RateLimiter):
    """Its clock goes on only while it rests."""

    def __init__(self, rpm: float, tpm: float) -> None:
        super().__init__(rpm, tpm, lambda: self.now)
        self.now = 0.0

    async def rest(self, seconds: float) -> None:
        self.now += seconds


def fired(rate_limiter: Hurried, times: int, cost: int) -> list[float]:
    """When each of so many requests was sent."""
    sent: list[float] = []

    async def send(gate: Gate) -> Exchange:
        assert await gate(0.0)
        sent.append(rate_limiter.now)
        return came({"usage": {"total_tokens": cost}})

    async def all_of_them() -> None:
        for _ in range(times):
            await rate_limiter.through(send, call(CHAT), "plain")

    asyncio.run(all_of_them())
    return sent


def test_a_run_keeps_to_the_tokens_of_a_minute() -> None:
    """Whatever was thought of them before: the answers are dearer here, or much cheaper."""
    dear, cheap = fired(Hurried(0, 5000), 40, 1000), fired(Hurried(0, 5000), 40, 50)
    for first, last in zip(dear, dear[5:], strict=False):
        assert last - first >= 60
    assert dear[-1] == pytest.approx(60 * 7)
    assert cheap[-1] == 0.0
    assert fired(Hurried(0, 0), 40, 1000)[-1] == 0.0


def test_the_narrower_limit_counts() -> None:
    assert fired(Hurried(60, 1e9), 10, 50)[-1] == pytest.approx(9)
    assert fired(Hurried(60, 5000), 10, 2500)[-1] == pytest.approx(240, rel=0.1)


def test_every_try_is_counted_and_the_last_one_mended() -> None:
    rate_limiter = Hurried(0, 1e6)

    async def send(gate: Gate) -> Exchange:
        assert await gate(0.0)
        assert await gate(7.0)
        return came({"usage": {"total_tokens": 5}})

    asyncio.run(rate_limiter.through(send, call(CHAT), "plain"))
    assert (rate_limiter.meter.requests, rate_limiter.now) == (2, 7.0)
    assert list(rate_limiter.meter.costs) == [estimate(call(CHAT)), 5]


def test_who_waits_goes_as_soon_as_an_answer_was_cheaper() -> None:
    """Both were taken for more than half a minute's tokens; nobody waits for the minute's end."""
    rate_limiter = RateLimiter(tpm=estimate(call(CHAT)) * 1.5)
    order: list[str] = []

    async def first(gate: Gate) -> Exchange:
        assert await gate(0.0)
        while "second waits" not in order:
            await asyncio.sleep(0)
        return came({"usage": {"total_tokens": 5}})

    async def second(gate: Gate) -> Exchange:
        order.append("second waits")
        assert await gate(0.0)
        order.append("second goes")
        return came({"usage": {"total_tokens": 5}})

    async def both() -> None:
        async with asyncio.timeout(30):
            await asyncio.gather(
                rate_limiter.through(first, call(CHAT), "plain"),
                rate_limiter.through(second, call(CHAT), "plain"),
            )

    asyncio.run(both())
    assert order == ["second waits", "second goes"]


def test_who_waits_is_let_go_when_it_closes() -> None:
    rate_limiter = RateLimiter(rpm=1)

    async def two() -> list[bool]:
        assert await rate_limiter.turn(0.0, 0.0, [])
        waiting = asyncio.create_task(rate_limiter.turn(0.0, 0.0, []))
        await asyncio.sleep(0)
        rate_limiter.close()
        async with asyncio.timeout(30):
            return [await waiting]

    assert asyncio.run(two()) == [False]


def test_nobody_goes_through_when_it_is_closed() -> None:
    rate_limiter = RateLimiter(rpm=1)

    async def send(gate: Gate) -> Exchange:
        assert not await gate(0.0)
        return came(None)

    async def closed() -> None:
        rate_limiter.close()
        await rate_limiter.through(send, call(CHAT), "plain")

    asyncio.run(closed())
    assert rate_limiter.meter.requests == 0
