"""Compliant ways to forward Responses to a provider of the same protocol."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from harness.testbed.base import Variant
from harness.testbed.gateway.model_types import Json, ModelRequest

Body = dict[str, Json]


def as_items(original: Callable[[ModelRequest], Body], request: ModelRequest) -> Body:
    """Sends texts as items with parts, the instructions as the first of them."""
    body = dict(original(request))
    data = body["input"]
    items = [{"role": "user", "content": data}] if isinstance(data, str) else data
    instructions = body.pop("instructions", None)
    head = [{"role": "developer", "content": instructions}] if instructions else []
    return {**body, "input": [in_parts(item) for item in [*head, *items]]}


def in_parts(item: Json) -> Json:
    if not isinstance(item, dict) or not isinstance(item.get("content"), str):
        return item
    kind = "output_text" if item.get("role") == "assistant" else "input_text"
    part = {"type": kind, "text": item["content"]}
    return {"type": "message", **item, "content": [part]}


def in_full(original: Callable[[Body], ModelRequest], body: Body) -> ModelRequest:
    """Stores conversations itself, so that the provider gets each in full."""
    endpoint = original.__self__  # type: ignore[attr-defined]
    whole = {**body, "input": endpoint.conversation(body)}
    whole.pop("previous_response_id", None)
    return replace(original(body), original=whole)


FORWARDED_RESPONSES = (
    Variant("forwarding.items", "sends instructions and texts as items with parts",
            {"forward.responses.body": as_items}),
    Variant("forwarding.in-full", "sends the provider the whole conversation, without an id",
            {"responses.read_request": in_full}),
)  # fmt: skip
