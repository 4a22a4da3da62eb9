"""Operators that change error responses. Each overrides one hook."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from harness.testbed.gateway.errors import RequestError
from harness.testbed.gateway.gateway import Overrides
from harness.testbed.gateway.model_types import Json
from harness.testbed.gateway.openai.message_validation import PARTS
from harness.testbed.mutants.openai.operators import Body

USER = {"role": "user", "content": "Hello"}


def error(change: Callable[[Body, RequestError], Json]) -> Overrides:
    """Changes the error object: `change(error, refusal)`."""
    return {"error": lambda original, refusal: change(original(refusal), refusal)}


def replaces_status(
    status: int, where: Callable[[RequestError], bool] = lambda _: True
) -> Overrides:
    """Replaces the status of errors."""
    return {"status": lambda original, refusal: status if where(refusal) else original(refusal)}


def replaces_body(text: bytes, kind: str, where: Callable[[RequestError], bool]) -> Overrides:
    """Replaces the JSON body of errors."""

    def refuse(original: Callable[..., dict[str, Any]], refusal: RequestError, *rest: Any) -> Any:
        reply = original(refusal, *rest)
        if not where(refusal):
            return reply
        pairs = [(k, kind if k == "content-type" else v) for k, v in reply["headers"]]
        return {**reply, "headers": pairs, "chunks": [text]}

    return {"refuse": refuse}


def html(where: Callable[[RequestError], bool]) -> Overrides:
    return replaces_body(b"<html><body>Oops</body></html>", "text/html", where)


def text(where: Callable[[RequestError], bool]) -> Overrides:
    return replaces_body(b"Bad Request", "text/plain", where)


def default_messages(body: Body) -> None:
    if not body.get("messages"):
        body["messages"] = [USER]


def messages_as_list(body: Body) -> None:
    """Converts an invalid `messages` to a list of messages."""
    messages = body.get("messages", [])
    items = messages if isinstance(messages, list) else [messages]
    body["messages"] = [m if isinstance(m, dict) else {**USER, "content": str(m)} for m in items]


def replace_role(body: Body) -> None:
    messages = body.get("messages")
    for reply in messages if isinstance(messages, list) else ():
        if isinstance(reply, dict) and reply.get("role") not in PARTS:
            reply["role"] = "user"


def reads_anything(
    original: Callable[[Mapping[str, Any]], Body], request: Mapping[str, Any]
) -> Body:
    """Replaces a body that is not a JSON object by a valid one."""
    try:
        return original(request)
    except RequestError as refusal:
        if refusal.status == 400:
            return {"model": "builtin-1", "messages": [USER]}
        raise


def accepts_empty_body(
    original: Callable[[Mapping[str, Any]], Body], request: Mapping[str, Any]
) -> Body:
    return original(request) if request["body"] else {"model": "builtin-1", "messages": [USER]}


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
