"""Forwards requests of callers of Responses to a provider of the same protocol.

Each method is a hook that a mutant can override.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar

from harness.testbed.forward import errors
from harness.testbed.forward.provider_client import JSON, ProviderClient
from harness.testbed.gateway.endpoint import Body, Headers, Reply
from harness.testbed.gateway.model_types import ModelReply, ModelRequest

ENDS = ("response.completed", "response.incomplete")
TEXT = "response.output_text.delta"


class ToResponses(ProviderClient):
    """Sends requests unchanged, with the key of the gateway, and answers as the provider does."""

    path: ClassVar[str] = "/v1/responses"
    protocol: ClassVar[str] = "openai"  # of its errors and headers

    def headers(self, request: ModelRequest) -> Headers:
        return [JSON, *self.auth(request)]

    def auth(self, request: ModelRequest) -> Headers:
        """Sends the provider's key. Must not forward the key of the caller."""
        return [("authorization", f"Bearer {self.key}")]

    def body(self, request: ModelRequest) -> Body:
        return dict(request.original)

    def to_model_reply(self, request: ModelRequest, body: Body) -> ModelReply:
        if not isinstance(body.get("output"), list):
            raise errors.unreadable_answer()
        used = body.get("usage") or {}
        return ModelReply(
            text="".join(texts(body)),
            calls=tuple((item["name"], item["arguments"]) for item in calls(body)),
            input_tokens=used.get("input_tokens") or 0,
            output_tokens=used.get("output_tokens") or 0,
            response=body,
        )

    def events(self, reply: Reply) -> Iterator[Body]:
        """Yields the events; those that end a stream by an error have it as a member."""
        for event in super().events(reply):
            if event.get("type") == "error" and "error" not in event:
                yield {"error": event}
            elif event.get("type") == "response.failed":
                yield {"error": event["response"].get("error") or {}}
            else:
                yield event

    def merge_events(self, events: list[Body]) -> tuple[Body, bool]:
        """Returns the response of the last event, or what arrived of it."""
        last = events[-1] if events else {}
        if last.get("type") in ENDS:
            return dict(last["response"]), True
        started: Body = next((event["response"] for event in events if "response" in event), {})
        items = [e["item"] for e in events if e.get("type") == "response.output_item.done"]
        text = "".join(event["delta"] for event in events if event.get("type") == TEXT)
        if text and not any(item["type"] == "message" for item in items):
            added = (e["item"] for e in events if e.get("type") == "response.output_item.added")
            part = {"type": "output_text", "text": text, "annotations": []}
            begun: Body = next((item for item in added if item["type"] == "message"), {})
            items.append({**begun, "content": [part]})
        return {**started, "output": items}, False


def texts(body: Body) -> Iterator[str]:
    for item in body["output"]:
        for part in item.get("content") or () if item["type"] == "message" else ():
            yield str(part.get("text") or part.get("refusal") or "")


def calls(body: Body) -> Iterator[Body]:
    return (item for item in body["output"] if item["type"] == "function_call")
