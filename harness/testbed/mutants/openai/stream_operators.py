"""Operators that change streams of the Chat Completions protocol."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

from harness.testbed.gateway.gateway import Overrides
from harness.testbed.mutants.openai.operators import Body

Events = list[Body]


def events(change: Callable[[Events], Any]) -> Overrides:
    """Changes the chunks of a stream; a returned list replaces them."""

    def stream_chunks(original: Callable[..., Events], *args: Any) -> Events:
        stream = original(*args)
        other = change(stream)
        return stream if other is None else list(other)

    return {"events": stream_chunks}


def parts(stream: Events) -> Iterator[Body]:
    """Yields the choices of all chunks."""
    return (choice for event in stream for choice in event["choices"])


def each(change: Callable[[Body], Any]) -> Overrides:
    """Changes every choice of every chunk."""
    return events(lambda stream: [change(choice) for choice in parts(stream)] and None)


def deltas(change: Callable[[Body], Any]) -> Overrides:
    return each(lambda choice: change(choice["delta"]))


def frames(change: Callable[[list[bytes]], list[bytes]]) -> Overrides:
    """Changes the bytes of a stream."""
    return {"frames": lambda original, stream: change(original(stream))}


def early_finish(stream: Events) -> None:
    choices = list(parts(stream))
    choices[1]["finish_reason"] = choices[-1]["finish_reason"]


def finish_before_last(stream: Events) -> Events:
    """Moves the finish reason before the last content."""
    last = max(n for n, event in enumerate(stream) if event["choices"])
    return [*stream[: last - 1], stream[last], stream[last - 1], *stream[last + 1 :]]


def new_ids(stream: Events) -> None:
    for number, event in enumerate(stream):
        event["id"] = f"{event['id']}-{number}"


def increase_created(stream: Events) -> None:
    for number, event in enumerate(stream):
        event["created"] += 1000 * number


def continues_after_error(stream: Events) -> Events:
    """Sends an error after two chunks and then ends normally."""
    error = {"error": {"message": "overloaded", "type": "server_error"}}
    return [*stream[:2], error, *stream[2:]]


def ends_early(stream: Events) -> Events:
    """Ends the stream normally after two chunks."""
    return [*stream[:2], *(event for event in stream[2:] if not event["choices"])]


def content_as_parts(delta: Body) -> None:
    if delta.get("content"):
        delta["content"] = [{"type": "text", "text": delta["content"]}]


def usage_with_last_choice(
    original: Callable[..., Events], stream: Events, head: Body, usage: Body
) -> Events:
    """Sends the usage in the chunk of the last choice."""
    return [*stream[:-1], {**stream[-1], "usage": usage}]


def wants_usage(original: Callable[[Body], bool], body: Body) -> bool:
    return isinstance(body.get("stream_options"), dict)


def repeat_key(key: str, original: Callable[..., Events], number: int, call: Body) -> Events:
    """Repeats a key of the first piece in every piece."""
    pieces = original(number, call)
    return [pieces[0], *({**piece, key: pieces[0][key]} for piece in pieces[1:])]


def arguments_as_object(original: Callable[..., Events], number: int, call: Body) -> Events:
    function = call["function"]
    arguments = json.loads(function["arguments"])
    return [{"index": number, **call, "function": {**function, "arguments": arguments}}]


def drop_last_piece(original: Callable[..., Events], number: int, call: Body) -> Events:
    return original(number, call)[:-1]


def as_plain_text(original: Callable[..., Any], *args: Any) -> Any:
    reply = original(*args)
    pairs = [(k, "text/plain" if k == "content-type" else v) for k, v in reply["headers"]]
    return {**reply, "headers": pairs}


def drop_connection(original: Callable[..., Any], *args: Any) -> Any:
    return {**original(*args), "end": "drop"}


def always(original: Callable[[Body], bool], body: Body) -> bool:
    return "stream" in body


def never(original: Callable[[Body], bool], body: Body) -> bool:
    return False


EVERY = "events $[*].usage"
