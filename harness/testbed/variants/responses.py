"""Right Responses endpoints that differ from the reference gateway."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any, Final

from harness.testbed.base import Variant
from harness.testbed.gateway.endpoint import Body
from harness.testbed.gateway.errors import bad_value
from harness.testbed.gateway.gateway import Overrides
from harness.testbed.gateway.ids import ResponseIds
from harness.testbed.gateway.model_types import ModelReply

PACK: Final = "openai-responses"
LONG: Final = 100  # characters
Frames = Callable[[list[Body]], list[bytes]]


def refuses(name: str) -> Overrides:
    """Refuses a field by an error that names it."""

    def check(original: Callable[[Body], None], body: Body) -> None:
        if body.get(name) is not None:
            raise bad_value(name, "not supported by this server.", "unsupported_parameter")
        original(body)

    return {"responses.check": check}


def with_done(original: Frames, events: list[Body]) -> list[bytes]:
    return [*original(events), b"data: [DONE]\n\n"]


def without_names(original: Frames, events: list[Body]) -> list[bytes]:
    return [frame.partition(b"\n")[2] for frame in original(events)]


def from_one(original: Callable[..., list[Body]], events: list[Body]) -> list[Body]:
    return [
        {**event, "sequence_number": event["sequence_number"] + 1} for event in original(events)
    ]


def with_new_events(original: Callable[..., list[Body]], events: list[Body]) -> list[Body]:
    """Sends an event of a new type after the first."""
    return original([*events[:1], {"type": "response.rate_limits.updated"}, *events[1:]])


def with_reasoning(original: Callable[..., Any], reply: ModelReply, ids: ResponseIds) -> Any:
    return original(replace(reply, thinking="Well."), ids)


def long_pieces(original: Callable[[str], list[str]], text: str) -> list[str]:
    return [text[at : at + LONG] for at in range(0, len(text), LONG)]


def without_progress(original: Callable[..., list[Body]], events: list[Body]) -> list[Body]:
    return original([e for e in events if e["type"] != "response.in_progress"])


def early_calls(original: Callable[..., Iterator[Body]], at: Body, arguments: str) -> Any:
    """Sends arguments one character at a time."""
    *_, done = original(at, arguments)
    for character in arguments:
        yield {"type": "response.function_call_arguments.delta", **at, "delta": character}
    yield done


def spaced_arguments(original: Callable[..., Body], *args: Any) -> Body:
    """Writes the arguments of calls in several lines."""
    item = original(*args)
    return {**item, "arguments": json.dumps(json.loads(item["arguments"]), indent=2)}


RESPONSES = (
    Variant("responses.stateless", "refuses previous_response_id by name",
            refuses("previous_response_id"), causes=("blocked",)),
    Variant("responses.unformatted", "refuses formats by name", refuses("text")),
    Variant("responses.done", "ends streams with [DONE]", {"responses.frames": with_done}),
    Variant("responses.unnamed", "sends events without names",
            {"responses.frames": without_names}),
    Variant("responses.from-one", "counts events from 1", {"responses.numbered": from_one}),
    Variant("responses.new-events", "sends events of new types",
            {"responses.numbered": with_new_events}),
    Variant("responses.no-progress", "sends no response.in_progress",
            {"responses.numbered": without_progress}),
    Variant("responses.reasoning", "answers with a reasoning item first",
            {"responses.output": with_reasoning}),
    Variant("responses.one-piece", "sends short texts as one delta, and long ones in few",
            {"responses.text_pieces": long_pieces}),
    Variant("responses.characters", "sends arguments one character at a time",
            {"responses.call_events": early_calls}),
    Variant("responses.spaced", "writes arguments in several lines",
            {"responses.call_item": spaced_arguments}),
)  # fmt: skip
