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

    def changed(original: Callable[..., Events], *args: Any) -> Events:
        found = original(*args)
        other = change(found)
        return found if other is None else list(other)

    return {"anthropic.events": changed}


def each(kind: str, change: Callable[[Body], Any]) -> Overrides:
    """Changes every event of one type."""
    return events(lambda found: [change(e) for e in found if e["type"] == kind] and None)


def without(kind: str) -> Overrides:
    return events(lambda found: [e for e in found if e["type"] != kind])


def repeat_event(kind: str) -> Overrides:
    return events(lambda found: [e for one in found for e in [one] * (1 + (one["type"] == kind))])


def block_events(change: Callable[[int, Events], Events]) -> Overrides:
    """Changes the events of each block."""
    return {"anthropic.block_events": lambda original, at, block: change(at, original(at, block))}


def opened(kind: str, change: Callable[[Body], Any]) -> Overrides:
    """Changes content_block_start for blocks of one type."""

    def change_start(event: Body) -> None:
        if event["content_block"]["type"] == kind:
            change(event["content_block"])

    return each("content_block_start", change_start)


def delta(kind: str, change: Callable[[Body], Any]) -> Overrides:
    """Changes deltas of one type."""

    def change_delta(event: Body) -> None:
        if event["delta"]["type"] == kind:
            change(event["delta"])

    return each("content_block_delta", change_delta)


def started(change: Callable[[Body], Any]) -> Overrides:
    """Changes the message in message_start."""
    return each("message_start", lambda event: change(event["message"]))


def ended(change: Callable[[Body], Any]) -> Overrides:
    """Changes message_delta."""
    return each("message_delta", change)


def frames(change: Callable[[list[bytes]], list[bytes]]) -> Overrides:
    """Changes the bytes of a stream, one item per event."""
    return {"anthropic.frames": lambda original, found: change(original(found))}


def named(change: Callable[[str], bytes]) -> Overrides:
    """Changes the event line."""
    return {
        "anthropic.frame": lambda original, name, data: change(name) + b"data: " + data + b"\n\n"
    }


def of_old(name: str) -> bytes:
    """Uses the delta event names of an older version."""
    return f"event: {name.replace('content_block_delta', 'completion')}\n".encode()


def untyped(original: Callable[[Json], bytes], data: Json) -> bytes:
    """Omits the type in the data of deltas."""
    return original({k: v for k, v in data.items() if (k, v) != ("type", "content_block_delta")})


def unnumbered(index: int, found: Events) -> Events:
    return [{key: value for key, value in event.items() if key != "index"} for event in found]


def rename_key(old: str, new: str) -> Callable[[Body], None]:
    def change(data: Body) -> None:
        data[new] = data.pop(old)

    return change


def moved(found: Events) -> Events:
    """Moves message_start after the first content_block_start."""
    start, *rest = found
    return [*rest[:2], start, *rest[2:]]


def interleaved(found: Events) -> Events:
    """Interleaves the deltas of two blocks."""
    second = next(n for n, e in enumerate(found) if e.get("index") == 1)
    stop = next(n for n, e in enumerate(found) if e["type"] == "content_block_stop")
    if found[stop]["index"] != 0 or stop > second:
        return found
    late = found.pop(stop)
    return [*found[: second + 1], late, *found[second + 1 :]]


def parallel(change: Callable[[Events], Events]) -> Callable[[Events], Events]:
    """Applies a change to streams of at least two blocks."""
    return lambda found: change(found) if any(e.get("index") == 1 for e in found) else found


def strayed(index: int, found: Events) -> Events:
    """Moves a delta before its content_block_start."""
    return [found[1], found[0], *found[2:]] if len(found) > 2 else found


def belated(index: int, found: Events) -> Events:
    """Moves a delta after its content_block_stop."""
    return [*found[:-2], found[-1], found[-2]] if len(found) > 2 else found


def early_end(found: Events) -> Events:
    """Moves message_delta before the last content_block_stop."""
    last = max(n for n, e in enumerate(found) if e["type"] == "content_block_delta")
    at = next(n for n, e in enumerate(found) if e["type"] == "message_delta")
    return [*found[:last], found[at], *found[last:at], *found[at + 1 :]]


def before_blocks(found: Events) -> Events:
    """Moves message_delta before the first content_block_start."""
    at = next(n for n, e in enumerate(found) if e["type"] == "message_delta")
    return [found[0], found[at], *found[1:at], *found[at + 1 :]]


def cut(found: Events) -> Events:
    """Ends the stream normally after two deltas."""
    return found[: max(3, len(found) // 2)]


def continues_after_error(found: Events) -> Events:
    """Sends an error after two deltas and then ends normally."""
    return [*found[:4], ERROR, *found[4:]]


def unfinished(found: Events) -> Events:
    """Ends the stream without a stop reason."""
    return [*found[:4], {"type": "content_block_stop", "index": 0}, {"type": "message_stop"}]


def taken_back(found: Events) -> Events:
    """Adds a message_delta without a stop reason."""
    at = next(n for n, e in enumerate(found) if e["type"] == "message_delta")
    again = {**found[at], "delta": {"stop_reason": None, "stop_sequence": None}}
    return [*found[: at + 1], again, *found[at + 1 :]]


def falling(found: Events) -> Events:
    """Splits the usage over several message_delta events."""
    at = next(n for n, e in enumerate(found) if e["type"] == "message_delta")
    early_usage = {**found[at], "usage": {"output_tokens": found[at]["usage"]["output_tokens"] + 9}}
    return [*found[:at], early_usage, *found[at:]]


def as_chunks(original: Callable[..., list[bytes]], found: Events) -> list[bytes]:
    """Sends the stream of the other protocol."""
    texts = [e["delta"].get("text", "") for e in found if e["type"] == "content_block_delta"]
    chunks = [{"choices": [{"index": 0, "delta": {"content": text}}]} for text in texts]
    return [b"data: " + json.dumps(c).encode() + b"\n\n" for c in chunks] + [b"data: [DONE]\n\n"]


def cut_letters(original: Callable[[str], list[str]], text: str) -> list[str]:
    """Decodes byte pieces separately, which breaks multi-byte characters."""
    data = text.encode()
    return [data[at : at + 5].decode("utf-8", "replace") for at in range(0, len(data), 5)]


def drop_last_piece(original: Callable[[Json], list[str]], value: Json) -> list[str]:
    return original(value)[:-1]
