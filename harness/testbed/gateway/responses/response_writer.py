"""Converts model replies to responses and their events.

Each method is a hook that a mutant can override. Events are made from the plain answer, so a mutant
of the answer changes both.
"""

from __future__ import annotations

from collections.abc import Iterator

from harness.testbed.gateway.endpoint import Body
from harness.testbed.gateway.ids import ResponseIds
from harness.testbed.gateway.model_types import Json, ModelReply
from harness.testbed.gateway.openai.response_writer import ResponseWriter

# The reason of an incomplete answer, by finish reason.
INCOMPLETE = {"length": "max_output_tokens", "refused": "content_filter"}


class ResponsesWriter(ResponseWriter):
    """Writes answers and streams of the Responses protocol."""

    def completion(self, body: Body, reply: ModelReply, ids: ResponseIds) -> Body:
        cause = self.incomplete_reason(reply)
        return {
            "id": f"resp_{ids.digest[:24]}",
            "object": "response",
            "created_at": ids.created,
            "status": self.response_status(cause),
            "error": None,
            "incomplete_details": {"reason": cause} if cause else None,
            **self.echo(body),
            "model": body["model"],
            "output": self.output(reply, ids),
            "usage": self.response_usage(reply),
        }

    def incomplete_reason(self, reply: ModelReply) -> Json:
        return INCOMPLETE.get(reply.finish)

    def response_status(self, cause: Json) -> str:
        return "incomplete" if cause else "completed"

    def echo(self, body: Body) -> Body:
        """Returns the settings in force, those of the request or their defaults."""
        return {
            "instructions": body.get("instructions"),
            "max_output_tokens": body.get("max_output_tokens"),
            "metadata": body.get("metadata") or {},
            "parallel_tool_calls": body.get("parallel_tool_calls") is not False,
            "previous_response_id": body.get("previous_response_id"),
            "store": body.get("store") is not False,
            "temperature": 1.0 if body.get("temperature") is None else body["temperature"],
            "tool_choice": body.get("tool_choice") or "auto",
            "tools": body.get("tools") or [],
            "top_p": 1.0 if body.get("top_p") is None else body["top_p"],
        }

    def output(self, reply: ModelReply, ids: ResponseIds) -> list[Body]:
        """Returns the reasoning item, the message and the calls."""
        items: list[Body] = []
        if reply.thinking:
            items.append({"type": "reasoning", "id": f"rs_{ids.digest[:24]}", "summary": []})
        if reply.text or not reply.calls:
            items.append(self.message_item(reply, ids))
        return items + [self.call_item(number, reply, ids) for number in range(len(reply.calls))]

    def message_item(self, reply: ModelReply, ids: ResponseIds) -> Body:
        text = {"type": "output_text", "text": reply.text, "annotations": [], "logprobs": []}
        head = {"type": "message", "id": f"msg_{ids.digest[:24]}", "role": "assistant"}
        return {**head, "status": "completed", "content": [text]}

    def call_item(self, number: int, reply: ModelReply, ids: ResponseIds) -> Body:
        name, arguments = reply.calls[number]
        call_id = reply.call_ids[number] if reply.call_ids else ids.call_id(number)
        head = {"type": "function_call", "id": ids.call_id(number, "fc"), "call_id": call_id}
        return {**head, "name": name, "arguments": arguments, "status": "completed"}

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
        return self.numbered([*events, *self.last_events(answer)])

    def last_events(self, answer: Body) -> list[Body]:
        return [{"type": f"response.{answer['status']}", "response": answer}]

    def numbered(self, events: list[Body]) -> list[Body]:
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
        for piece in self.argument_pieces(arguments):
            yield {"type": "response.function_call_arguments.delta", **at, "delta": piece}
        yield {"type": "response.function_call_arguments.done", **at, "arguments": arguments}

    def argument_pieces(self, arguments: str) -> list[str]:
        return [arguments]

    def frames(self, events: list[Body]) -> list[bytes]:
        """Writes one frame per event; there is no end mark."""
        return [self.named_frame(event) for event in events]

    def named_frame(self, event: Body) -> bytes:
        name = str(event["type"]).encode()
        return b"event: " + name + b"\ndata: " + self.dumps(event) + b"\n\n"
