"""Changes of HTTP requests, errors, headers and whole replies.

Each function takes a change and returns functions that override hooks.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from harness.testbed.gateway.endpoint import ENCODER, Headers, Reply, Request
from harness.testbed.gateway.errors import RequestError
from harness.testbed.gateway.gateway import Override, Overrides
from harness.testbed.mutation.bodies import crash, refusal_of
from harness.testbed.mutation.conditions import error_holds, meets, reply_holds, request_holds
from harness.testbed.mutation.edits import edit, edits_in

Change = Mapping[str, Any]
OF_REPLIES = ("send", "set_header", "drop_header")


def at_error(change: Change) -> Overrides:
    """Changes errors: the JSON object, the status, or the whole reply."""
    do = change["do"]

    def applies_to(refusal: RequestError) -> bool:
        return meets(change, partial(error_holds, refusal=refusal))

    def error(original: Callable[..., Any], refusal: RequestError, *rest: Any) -> Any:
        data = original(refusal, *rest)
        return edit(data, do) if applies_to(refusal) else data

    def status(original: Callable[..., int], refusal: RequestError) -> int:
        return int(do["status"]) if applies_to(refusal) else original(refusal)

    def refuse(original: Callable[..., Reply], refusal: RequestError, *rest: Any) -> Reply:
        reply = original(refusal, *rest)
        return changed_reply(reply, do) if applies_to(refusal) else reply

    functions: dict[str, Override] = {"error": error, "status": status, "refuse": refuse}
    hooks = {
        "status" if name == "status" else "refuse" if name in OF_REPLIES else "error" for name in do
    }
    return {hook: functions[hook] for hook in sorted(hooks)}


def changed_reply(reply: Reply, do: Mapping[str, Any]) -> Reply:
    """Returns a reply with other headers, or another body."""
    headers = changed_headers(reply["headers"], do)
    if "send" not in do:
        return {**reply, "headers": headers}
    headers = [(k, do["send"]["type"] if k == "content-type" else v) for k, v in headers]
    return with_body({**reply, "headers": headers}, do["send"]["text"].encode("utf-8", "replace"))


def with_body(reply: Reply, body: bytes) -> Reply:
    return {**reply, "chunks": [body], "pauses": [0.0]}


def changed_headers(headers: Headers, do: Mapping[str, Any]) -> Headers:
    """Returns headers, some of them dropped, renamed, or with other values."""
    dropped = do.get("drop_header", ())
    dropped = (dropped,) if isinstance(dropped, str) else dropped
    pairs = [pair for pair in headers if pair[0] not in dropped]
    for old, new in do.get("rename_header", {}).items():
        pairs = [
            *(pair for pair in pairs if pair[0] != old),
            *((new, value) for name, value in pairs if name == old),
        ]
    for name, value in do.get("set_header", {}).items():
        if any(name == other for other, _ in pairs):
            pairs = [(other, value if name == other else own) for other, own in pairs]
        else:
            pairs.append((name, value))
    return pairs


def at_headers(change: Change) -> Overrides:
    """Changes the headers of all replies."""
    return {"headers": lambda original, *args: changed_headers(original(*args), change["do"])}


def at_http(change: Change) -> Overrides:
    """Changes requests before they are read, or refuses them before their body is read."""
    do = change["do"]

    def handle(original: Callable[..., Reply], request: Request, *rest: Any) -> Reply:
        if not meets(change, partial(request_holds, request=request)):
            return original(request, *rest)
        raise crash() if "crash" in do else refusal_of(do["refuse"])

    def respond(original: Callable[..., Reply], request: Request, *rest: Any) -> Reply:
        applies = meets(change, partial(request_holds, request=request))
        return original(changed_request(request, do) if applies else request, *rest)

    return {"handle": handle} if {"refuse", "crash"} & do.keys() else {"respond": respond}


def changed_request(request: Request, do: Mapping[str, Any]) -> Request:
    """Returns an HTTP request with another method, path, body or other headers."""
    pairs = [(name.lower(), value) for name, value in request["headers"]]
    text = request["body"].decode("utf-8", "replace")
    line = {"method": request["method"], "path": request["path"], "body": text}
    changed = {name: str(value) for name, value in edit({**line}, do).items() if name in line}
    body = (
        request["body"]
        if changed.get("body") == text
        else changed.pop("body", "").encode("utf-8", "replace")
    )
    return {**request, **changed, "body": body, "headers": changed_headers(pairs, do)}


def at_reply(change: Change) -> Overrides:
    """Changes whole replies: the JSON of plain ones, the status, headers or the body."""
    do = change["do"]

    def respond(original: Callable[..., Reply], request: Request, *rest: Any) -> Reply:
        reply = original(request, *rest)
        data = json_of(reply)
        if not meets(change, partial(reply_holds, request=request, reply=reply, data=data)):
            return reply
        if data is not None and any(edits_in(do)):
            reply = with_body(reply, ENCODER.encode(edit(data, do)).encode("utf-8", "replace"))
        return changed_reply({**reply, "status": do.get("status", reply["status"])}, do)

    return {"respond": respond}


def json_of(reply: Reply) -> Any:
    """Returns the JSON in a reply; nothing for a stream or a reply without JSON."""
    if ("content-type", "application/json") not in reply["headers"]:
        return None
    try:
        return json.loads(b"".join(reply["chunks"]))
    except ValueError:
        return None
