"""Operators that change streams of the Messages protocol."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from harness.testbed.gateway.gateway import Overrides
from harness.testbed.gateway.model_types import Json
from harness.testbed.mutants.openai.operators import Body

Events = list[Body]
ERROR = {"type": "error", "error": {"type": "overloaded_error", "message": "Overloaded"}}


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


def block_events(change: Callable[[int, Events], Events]) -> Overrides:
    """Changes the events of each block."""
    return {"anthropic.block_events": lambda original, at, block: change(at, original(at, block))}


def delta(kind: str, change: Callable[[Body], Any]) -> Overrides:
    """Changes deltas of one type."""

    def change_delta(event: Body) -> None:
        if event["delta"]["type"] == kind:
            change(event["delta"])

    return each("content_block_delta", change_delta)


def message_end(change: Callable[[Body], Any]) -> Overrides:
    """Changes message_delta."""
    return each("message_delta", change)


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


def without_index(index: int, stream: Events) -> Events:
    return [{key: value for key, value in event.items() if key != "index"} for event in stream]


def interleave_blocks(stream: Events) -> Events:
    """Interleaves the deltas of two blocks."""
    second = next(n for n, event in enumerate(stream) if event.get("index") == 1)
    stop = next(n for n, event in enumerate(stream) if event["type"] == "content_block_stop")
    if stream[stop]["index"] != 0 or stop > second:
        return stream
    late = stream.pop(stop)
    return [*stream[: second + 1], late, *stream[second + 1 :]]


def if_several_blocks(change: Callable[[Events], Events]) -> Callable[[Events], Events]:
    """Applies a change to streams of at least two blocks."""
    return lambda stream: (
        change(stream) if any(event.get("index") == 1 for event in stream) else stream
    )


def delta_before_start(index: int, stream: Events) -> Events:
    """Moves a delta before its content_block_start."""
    return [stream[1], stream[0], *stream[2:]] if len(stream) > 2 else stream


def delta_after_stop(index: int, stream: Events) -> Events:
    """Moves a delta after its content_block_stop."""
    return [*stream[:-2], stream[-1], stream[-2]] if len(stream) > 2 else stream


def end_before_stop(stream: Events) -> Events:
    """Moves message_delta before the last content_block_stop."""
    last = max(n for n, event in enumerate(stream) if event["type"] == "content_block_delta")
    at = next(n for n, event in enumerate(stream) if event["type"] == "message_delta")
    return [*stream[:last], stream[at], *stream[last:at], *stream[at + 1 :]]


def end_early(stream: Events) -> Events:
    """Ends the stream normally after two deltas."""
    return stream[: max(3, len(stream) // 2)]


def continues_after_error(stream: Events) -> Events:
    """Sends an error after two deltas and then ends normally."""
    return [*stream[:4], ERROR, *stream[4:]]


def end_without_reason(stream: Events) -> Events:
    """Ends the stream without a stop reason."""
    return [*stream[:4], {"type": "content_block_stop", "index": 0}, {"type": "message_stop"}]


def split_usage(stream: Events) -> Events:
    """Splits the usage over several message_delta events."""
    at = next(n for n, event in enumerate(stream) if event["type"] == "message_delta")
    early_usage = {
        **stream[at],
        "usage": {"output_tokens": stream[at]["usage"]["output_tokens"] + 9},
    }
    return [*stream[:at], early_usage, *stream[at:]]


def as_chunks(original: Callable[..., list[bytes]], stream: Events) -> list[bytes]:
    """Sends the stream of the other protocol."""
    texts = [
        event["delta"].get("text", "") for event in stream if event["type"] == "content_block_delta"
    ]
    chunks = [{"choices": [{"index": 0, "delta": {"content": text}}]} for text in texts]
    return [b"data: " + json.dumps(c).encode() + b"\n\n" for c in chunks] + [b"data: [DONE]\n\n"]
