"""Variants of framing, chunking, timing and headers."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from harness.testbed.base import Variant
from harness.testbed.gateway.gateway import Overrides

Pairs = list[tuple[str, str]]
Reply = dict[str, Any]
SLOW = 0.03


def frames(change: Callable[[list[bytes]], list[bytes]]) -> Overrides:
    return {"both.frames": lambda original, events: change(original(events))}


def at_once(change: Callable[[list[bytes]], list[bytes]]) -> Overrides:
    """Changes frames and removes the pauses between them."""
    return {**frames(change), "both.pauses": lambda original, pieces: [0.0] * pieces}


def finish(change: Callable[[Reply], Reply]) -> Overrides:
    return {"both.finish": lambda original, reply: change(original(reply))}


def headers(change: Callable[[Pairs], Pairs]) -> Overrides:
    return {"both.headers": lambda original, *args: change(original(*args))}


def add_comments(frames: list[bytes]) -> list[bytes]:
    return [b": ping\n\n" + piece if n % 2 else b":\n" + piece for n, piece in enumerate(frames)]


def add_ids(frames: list[bytes]) -> list[bytes]:
    """Adds id and retry fields."""
    return [b"retry: 3000\n" * (n == 0) + b"id: %d\n" % n + p for n, p in enumerate(frames)]


def split_bytes(frames: list[bytes]) -> list[bytes]:
    """Splits the bytes without regard to events or characters."""
    data = b"".join(frames)
    return [data[at : at + 7] for at in range(0, len(data), 7)]


STREAMS = (
    Variant("sse.crlf", "ends lines with CRLF",
            frames(lambda frames: [piece.replace(b"\n", b"\r\n") for piece in frames])),
    Variant("sse.cr", "ends lines with CR",
            frames(lambda frames: [piece.replace(b"\n", b"\r") for piece in frames])),
    Variant("sse.comments", "sends comments between events", frames(add_comments)),
    Variant("sse.numbered", "sends id and retry with its events", frames(add_ids)),
    Variant("sse.message", "uses the event name message",
            {"frames": lambda original,
                frames: [b"event: message\n" + p for p in original(frames)]}),
    Variant("sse.tight", "omits the space after data:",
            frames(lambda frames: [piece.replace(b"data: ", b"data:", 1) for piece in frames])),
    Variant("sse.blank-lines", "sends additional empty lines",
            frames(lambda frames: [b"\n\n" + piece + b"\n" for piece in frames])),
    Variant("sse.shredded", "splits the stream at arbitrary bytes", at_once(split_bytes)),
    Variant("sse.bytes", "writes one byte at a time",
            at_once(lambda frames: [bytes([byte]) for byte in b"".join(frames)])),
    Variant("sse.at-once", "writes the whole stream at once",
            frames(lambda frames: [b"".join(frames)])),
)  # fmt: skip


def close_at_end(reply: Reply) -> Reply:
    return {**reply, "framing": "close", "end": "close"}


def to_chunked(reply: Reply) -> Reply:
    data = b"".join(reply["chunks"])
    if reply["framing"] != "length" or len(data) < 2:
        return reply
    pieces = [data[: len(data) // 2], data[len(data) // 2 :]]
    return {**reply, "chunks": pieces, "pauses": [0.0, 0.0], "framing": "chunked"}


def delay(reply: Reply) -> Reply:
    return {**reply, "pauses": [SLOW, *reply["pauses"][1:]]}


def close_on_errors(reply: Reply) -> Reply:
    return {**reply, "end": "close" if reply["status"] >= 400 else reply["end"]}


def changes_content_type(change: Callable[[str], str]) -> Overrides:
    """Changes the content type."""

    def change_type(reply: Reply) -> Reply:
        pairs = [(k, change(v) if k == "content-type" else v) for k, v in reply["headers"]]
        return {**reply, "headers": pairs}

    return finish(change_type)


def dumps(**options: Any) -> Overrides:
    return {
        "both.dumps": lambda original, data: json.dumps(data, **options).encode("utf-8", "replace")
    }


HTTP = (
    Variant("http.close", "closes the connection after each response",
            finish(lambda reply: {**reply, "end": "close"})),
    Variant("http.close-on-errors", "closes the connection after errors", finish(close_on_errors)),
    Variant("http.until-closed", "ends responses by closing the connection", finish(close_at_end)),
    Variant("http.chunked", "sends plain answers with chunked encoding", finish(to_chunked)),
    Variant("http.slow", "delays the first byte", finish(delay)),
    Variant("http.charset", "sends a charset",
            changes_content_type(lambda kind: f"{kind}; charset=utf-8")),
    Variant("http.charset-loud", "sends an upper-case charset without a space",
            changes_content_type(lambda kind: f"{kind};charset=UTF-8")),
    Variant("json.ascii", "escapes characters outside ASCII", dumps()),
    Variant("json.sorted", "sorts its keys", dumps(sort_keys=True, ensure_ascii=False)),
    Variant("json.padded", "adds line ends around plain answers",
            {"both.json_reply": lambda original, status, data, pairs: {
                **(reply := original(status, data, pairs)),
                "chunks": [b"\n" + reply["chunks"][0] + b"\n"],
            }}),
)  # fmt: skip


def to_title_case(reply: Reply) -> Reply:
    return {**reply, "headers": [(name.title(), value) for name, value in reply["headers"]]}


def add_proxy_headers(pairs: Pairs) -> Pairs:
    """Adds headers that proxies add."""
    return [
        *pairs,
        ("server", "cloudflare"),
        ("date", "Sat, 01 Nov 2025 00:00:00 GMT"),
        ("set-cookie", "a=1; path=/"),
        ("set-cookie", "b=2; path=/"),
        ("via", "1.1 proxy"),
        ("x-should-retry", "false"),
        ("access-control-allow-origin", "*"),
        ("anthropic-organization-id", "org-1"),
    ]


def replaces_reset(value: str) -> Overrides:
    """Replaces the value of reset headers."""
    return headers(lambda pairs: [(k, value if "-reset-" in k else v) for k, v in pairs])


def only_on_success(original: Callable[..., Reply], *args: Any) -> Reply:
    reply = original(*args)
    kept = [pair for pair in reply["headers"] if "ratelimit" not in pair[0]]
    return {**reply, "headers": kept}


def only_when_limited(original: Callable[..., Reply], *args: Any) -> Reply:
    """Sends rate limit headers only with status 429."""
    reply = original(*args)
    return reply if reply["status"] == 429 else only_on_success(original, *args)


HEADERS = (
    Variant("headers.case", "sends header names in title case", finish(to_title_case)),
    Variant("headers.upper", "sends header names in upper case",
            finish(lambda r: {**r, "headers": [(k.upper(), v) for k, v in r["headers"]]})),
    Variant("headers.more", "adds the headers of proxies", headers(add_proxy_headers)),
    Variant("headers.reset-time", "sends the time of a limit reset",
            replaces_reset("2025-11-01T00:00:01Z")),
    Variant("headers.reset-seconds", "sends the seconds until a limit reset", replaces_reset("1")),
    Variant("headers.reset-minutes", "sends a limit reset in minutes", replaces_reset("6m0s")),
    Variant("headers.processing-empty", "sends an empty openai-processing-ms",
            headers(lambda pairs: [*pairs, ("openai-processing-ms", "")])),
    Variant("headers.limits-on-success", "sends rate limit headers only with successful answers",
            {"refuse": only_on_success, "anthropic.refuse": only_when_limited}),
)  # fmt: skip

WIRE = (*STREAMS, *HTTP, *HEADERS)
