"""Operators that change error responses. Each overrides one hook."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from harness.testbed.gateway.errors import RequestError
from harness.testbed.gateway.gateway import Overrides
from harness.testbed.mutants.openai.operators import Body

USER = {"role": "user", "content": "Hello"}


def replaces_body(text: bytes, kind: str, where: Callable[[RequestError], bool]) -> Overrides:
    """Replaces the JSON body of errors."""

    def refuse(original: Callable[..., dict[str, Any]], refusal: RequestError, *rest: Any) -> Any:
        reply = original(refusal, *rest)
        if not where(refusal):
            return reply
        pairs = [(k, kind if k == "content-type" else v) for k, v in reply["headers"]]
        return {**reply, "headers": pairs, "chunks": [text]}

    return {"refuse": refuse}


def text(where: Callable[[RequestError], bool]) -> Overrides:
    return replaces_body(b"Bad Request", "text/plain", where)


def messages_as_list(body: Body) -> None:
    """Converts an invalid `messages` to a list of messages."""
    messages = body.get("messages", [])
    items = messages if isinstance(messages, list) else [messages]
    body["messages"] = [m if isinstance(m, dict) else {**USER, "content": str(m)} for m in items]


def rejects_after_error(original: Callable[..., Any], refusal: RequestError, *rest: Any) -> Any:
    """Rejects every request after the first error."""
    endpoint = original.__self__  # type: ignore[attr-defined]
    endpoint.check = lambda body: (_ for _ in ()).throw(refusal)
    return original(refusal, *rest)


def as_stream(original: Callable[..., dict[str, Any]], request: Mapping[str, Any], ids: Any) -> Any:
    """Sends the error of a stream request as a stream with status 200."""
    reply = original(request, ids)
    if b'"stream":true' in request["body"].replace(b" ", b"") and reply["status"] >= 400:
        kind = [(k, v) for k, v in reply["headers"] if k != "content-type"]
        chunks = [b"data: " + reply["chunks"][0] + b"\n\n", b"data: [DONE]\n\n"]
        head = [("content-type", "text/event-stream"), *kind]
        return {**reply, "status": 200, "headers": head, "chunks": chunks, "pauses": [0.0, 0.0]}
    return reply
