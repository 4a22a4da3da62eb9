"""Right gateways with few slots or a limited rate, and the ways in which they say so."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from email.utils import formatdate
from typing import Final

from harness.testbed.gateway.limits import Bucket, go_duration, rfc3339
from harness.testbed.keys import LIMITED_GATEWAY_KEY
from harness.testbed.variants.condition import (
    Headers,
    Reply,
    Request,
    Respond,
    RespondLater,
    error_reply,
)

SLOTS: Final = 2
SLOT_SECONDS: Final = 0.01
RPM, BURST = 3000, 100
RetryHeaders = Callable[[float], Headers]  # of the seconds until the next request is answered


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


def whole_seconds(wait: float) -> Headers:
    """Return the usual spelling of the pause."""
    return (("retry-after", str(int(wait) + 1)),)


def date(wait: float) -> Headers:
    """Return the pause as an HTTP date, from a server that sends no date of its own."""
    return (("retry-after", formatdate(time.time() + wait + 1, usegmt=True)),)


def limited(
    respond: Respond,
    headers: bool = False,
    rpm: int = RPM,
    burst: int = BURST,
    retry: RetryHeaders = whole_seconds,
) -> RespondLater:
    """Refuse requests beyond a rate with 429; `headers` states the limit in every answer."""
    bucket = Bucket(burst, rpm / 60, time.monotonic)

    def answer(request: Request) -> Reply:
        if any(LIMITED_GATEWAY_KEY in value for _, value in request["headers"]):
            return respond(request)  # that key has a limit of its own
        budget = bucket.take()
        stated = limit_headers(request["path"], rpm, budget.remaining, 1 / bucket.rate)
        if budget.wait:
            pause = (*retry(budget.wait), *(stated if headers else ()))
            return error_reply(429, "Rate limit reached.", pause)
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
    ("slots", "answers two requests at a time", queued),
    ("slots-refused", "refuses more than two requests at a time", refused),
    ("limited", "limits the rate and reports its limits in headers",
     lambda respond: limited(respond, headers=True)),
    ("limited-silent", "limits the rate and reports only when to retry", limited),
    ("limited-without-headers", "limits the rate without headers that state the limit",
     lambda respond: limited(respond, retry=lambda wait: ())),
    ("limited-date", "limits the rate, with retry-after as a date",
     lambda respond: limited(respond, retry=date)),
    ("limited-fraction", "limits the rate, with retry-after as a fraction of a second",
     lambda respond: limited(respond, retry=lambda wait: (("retry-after", f"{wait:.3f}"),))),
    ("limited-milliseconds", "limits the rate, with retry-after-ms",
     lambda respond: limited(
         respond, retry=lambda wait: (("retry-after-ms", str(int(wait * 1000) + 1)),)
     )),
)  # fmt: skip
