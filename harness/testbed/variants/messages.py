"""Variants of the Anthropic endpoint in events, fields, texts and token counts."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from harness.testbed.base import Variant
from harness.testbed.gateway.gateway import Overrides
from harness.testbed.gateway.ids import ResponseIds

Body = dict[str, Any]
Events = list[Body]
CACHED = ("cache_creation_input_tokens", "cache_read_input_tokens")
DETAILS = ("cache_creation", "inference_geo", "service_tier")


def events(change: Callable[[Events], Events | None]) -> Overrides:
    def change_all(original: Callable[..., Events], *args: Any) -> Events:
        stream = original(*args)
        return change(stream) or stream

    return {"anthropic.events": change_all}


def message(change: Callable[[Body], Any]) -> Overrides:
    def change_all(original: Callable[..., Body], *args: Any) -> Body:
        message = original(*args)
        change(message)
        return message

    return {"anthropic.message": change_all}


def ping(stream: Events, at: int) -> Events:
    return [*stream[:at], {"type": "ping"}, *stream[at:]]


def ping_before_events(stream: Events) -> Events:
    return [item for event in stream for item in ({"type": "ping"}, event)]


def without_pings(stream: Events) -> Events:
    return [event for event in stream if event["type"] != "ping"]


def add_new_events(stream: Events) -> Events:
    """Adds newer event and delta types, which clients must ignore."""
    news: Body = {"type": "content_block_delta", "index": 0, "delta": {"type": "mood_delta"}}
    first = next((n for n, e in enumerate(stream) if e["type"] == "content_block_start"), None)
    more = stream if first is None else [*stream[: first + 1], news, *stream[first + 1 :]]
    return [more[0], {"type": "progress", "done": 0.5}, *more[1:]]


def repeat_usage(stream: Events) -> Events:
    """Sends the usage in an additional message_delta."""
    *rest, ended, stop = stream
    counted = {**ended, "delta": {}, "usage": {"output_tokens": 1}}
    return [*rest, counted, ended, stop]


def whole_usage(original: Callable[[Body], Body], message: Body) -> Body:
    return {**original(message), "usage": message["usage"]}


def start_without_usage(original: Callable[[Body], Body], message: Body) -> Body:
    """Sends the input tokens at the end."""
    start = original(message)
    start["message"]["usage"] = {"input_tokens": 0, "output_tokens": 0}
    return start


def end_with_nulls(original: Callable[[Body], Body], message: Body) -> Body:
    """Sends null for fields that do not apply, as the current reference does."""
    end = original(message)
    end["delta"].update(container=None, stop_details=None)
    end["usage"].update(server_tool_use=None, cache_creation_input_tokens=None)
    return end


def extra_keys(message: Body) -> None:
    message.update(provider="builtin", container=None, stop_details=None, x_extra=[1])
    for block in message["content"]:
        block.update(x_block={"a": None})
        if block["type"] == "text":
            block.setdefault("citations", None)
    message["usage"].update(cost=0.0001)


def drop_cache_usage(message: Body) -> None:
    for key in (*CACHED, *DETAILS):
        message["usage"].pop(key)


def null_usage(message: Body) -> None:
    message["usage"].update(dict.fromkeys((*CACHED, *DETAILS)))


def report_cached(message: Body) -> None:
    """Reports all input tokens but one as cached."""
    usage = message["usage"]
    usage.update(cache_read_input_tokens=usage["input_tokens"] - 1, input_tokens=1)


def other_ids(original: Callable[..., Any], request: Body, ids: ResponseIds) -> Any:
    return original(request, BedrockIds(ids.digest))


class BedrockIds(ResponseIds):
    """Sends ids in the format of Bedrock."""

    @property
    def message_id(self) -> str:
        return f"msg_bdrk_{self.digest[:24]}"

    def call_id(self, number: int, prefix: str = "call") -> str:
        return f"{prefix}_bdrk_{super().call_id(number)[5:]}"


STREAMS = (
    Variant("messages.no-ping", "sends no pings", events(without_pings)),
    Variant("messages.pings", "sends a ping before every event", events(ping_before_events)),
    Variant("messages.ping-first", "sends a ping before the first event",
            events(lambda stream: ping(stream, 0))),
    Variant("messages.news", "sends newer events and deltas", events(add_new_events)),
    Variant("messages.told-twice", "sends the usage during the stream", events(repeat_usage)),
    Variant("messages.usage-whole", "sends the whole usage at the end",
            {"anthropic.message_delta": whole_usage}),
    Variant("messages.usage-late", "sends the input tokens at the end",
            {"anthropic.message_delta": whole_usage,
                "anthropic.message_start": start_without_usage}),
    Variant("messages.end-null", "sends null for fields that do not apply",
            {"anthropic.message_delta": end_with_nulls}),
    Variant("messages.letters", "streams one character per delta",
            {"anthropic.text_pieces": lambda original, text: list(text),
             "anthropic.json_pieces": lambda original, value: list("".join(original(value)))}),
    Variant("messages.one-piece", "streams each block in one piece",
            {"anthropic.text_pieces": lambda original, text: [text],
             "anthropic.json_pieces": lambda original, value: ["".join(original(value))]},
            affects=("anthropic-messages/stream.content_block_delta",), causes=("signal",)),
    Variant("messages.empty-pieces", "streams empty pieces in addition",
            {"anthropic.text_pieces": lambda original, text: ["", *original(text), ""],
             "anthropic.json_pieces": lambda original, value: ["", *original(value), ""]}),
    Variant("messages.no-empty-piece", "starts calls without an empty piece",
            {"anthropic.json_pieces": lambda original, value: [p for p in original(value) if p]}),
)  # fmt: skip

ANSWERS = (
    Variant("messages.keys-extra", "adds unknown fields to messages", message(extra_keys)),
    Variant("messages.usage-bare", "omits cache fields", message(drop_cache_usage)),
    Variant("messages.usage-null", "sends null for cache fields", message(null_usage)),
    Variant("messages.cache", "reads prompts from a cache without a request for it",
            message(report_cached)),
    Variant("messages.ids", "sends ids in another format", {"anthropic.respond": other_ids}),
    Variant("messages.model-dated", "sends the model name with a version in messages",
            message(lambda message: message.update(model=f"{message['model']}-20251101"))),
)  # fmt: skip

MESSAGES = (*STREAMS, *ANSWERS)
