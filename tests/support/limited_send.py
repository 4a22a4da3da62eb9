"""Sends one request within a rate limit, as the engine does."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from functools import partial

from harness.fire.interfaces import Acquire
from harness.fire.rate_limiter import RateLimiter
from harness.model import Call, Exchange


async def send_limited(
    limiter: RateLimiter, call: Call, send: Callable[[Acquire], Awaitable[Exchange]]
) -> Exchange:
    reservation = limiter.reserve(call)
    exchange = await send(partial(limiter.acquire, reservation))
    return limiter.settle(reservation, exchange, call, "plain")
