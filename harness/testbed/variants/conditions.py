"""Right gateways under conditions of their transport: drops, few slots and rate limits.

They need a real socket and the engine of a run. A condition wraps the function that answers a
request, for all connections of the server together.
"""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from itertools import count
from typing import Any, Final

from harness.testbed.gateway.limits import Bucket, go_duration, rfc3339
from harness.testbed.keys import LIMITED_GATEWAY_KEY

Request = Mapping[str, Any]
Reply = Mapping[str, Any]
Respond = Callable[[Request], Reply]
RespondLater = Callable[[Request], Any]
DROP_EVERY: Final = 40
SLOTS: Final = 2
SLOT_SECONDS: Final = 0.01
RPM, BURST = 3000, 60


@dataclass(frozen=True, slots=True)
class Condition:
    """A right gateway whose transport is limited; `wrap` returns its function for requests."""

    id: str
    description: str
    wrap: Callable[[Respond], RespondLater]


def error_reply(status: int, message: str, *headers: tuple[str, str]) -> Reply:
    """Return an error that both protocols read."""
    error = {"message": message, "type": "rate_limit_error", "param": None, "code": None}
    return {
        "status": status,
        "headers": [("content-type", "application/json"), *headers],
        "chunks": [json.dumps({"type": "error", "error": error}).encode()],
        "pauses": [0.0],
        "framing": "length",
        "end": "keep",
    }


def dropped(respond: Respond, every: int = DROP_EVERY) -> RespondLater:
    """Close the connection of every so many requests in place of an answer."""
    numbers = count(1)

    def answer(request: Request) -> Reply:
        if next(numbers) % every == 0:
            return {**error_reply(500, ""), "chunks": [], "pauses": [], "end": "drop"}
        return respond(request)

    return answer


def queued(respond: Respond) -> RespondLater:
    """Answer as many requests at a time as there are slots; others wait."""
    slots = asyncio.Semaphore(SLOTS)

    async def answer(request: Request) -> Reply:
        async with slots:
            await asyncio.sleep(SLOT_SECONDS)
            return respond(request)

    return answer


def refused(respond: Respond) -> RespondLater:
    """Refuse requests for which no slot is free."""
    busy = 0

    async def answer(request: Request) -> Reply:
        nonlocal busy
        if busy >= SLOTS:
            return error_reply(503, "All slots are busy.")
        busy += 1
        try:
            await asyncio.sleep(SLOT_SECONDS)
            return respond(request)
        finally:
            busy -= 1

    return answer


def limited(respond: Respond, headers: bool, rpm: int = RPM, burst: int = BURST) -> RespondLater:
    """Refuse requests beyond a rate with 429 and `retry-after`."""
    bucket = Bucket(burst, rpm / 60, time.monotonic)

    def answer(request: Request) -> Reply:
        if any(LIMITED_GATEWAY_KEY in value for _, value in request["headers"]):
            return respond(request)  # that key has a limit of its own
        budget = bucket.take()
        stated = limit_headers(request["path"], rpm, budget.remaining, 1 / bucket.rate)
        if budget.wait:
            pause = ("retry-after", str(int(budget.wait) + 1))
            return error_reply(429, "Rate limit reached.", pause, *(stated if headers else ()))
        reply = respond(request)
        names = {name for name, _ in stated} if headers else set()
        others = [pair for pair in reply["headers"] if pair[0] not in names]
        return {**reply, "headers": [*others, *(stated if headers else ())]}

    return answer


def limit_headers(path: str, limit: int, remaining: int, reset: float) -> list[tuple[str, str]]:
    """Return the limit of requests in the headers of the protocol that the path belongs to."""
    values = {"limit": str(limit), "remaining": str(remaining), "reset": go_duration(reset)}
    if not path.startswith("/v1/messages"):
        return [(f"x-ratelimit-{part}-requests", value) for part, value in values.items()]
    values["reset"] = rfc3339(time.time() + reset)
    return [(f"anthropic-ratelimit-requests-{part}", value) for part, value in values.items()]


CONDITIONS: Final = (
    Condition("transport.drops", "drops every fortieth request", dropped),
    Condition("transport.slots", "answers two requests at a time", queued),
    Condition("transport.slots-refused", "refuses more than two requests at a time", refused),
    Condition("transport.limited", "limits the rate and reports its limits in headers",
              lambda respond: limited(respond, headers=True)),
    Condition("transport.limited-silent", "limits the rate and reports only when to retry",
              lambda respond: limited(respond, headers=False)),
)  # fmt: skip
