"""Compliant variants of the provider behind the gateway.

An override of `upstream.respond` receives the original respond function and a request, and returns
the reply.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from harness.testbed.base import Variant
from harness.testbed.gateway.endpoint import ENCODER, Reply, Request

Body = dict[str, Any]
Respond = Callable[[Request], Reply]
Frames = Callable[[list[bytes]], Iterable[bytes]]
CRLF, END = b"\r\n", b"\n\n"


def wire(change: Frames) -> dict[str, Any]:
    """Changes the chunks of a stream, except the last of a dropped one."""

    def respond(original: Respond, request: Request) -> Reply:
        reply = original(request)
        if not is_stream(reply):
            return reply
        dropped = [reply["chunks"][-1]] if reply["end"] == "drop" and reply["chunks"] else []
        data = b"".join(reply["chunks"][: len(reply["chunks"]) - len(dropped)])
        frames = [frame + END for frame in data.split(END) if frame]
        item = [*change(frames), *dropped]
        return {**reply, "chunks": item, "pauses": [0.0] * len(item)}

    return {"upstream.respond": respond}


def is_stream(reply: Reply) -> bool:
    kinds = [value for name, value in reply["headers"] if name == "content-type"]
    return any("event-stream" in kind for kind in kinds)


def events(change: Callable[[Body], Iterable[Body | bytes]]) -> dict[str, Any]:
    """Replaces each event of a stream by other events or raw frames."""

    def change_frames(frames: list[bytes]) -> Iterator[bytes]:
        for frame in frames:
            event = parse_event(frame)
            for item in [frame] if event is None else change(event):
                yield item if isinstance(item, bytes) else format_event(item)

    return wire(change_frames)


def parse_event(frame: bytes) -> Body | None:
    """Parses the object of an event; returns None for pings and end marks."""
    _, mark, data = frame.partition(b"data: ")
    if not mark or data.startswith(b"[DONE]") or frame.startswith(b":"):
        return None
    event = json.loads(data)
    return event if isinstance(event, dict) else None


def format_event(event: Body) -> bytes:
    """Formats an event. Events with a type get an event line, as Anthropic sends it."""
    name = f"event: {event['type']}\n".encode() if "type" in event else b""
    return name + b"data: " + ENCODER.encode(event).encode() + END


def bodies(change: Callable[[Body], Any]) -> dict[str, Any]:
    """Changes plain answers and errors."""

    def respond(original: Respond, request: Request) -> Reply:
        reply = original(request)
        try:
            body = json.loads(b"".join(reply["chunks"]))
        except ValueError:
            return reply
        if is_stream(reply) or reply["end"] == "drop" or not isinstance(body, dict):
            return reply
        change(body)
        return {**reply, "chunks": [ENCODER.encode(body).encode()], "pauses": [0.0]}

    return {"upstream.respond": respond}


def headers_of(change: Callable[[list[tuple[str, str]]], list[tuple[str, str]]]) -> dict[str, Any]:
    def respond(original: Respond, request: Request) -> Reply:
        reply = original(request)
        return {**reply, "headers": change(reply["headers"])}

    return {"upstream.respond": respond}


def add_pings(frames: list[bytes]) -> Iterator[bytes]:
    """Adds a ping of the protocol after every event but the last."""
    for number, frame in enumerate(frames):
        yield frame
        named = frame.startswith(b"event: ") and b"event: error" not in frame
        if number < len(frames) - 1:
            yield b'event: ping\ndata: {"type": "ping"}\n\n' if named else b": ping\n\n"


def split_every(size: int) -> Frames:
    def pieces(frames: list[bytes]) -> Iterator[bytes]:
        data = b"".join(frames)
        return (data[at : at + size] for at in range(0, len(data), size))

    return pieces


def add_new_events(event: Body) -> Iterator[Body]:
    """Adds newer events, deltas and fields."""
    yield {**event, "x_new": {"a": [1, None]}}
    if event.get("type") == "message_start":
        yield {"type": "progress", "done": 0.5}
    if event.get("type") == "content_block_start":
        delta = {"type": "mood_delta", "mood": "good"}
        yield {"type": "content_block_delta", "index": event["index"], "delta": delta}


def null_usage(body: Body) -> None:
    """Sends null for tokens that are not counted."""
    used = body.get("usage")
    if isinstance(used, dict):
        for name in ("cache_read_input_tokens", "cache_creation_input_tokens"):
            if used.get(name) == 0:
                used[name] = None
        used.update(server_tool_use=None, cache_creation=None, cost=None)
        for name in ("prompt_tokens_details", "completion_tokens_details"):
            if name in used and not any((used[name] or {}).values()):
                used[name] = None


def nulls_in_events(event: Body) -> Iterator[Body]:
    null_usage(event)
    if isinstance(event.get("message"), dict):
        null_usage(event["message"])
    yield event


def add_filter_chunk(event: Body) -> Iterator[Body]:
    """Adds a first chunk about filters, and padding in every chunk."""
    if "choices" not in event:
        yield event
        return
    deltas = [choice["delta"] for choice in event["choices"]]
    if any("role" in delta for delta in deltas):
        filters = [{"prompt_index": 0, "content_filter_results": {}}]
        yield {**event, "choices": [], "prompt_filter_results": filters, "id": ""}
    yield {**event, "obfuscation": "x1y2z3"}


def whole_usage(event: Body) -> Iterator[Body]:
    """Repeats the prompt usage at the end."""
    if event.get("type") == "message_delta":
        event["usage"] = {"cache_read_input_tokens": None, **event["usage"]}
    yield event


def add_fields(body: Body) -> None:
    body.update(x_provider={"region": "north"}, container=None, provider=None)
    for block in body.get("content") or ():
        block.update(x_block=None)
    for choice in body.get("choices") or ():
        choice["message"].update(annotations=[], audio=None, function_call=None)
    if isinstance(body.get("error"), dict):
        body["error"].update(details=None)


def more_headers(headers: list[tuple[str, str]]) -> list[tuple[str, str]]:
    known = [("server", "cloudflare"), ("cf-ray", "0123-FRA"), ("x-robots-tag", "none")]
    return [(name.title(), value) for name, value in [*headers, *known]]


def charset(headers: list[tuple[str, str]]) -> list[tuple[str, str]]:
    mark = "; charset=utf-8"
    return [(n, v + mark if n == "content-type" else v) for n, v in headers]


UPSTREAM_VARIANTS = (
    Variant("upstream.pings", "sends a ping after every event", wire(add_pings)),
    Variant("upstream.crlf", "ends lines with CR and LF",
            wire(lambda frames: [frame.replace(b"\n", CRLF) for frame in frames])),
    Variant("upstream.bytes", "sends one byte at a time", wire(split_every(1))),
    Variant("upstream.sevens", "sends seven bytes at a time", wire(split_every(7))),
    Variant("upstream.at-once", "sends a stream at once", wire(lambda frames: [b"".join(frames)])),
    Variant("upstream.news", "sends newer events and fields", events(add_new_events)),
    Variant("upstream.usage-null", "sends null for tokens that it does not count",
            bodies(null_usage)),
    Variant("upstream.usage-null-streamed",
            "sends null in streams for tokens that it does not count", events(nulls_in_events)),
    Variant("upstream.azure", "starts with a chunk without choices", events(add_filter_chunk)),
    Variant("upstream.usage-whole", "repeats the prompt usage at the end", events(whole_usage)),
    Variant("upstream.extra", "sends unknown fields", bodies(add_fields)),
    Variant("upstream.headers", "sends unknown headers in title case", headers_of(more_headers)),
    Variant("upstream.charset", "names a charset", headers_of(charset)),
)  # fmt: skip
