"""Operators that change streams of the Messages protocol."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from harness.testbed.gateway.gateway import Overrides
from harness.testbed.gateway.model_types import Json
from harness.testbed.mutants.openai.operators import Body

Events = list[Body]


def events(change: Callable[[Events], Any]) -> Overrides:
    """Changes the events of a stream; a returned list replaces them."""

    def stream_events(original: Callable[..., Events], *args: Any) -> Events:
        stream = original(*args)
        other = change(stream)
        return stream if other is None else list(other)

    return {"anthropic.events": stream_events}


def each(kind: str, change: Callable[[Body], Any]) -> Overrides:
    """Changes every event of one type."""
    return events(
        lambda stream: [change(event) for event in stream if event["type"] == kind] and None
    )


def delta(kind: str, change: Callable[[Body], Any]) -> Overrides:
    """Changes deltas of one type."""

    def change_delta(event: Body) -> None:
        if event["delta"]["type"] == kind:
            change(event["delta"])

    return each("content_block_delta", change_delta)


def frames(change: Callable[[list[bytes]], list[bytes]]) -> Overrides:
    """Changes the bytes of a stream, one item per event."""
    return {"anthropic.frames": lambda original, stream: change(original(stream))}


def event_line(change: Callable[[str], bytes]) -> Overrides:
    """Changes the event line."""
    return {
        "anthropic.frame": lambda original, name, data: change(name) + b"data: " + data + b"\n\n"
    }


def old_event_line(name: str) -> bytes:
    """Uses the delta event names of an older version."""
    return f"event: {name.replace('content_block_delta', 'completion')}\n".encode()


def without_type(original: Callable[[Json], bytes], data: Json) -> bytes:
    """Omits the type in the data of deltas."""
    return original({k: v for k, v in data.items() if (k, v) != ("type", "content_block_delta")})


def end_early(stream: Events) -> Events:
    """Ends the stream normally after two deltas."""
    return stream[: max(3, len(stream) // 2)]


def as_chunks(original: Callable[..., list[bytes]], stream: Events) -> list[bytes]:
    """Sends the stream of the other protocol."""
    texts = [
        event["delta"].get("text", "") for event in stream if event["type"] == "content_block_delta"
    ]
    chunks = [{"choices": [{"index": 0, "delta": {"content": text}}]} for text in texts]
    return [b"data: " + json.dumps(c).encode() + b"\n\n" for c in chunks] + [b"data: [DONE]\n\n"]
