"""The Responses endpoint of the mock provider.

It supports instructions, texts, images and function tools, and stores nothing.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar

from harness.testbed.gateway.endpoint import Body, Routes
from harness.testbed.gateway.ids import ResponseIds
from harness.testbed.gateway.model_types import Json, ModelReply, ModelRequest
from harness.testbed.mock_provider import responses_validation as rules
from harness.testbed.mock_provider.openai_provider import OpenAIProvider

# The reason of an incomplete answer, by finish reason.
INCOMPLETE = {"length": "max_output_tokens", "refused": "content_filter"}


class ResponsesProvider(OpenAIProvider):
    """The Responses API of the mock provider."""

    routes: ClassVar[Routes] = {"/v1/responses": ("POST", "chat")}
    delta_marks: ClassVar[tuple[bytes, ...]] = (b".delta\n",)

    def check(self, body: Body) -> None:
        rules.check(body)

    def read_request(self, body: Body) -> ModelRequest:
        return super().read_request(rules.as_chat(body))

    def completion(self, body: Body, reply: ModelReply, ids: ResponseIds) -> Body:
        cause = self.native_reason(INCOMPLETE.get(reply.finish))
        answer: Body = {
            "id": f"resp_{ids.digest[:24]}",
            "object": "response",
            "created_at": ids.created,
            "status": "incomplete" if cause else "completed",
            "error": None,
            "incomplete_details": {"reason": cause} if cause else None,
            "instructions": body.get("instructions"),
            "metadata": body.get("metadata") or {},
            "model": body["model"],
            "output": self.output(reply, ids),
            "parallel_tool_calls": body.get("parallel_tool_calls") is not False,
            "temperature": 1.0 if body.get("temperature") is None else body["temperature"],
            "tool_choice": body.get("tool_choice") or "auto",
            "tools": body.get("tools") or [],
            "top_p": 1.0 if body.get("top_p") is None else body["top_p"],
            "usage": self.response_usage(reply),
        }
        return {**answer, **self.extra_fields()}

    def output(self, reply: ModelReply, response_ids: ResponseIds) -> list[Body]:
        """Returns the reasoning item, the message and the calls."""
        items: list[Body] = []
        if reply.thinking:
            items.append(
                {"type": "reasoning", "id": f"rs_{response_ids.digest[:24]}", "summary": []}
            )
        if reply.text or not reply.calls:
            text = {"type": "output_text", "text": reply.text, "annotations": [], "logprobs": []}
            head = {"type": "message", "id": f"msg_{response_ids.digest[:24]}", "role": "assistant"}
            items.append({**head, "status": "completed", "content": [text]})
        for number, (name, arguments) in enumerate(reply.calls):
            ids = {
                "id": response_ids.call_id(number, "fc"),
                "call_id": response_ids.call_id(number),
            }
            call = {"name": name, "arguments": arguments, "status": "completed"}
            items.append({"type": "function_call", **ids, **call})
        return items

    def response_usage(self, reply: ModelReply) -> Body:
        cached = reply.usage.cache_read if reply.usage else 0
        return {
            "input_tokens": reply.input_tokens,
            "input_tokens_details": {"cached_tokens": cached},
            "output_tokens": reply.output_tokens,
            "output_tokens_details": {"reasoning_tokens": 0},
            "total_tokens": reply.input_tokens + reply.output_tokens,
        }

    def events(self, body: Body, answer: Body) -> list[Body]:
        """Returns the events of a stream: created, in progress, the items in pieces, completed."""
        ahead = {**answer, "status": "in_progress", "output": [], "usage": None}
        ahead["incomplete_details"] = None
        events: list[Body] = [
            {"type": "response.created", "response": ahead},
            {"type": "response.in_progress", "response": ahead},
        ]
        for index, item in enumerate(answer["output"]):
            events += self.item_events(index, item)
        events.append({"type": f"response.{answer['status']}", "response": answer})
        return [{**event, "sequence_number": number} for number, event in enumerate(events)]

    def item_events(self, index: int, item: Body) -> Iterator[Body]:
        at = {"output_index": index}
        empty: Body = {"content": []} if item["type"] == "message" else {}
        if item["type"] == "function_call":
            empty = {"arguments": ""}
        added = {**item, "status": "in_progress", **empty}
        yield {"type": "response.output_item.added", **at, "item": added}
        if item["type"] == "message":
            yield from self.text_events({**at, "item_id": item["id"]}, item["content"][0])
        elif item["type"] == "function_call":
            yield from self.call_events({**at, "item_id": item["id"]}, item["arguments"])
        yield {"type": "response.output_item.done", **at, "item": item}

    def text_events(self, at: Body, part: Body) -> Iterator[Body]:
        at = {**at, "content_index": 0}
        yield {"type": "response.content_part.added", **at, "part": {**part, "text": ""}}
        for piece in self.text_pieces(part["text"]):
            yield {"type": "response.output_text.delta", **at, "delta": piece, "logprobs": []}
        yield {"type": "response.output_text.done", **at, "text": part["text"], "logprobs": []}
        yield {"type": "response.content_part.done", **at, "part": part}

    def call_events(self, at: Body, arguments: str) -> Iterator[Body]:
        for piece in self.scripted_fragments(arguments, [arguments]):
            yield {"type": "response.function_call_arguments.delta", **at, "delta": piece}
        yield {"type": "response.function_call_arguments.done", **at, "arguments": arguments}

    def frames(self, events: list[Body]) -> list[bytes]:
        """Writes one frame per event; there is no end mark."""
        return [self.named_frame(event) for event in events]

    def named_frame(self, event: Body) -> bytes:
        name = str(event["type"]).encode()
        return b"event: " + name + b"\ndata: " + self.dumps(event) + b"\n\n"

    def error_frame(self, error: Json) -> bytes:
        fields = error["error"]
        return self.named_frame(
            {**fields, "type": "error", "code": fields["type"], "sequence_number": 99}
        )
