"""Operators that change streams of the Chat Completions protocol."""

from __future__ import annotations

import json
from collections.abc import Callable
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


def frames(change: Callable[[list[bytes]], list[bytes]]) -> Overrides:
    """Changes the bytes of a stream."""
    return {"frames": lambda original, stream: change(original(stream))}


def new_ids(stream: Events) -> None:
    for number, event in enumerate(stream):
        event["id"] = f"{event['id']}-{number}"


def increase_created(stream: Events) -> None:
    for number, event in enumerate(stream):
        event["created"] += 1000 * number


def arguments_as_object(original: Callable[..., Events], number: int, call: Body) -> Events:
    function = call["function"]
    arguments = json.loads(function["arguments"])
    return [{"index": number, **call, "function": {**function, "arguments": arguments}}]


def drop_connection(original: Callable[..., Any], *args: Any) -> Any:
    return {**original(*args), "end": "drop"}
