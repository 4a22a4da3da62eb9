"""Request -> reply, as OpenAI's Responses endpoint gives it. May not open a socket.

The least that is right: instructions, texts, images and function tools; nothing is stored.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar

from harness.testbed.gateway.endpoint import Body, Pages
from harness.testbed.gateway.ids import Seal
from harness.testbed.gateway.model_types import Ask, Json, Said
from harness.testbed.mock_provider import responses_validation as rules
from harness.testbed.mock_provider.openai_provider import OpenAIProvider

# Why an answer is not whole.
INCOMPLETE = {"length": "max_output_tokens", "refused": "content_filter"}


class ResponsesProvider(OpenAIProvider):
    pages: ClassVar[Pages] = {"/v1/responses": ("POST", "chat")}
    signs: ClassVar[tuple[bytes, ...]] = (b".delta\n",)

    def check(self, body: Body) -> None:
        rules.check(body)

    def understand(self, body: Body) -> Ask:
        return super().understand(rules.as_chat(body))

    def completion(self, body: Body, said: Said, seal: Seal) -> Body:
        cause = self.native(INCOMPLETE.get(said.why))
        whole: Body = {
            "id": f"resp_{seal.digest[:24]}",
            "object": "response",
            "created_at": seal.created,
            "status": "incomplete" if cause else "completed",
            "error": None,
            "incomplete_details": {"reason": cause} if cause else None,
            "instructions": body.get("instructions"),
            "metadata": body.get("metadata") or {},
            "model": body["model"],
            "output": self.output(said, seal),
            "parallel_tool_calls": body.get("parallel_tool_calls") is not False,
            "temperature": 1.0 if body.get("temperature") is None else body["temperature"],
            "tool_choice": body.get("tool_choice") or "auto",
            "tools": body.get("tools") or [],
            "top_p": 1.0 if body.get("top_p") is None else body["top_p"],
            "usage": self.spent(said),
        }
        return {**whole, **self.more()}

    def output(self, said: Said, seal: Seal) -> list[Body]:
        """The thought, whose text is not shown, the message, the calls."""
        items: list[Body] = []
        if said.thought:
            items.append({"type": "reasoning", "id": f"rs_{seal.digest[:24]}", "summary": []})
        if said.text or not said.calls:
            text = {"type": "output_text", "text": said.text, "annotations": [], "logprobs": []}
            head = {"type": "message", "id": f"msg_{seal.digest[:24]}", "role": "assistant"}
            items.append({**head, "status": "completed", "content": [text]})
        for number, (name, arguments) in enumerate(said.calls):
            ids = {"id": seal.call_id(number, "fc"), "call_id": seal.call_id(number)}
            call = {"name": name, "arguments": arguments, "status": "completed"}
            items.append({"type": "function_call", **ids, **call})
        return items

    def spent(self, said: Said) -> Body:
        cached = said.usage.cache_read if said.usage else 0
        return {
            "input_tokens": said.read,
            "input_tokens_details": {"cached_tokens": cached},
            "output_tokens": said.wrote,
            "output_tokens_details": {"reasoning_tokens": 0},
            "total_tokens": said.read + said.wrote,
        }

    def events(self, body: Body, whole: Body) -> list[Body]:
        """The response is created, its items come piece by piece, and it is completed."""
        ahead = {**whole, "status": "in_progress", "output": [], "usage": None}
        ahead["incomplete_details"] = None
        events: list[Body] = [
            {"type": "response.created", "response": ahead},
            {"type": "response.in_progress", "response": ahead},
        ]
        for index, item in enumerate(whole["output"]):
            events += self.item_events(index, item)
        events.append({"type": f"response.{whole['status']}", "response": whole})
        return [{**event, "sequence_number": number} for number, event in enumerate(events)]

    def item_events(self, index: int, item: Body) -> Iterator[Body]:
        at = {"output_index": index}
        empty: Body = {"content": []} if item["type"] == "message" else {}
        if item["type"] == "function_call":
            empty = {"arguments": ""}
        opened = {**item, "status": "in_progress", **empty}
        yield {"type": "response.output_item.added", **at, "item": opened}
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
        for piece in self.fragments_of(arguments, [arguments]):
            yield {"type": "response.function_call_arguments.delta", **at, "delta": piece}
        yield {"type": "response.function_call_arguments.done", **at, "arguments": arguments}

    def frames(self, events: list[Body]) -> list[bytes]:
        """One write for each event; no end mark."""
        return [self.named(event) for event in events]

    def named(self, event: Body) -> bytes:
        name = str(event["type"]).encode()
        return b"event: " + name + b"\ndata: " + self.dumps(event) + b"\n\n"

    def error_frame(self, error: Json) -> bytes:
        told = error["error"]
        return self.named({**told, "type": "error", "code": told["type"], "sequence_number": 99})
