"""Right gateways whose connections break, close, wait or come through another server.

A server that breaks one connection in forty is overloaded or behind an unreliable network. Its
answers are right all the same.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from itertools import count
from typing import Any, Final

from harness.testbed.http_server.reply_format import Spelling
from harness.testbed.variants.condition import (
    Reply,
    Request,
    Respond,
    RespondLater,
    error_reply,
    reply,
)

EVERY: Final = 40
LATENCY: Final = 0.3  # seconds
PAUSE: Final = 5.0  # seconds
PAUSED_AT: Final = 100  # the request before which a server pauses
PAGE: Final = b"<html><head><title>%d</title></head><body><hr>nginx</body></html>\r\n"
Change = Callable[[Reply], Reply]


def sometimes(respond: Respond, change: Change, every: int = EVERY) -> RespondLater:
    """Change one of every so many replies."""
    numbers = count(1)

    def answer(request: Request) -> Reply:
        given = respond(request)
        return change(given) if next(numbers) % every == 0 else given

    return answer


def dropped(respond: Respond, every: int = EVERY) -> RespondLater:
    """Close the connection of every so many requests in place of an answer."""
    return sometimes(respond, without_answer, every)


def without_answer(given: Reply, end: str = "drop") -> Reply:
    return {**given, "chunks": [], "pauses": [], "end": end}


def cut(given: Reply, end: str = "drop") -> Reply:
    """Break off in the middle of the events of a stream, or after the first byte of a body."""
    chunks = given["chunks"]
    half = len(chunks) // 2
    sent = chunks[:half] if half else [chunks[0][:1]]
    rest = b"".join(chunks)[sum(map(len, sent)) :]
    return {**given, "chunks": [*sent, rest], "pauses": [0.0] * (len(sent) + 1), "end": end}


def changed(respond: Respond, change: Change) -> RespondLater:
    """Change each reply."""
    return lambda request: change(respond(request))


def with_http_1_0(given: Reply) -> Reply:
    """Answer as a server of HTTP/1.0 does, which knows neither chunks nor kept connections."""
    version = Spelling(status_line="HTTP/1.0 {status} {phrase}")
    framing = "close" if given["framing"] == "chunked" else given["framing"]
    return {**given, "spelling": version, "framing": framing, "end": "close"}


def delayed(respond: Respond) -> RespondLater:
    """Answer after a network of a long way."""

    async def answer(request: Request) -> Reply:
        await asyncio.sleep(LATENCY)
        return respond(request)

    return answer


def paused(respond: Respond, at: int = PAUSED_AT, seconds: float = PAUSE) -> RespondLater:
    """Answer nothing for some seconds, once, as a process does that collects garbage."""
    numbers, over = count(1), asyncio.Event()

    async def answer(request: Request) -> Any:
        number = next(numbers)
        if number == at:
            await asyncio.sleep(seconds)
            over.set()
        elif number > at:
            await over.wait()
        return respond(request)

    return answer


def stalled(given: Reply) -> Reply:
    """Stop for a second before the last piece."""
    return {**given, "pauses": [*given["pauses"][:-1], 1.0]}


def balanced(respond: Respond, every: int = EVERY) -> RespondLater:
    """Answer some requests with the page of a load balancer that had no server for them."""
    numbers = count(1)

    def page(given: Reply) -> Reply:
        status = (502, 503, 504)[next(numbers) % 3]
        return reply(status, "text/html", PAGE % status)

    return sometimes(respond, page, every)


def overloaded(given: Reply) -> Reply:
    return error_reply(529, "Overloaded", kind="overloaded_error")


CONDITIONS: Final = (
    ("drops", "drops every fortieth request", dropped),
    ("resets", "resets the connection of every fortieth request",
     lambda respond: sometimes(respond, lambda given: without_answer(given, "reset"))),
    ("cuts", "breaks off every fortieth answer after its first byte or in the middle of its stream",
     lambda respond: sometimes(respond, cut)),
    ("cuts-reset", "resets the connection in the middle of every fortieth answer",
     lambda respond: sometimes(respond, lambda given: cut(given, "reset"))),
    ("hangs-up", "closes every third connection that it promises to keep",
     lambda respond: sometimes(respond, lambda given: {**given, "end": "hang-up"}, 3)),
    ("closes", "closes the connection after each answer",
     lambda respond: changed(respond, lambda given: {**given, "end": "close"})),
    ("http-1.0", "answers with HTTP/1.0", lambda respond: changed(respond, with_http_1_0)),
    ("latency", "answers each request 300 ms later", delayed),
    ("pause", "answers nothing for five seconds, once", paused),
    ("stalls", "stops for a second in every fortieth answer",
     lambda respond: sometimes(respond, stalled)),
    ("balancer", "answers every fortieth request with the page of a load balancer", balanced),
    ("overloaded", "answers every fortieth request with overloaded_error, 529",
     lambda respond: sometimes(respond, overloaded)),
)  # fmt: skip
