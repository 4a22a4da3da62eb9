"""Mutation operators for path, method, headers and keys on the Anthropic endpoint."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from harness.testbed.gateway.endpoint import Headers, Reply, Request, header_values
from harness.testbed.gateway.errors import RequestError
from harness.testbed.gateway.gateway import Overrides
from harness.testbed.gateway.ids import ResponseIds
from harness.testbed.keys import GATEWAY_KEY

RequestTest = Callable[[Request], bool]
Respond = Callable[[Request, ResponseIds], Reply]


def header_contains(name: str, *words: str) -> RequestTest:
    """Tests whether a header contains one of these words, in any letter case."""
    return lambda request: any(
        word.lower() in value.lower()
        for value in header_values(request["headers"], name)
        for word in words
    )


def at(path: str, method: str = "") -> RequestTest:
    """Tests whether the request path is this one, or starts with it if it ends in a slash."""

    def test_path(request: Request) -> bool:
        request_path = request["path"].partition("?")[0]
        matches = request_path.startswith(path) if path.endswith("/") else request_path == path
        return matches and method in ("", request["method"])

    return test_path


def both_of(*tests: RequestTest) -> RequestTest:
    return lambda request: all(test(request) for test in tests)


def streamed(request: Request) -> bool:
    return b'"stream":true' in request["body"].replace(b" ", b"")


def rejects_with(test: RequestTest, status: int, message: str = "Not like this.") -> Overrides:
    """Answers requests that pass the test with an error of this status."""

    def handle(original: Callable[..., Reply], request: Request, *rest: Any) -> Reply:
        if test(request):
            raise RequestError(status, message)
        return original(request, *rest)

    return {"anthropic.handle": handle}


def changes_http_request(change: Callable[[Request], Request]) -> Overrides:
    """Changes the HTTP request before it is read."""
    return {"anthropic.respond": lambda original, request, ids: original(change(request), ids)}


def accepts_any_key(test: RequestTest) -> Overrides:
    """Accepts every request without checking the key."""
    return changes_http_request(lambda request: with_key(request) if test(request) else request)


def rejects_keys(test: RequestTest) -> Overrides:
    """Rejects every key."""

    def drop_keys(request: Request) -> Request:
        pairs = [
            (k, v) for k, v in request["headers"] if k.lower() not in ("x-api-key", "authorization")
        ]
        return {**request, "headers": pairs}

    return changes_http_request(lambda request: drop_keys(request) if test(request) else request)


def with_key(request: Request) -> Request:
    pairs = [pair for pair in request["headers"] if pair[0].lower() != "x-api-key"]
    return {**request, "headers": [*pairs, ("x-api-key", GATEWAY_KEY)]}


def authorizes(test_headers: Callable[[Headers], bool]) -> Overrides:
    """Replaces the function that reads the key."""

    def authorize(original: Callable[[Headers], str], headers: Headers) -> str:
        if test_headers(headers):
            return GATEWAY_KEY
        raise RequestError(401, "invalid x-api-key")

    return {"anthropic.authorize": authorize}


def replies_with(test: RequestTest, status: int, kind: str, text: bytes) -> Overrides:
    """Answers requests that pass the test with this reply."""

    def respond(original: Respond, request: Request, ids: ResponseIds) -> Reply:
        reply = original(request, ids)
        if not test(request):
            return reply
        pairs = [(k, v) for k, v in reply["headers"] if k != "content-type"]
        head = [("content-type", kind), *pairs]
        return {**reply, "status": status, "headers": head, "chunks": [text], "pauses": [0.0]}

    return {"anthropic.respond": respond}


def changes_json(test: RequestTest, change: Callable[[Any], Any]) -> Overrides:
    """Changes the JSON of plain responses."""

    def respond(original: Respond, request: Request, ids: ResponseIds) -> Reply:
        reply = original(request, ids)
        if not test(request):
            return reply
        data = change(json.loads(reply["chunks"][0]))
        return {**reply, "chunks": [json.dumps(data).encode()]}

    return {"anthropic.respond": respond}


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
