"""Mutation operators for path, method, headers and keys on the Anthropic endpoint."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from harness.testbed.gateway.endpoint import Reply, Request, header_values
from harness.testbed.gateway.errors import RequestError
from harness.testbed.gateway.gateway import Overrides
from harness.testbed.gateway.ids import ResponseIds

RequestTest = Callable[[Request], bool]
Respond = Callable[[Request, ResponseIds], Reply]


def header_contains(name: str, *words: str) -> RequestTest:
    """Tests whether a header contains one of these words, in any letter case."""
    return lambda request: any(
        word.lower() in value.lower()
        for value in header_values(request["headers"], name)
        for word in words
    )


def streamed(request: Request) -> bool:
    return b'"stream":true' in request["body"].replace(b" ", b"")


def rejects_with(test: RequestTest, status: int, message: str = "Not like this.") -> Overrides:
    """Answers requests that pass the test with an error of this status."""

    def handle(original: Callable[..., Reply], request: Request, *rest: Any) -> Reply:
        if test(request):
            raise RequestError(status, message)
        return original(request, *rest)

    return {"anthropic.handle": handle}


def errors_as_events(test: RequestTest, status: int) -> Overrides:
    """Sends an error as the first event of a stream."""

    def respond(original: Respond, request: Request, ids: ResponseIds) -> Reply:
        reply = original(request, ids)
        if not test(request) or reply["status"] < 400:
            return reply
        pairs = [(k, v) for k, v in reply["headers"] if k != "content-type"]
        event = b"event: error\ndata: " + reply["chunks"][0] + b"\n\n"
        head = [("content-type", "text/event-stream"), *pairs]
        return {**reply, "status": status, "headers": head, "chunks": [event]}

    return {"anthropic.respond": respond}
