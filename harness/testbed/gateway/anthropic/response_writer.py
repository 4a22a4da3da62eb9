"""What the provider said -> a message, and the events of its stream. May not know headers.

Each method is a hook that a mutant can override. A stream is cut from the
plain answer, so what is wrong in the one is wrong in the other, unless it is wrong in the cutting.
"""

from __future__ import annotations

import json
from collections.abc import Iterator

from harness.testbed.gateway import chunking, tokenizer
from harness.testbed.gateway.anthropic.base import AnthropicEndpointBase
from harness.testbed.gateway.endpoint import Body
from harness.testbed.gateway.ids import ResponseIds
from harness.testbed.gateway.model_types import Json, ModelReply, Usage

REASONS = {
    "end": "end_turn",
    "stop": "stop_sequence",
    "length": "max_tokens",
    "calls": "tool_use",
    "refused": "refusal",
    "paused": "pause_turn",
}
# How a block begins in a stream: what its deltas fill in is empty.
EMPTY: dict[str, Body] = {
    "text": {"text": ""},
    "thinking": {"thinking": "", "signature": ""},
    "tool_use": {"input": {}},
}


class Writing(AnthropicEndpointBase):
    def message(self, body: Body, reply: ModelReply, ids: ResponseIds) -> Body:
        return {
            "id": ids.message_id,
            "type": "message",
            "role": "assistant",
            "model": body["model"],
            "content": self.content(reply, ids),
            "stop_reason": self.finish_reason(reply),
            "stop_sequence": self.stop_sequence(reply),
            "usage": self.usage(reply),
        }

    def content(self, reply: ModelReply, ids: ResponseIds) -> list[Body]:
        """The thought first, then the text if there is one, then calls; or as the provider did."""
        if reply.blocks is not None:
            return [dict(block) for block in reply.blocks]
        content = [self.thinking_block(reply.thinking, ids)] if reply.thinking else []
        if reply.text:
            content.append(self.text_block(reply.text))
        return content + self.tool_uses(reply, ids)

    def thinking_block(self, thought: str, ids: ResponseIds) -> Body:
        return {"type": "thinking", "thinking": thought, "signature": ids.signature}

    def text_block(self, text: str) -> Body:
        return {"type": "text", "text": text}

    def tool_uses(self, reply: ModelReply, ids: ResponseIds) -> list[Body]:
        return [
            {
                "type": "tool_use",
                "id": ids.call_id(number, "toolu"),
                "name": name,
                "input": json.loads(arguments),
            }
            for number, (name, arguments) in enumerate(reply.calls)
        ]

    def finish_reason(self, reply: ModelReply) -> Json:
        return reply.native_reason or REASONS[reply.finish]

    def stop_sequence(self, reply: ModelReply) -> Json:
        return reply.stop_sequence or None

    def usage(self, reply: ModelReply) -> Body:
        """Thoughts are counted too; nothing at all is one token."""
        wrote = max(1, reply.output_tokens + tokenizer.count(reply.thinking))
        used = reply.usage or Usage(reply.input_tokens, wrote)
        return {
            "input_tokens": used.input_tokens,
            "cache_creation_input_tokens": used.cache_write,
            "cache_read_input_tokens": used.cache_read,
            "output_tokens": used.output_tokens,
            "service_tier": "standard",
        }

    def events(self, body: Body, whole: Body) -> list[Body]:
        """The start, a ping, each block's start, deltas and stop, the end of the message."""
        events = [self.message_start(whole), self.ping_event()]
        for index, block in enumerate(whole["content"]):
            events += self.block_events(index, block)
        return [*events, self.message_delta(whole), self.message_stop()]

    def message_start(self, whole: Body) -> Body:
        usage = {**whole["usage"], "output_tokens": 1}
        ahead: Body = {"content": [], "stop_reason": None, "stop_sequence": None, "usage": usage}
        return {"type": "message_start", "message": {**whole, **ahead}}

    def ping_event(self) -> Body:
        return {"type": "ping"}

    def block_events(self, index: int, block: Body) -> list[Body]:
        """A block's start, deltas and stop."""
        opened = {**block, **EMPTY.get(block["type"], {})}
        head = {"type": "content_block_start", "index": index, "content_block": opened}
        deltas = [
            {"type": "content_block_delta", "index": index, "delta": delta}
            for delta in self.deltas(block)
        ]
        return [head, *deltas, {"type": "content_block_stop", "index": index}]

    def deltas(self, block: Body) -> Iterator[Body]:
        match block["type"]:
            case "text":
                for piece in self.text_pieces(block["text"]):
                    yield {"type": "text_delta", "text": piece}
            case "thinking":
                for piece in self.text_pieces(block["thinking"]):
                    yield {"type": "thinking_delta", "thinking": piece}
                yield {"type": "signature_delta", "signature": block["signature"]}
            case "tool_use":
                for piece in self.json_pieces(block["input"]):
                    yield {"type": "input_json_delta", "partial_json": piece}

    def text_pieces(self, text: str) -> list[str]:
        return chunking.split_text(text)

    def json_pieces(self, value: Json) -> list[str]:
        """An empty piece first, as the reference sends it; nothing but that where there is none."""
        return ["", *(chunking.split_json(json.dumps(value, ensure_ascii=False)) if value else ())]

    def message_delta(self, whole: Body) -> Body:
        delta = {key: whole[key] for key in ("stop_reason", "stop_sequence") if key in whole}
        used = {"output_tokens": whole["usage"].get("output_tokens")}
        return {"type": "message_delta", "delta": delta, "usage": used}

    def message_stop(self) -> Body:
        return {"type": "message_stop"}

    def frames(self, events: list[Body]) -> list[bytes]:
        """One write for each event."""
        return [self.frame(event["type"], self.dumps(event)) for event in events]

    def error_frames(self, events: list[Body], error: Body) -> list[bytes]:
        """What was said until it broke off, and why; the last block is never closed."""
        told = [event for event in events if event["type"] not in ("message_delta", "message_stop")]
        if told[-1]["type"] == "content_block_stop":
            told.pop()
        return [self.frame(event["type"], self.dumps(event)) for event in [*told, error]]

    def frame(self, name: str, data: bytes) -> bytes:
        return b"event: " + name.encode() + b"\ndata: " + data + b"\n\n"
