"""Converts model replies to messages and stream events of the Messages protocol.

Each method is a hook that a mutant can override. Stream events are made from
the plain answer, so a mutant of the answer changes both.
"""

from __future__ import annotations

import json
from collections.abc import Iterator

from harness.testbed.gateway import chunking, tokenizer, web_search
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
# The fields of a block that are empty in its start event, since deltas fill them.
EMPTY_FIELDS: dict[str, Body] = {
    "text": {"text": ""},
    "thinking": {"thinking": "", "signature": ""},
    "tool_use": {"input": {}},
    "server_tool_use": {"input": {}},
}
# Why the message ends; null at the start of a stream.
STOP_FIELDS = ("stop_reason", "stop_sequence", "stop_details")
# The members of a message and of its usage that the end of a stream reports.
LATE_FIELDS = (*STOP_FIELDS, "container")
LATE_USAGE = ("output_tokens_details", "server_tool_use")


class ResponseWriter(AnthropicEndpointBase):
    """Writes Messages answers and streams."""

    def message(self, body: Body, reply: ModelReply, ids: ResponseIds) -> Body:
        edits: Body = {"context_management": {"applied_edits": []}}
        return {
            "id": ids.message_id,
            "type": "message",
            "role": "assistant",
            "model": body["model"],
            "content": self.displayed(body, self.content(reply, ids)),
            "stop_reason": self.finish_reason(reply),
            "stop_sequence": self.stop_sequence(reply),
            "stop_details": None,
            "usage": self.usage(reply),
            **(edits if body.get("context_management") else {}),
            **self.own_fields(reply),
        }

    def own_fields(self, reply: ModelReply) -> Body:
        """Returns the members of a provider's answer that only this protocol has."""
        return dict(reply.own_fields)

    def displayed(self, body: Body, content: list[Body]) -> list[Body]:
        """Returns the content; of thinking that is not to be shown, only the signature."""
        if (body.get("thinking") or {}).get("display") != "omitted":
            return content
        return [{**b, "thinking": ""} if b["type"] == "thinking" else b for b in content]

    def content(self, reply: ModelReply, ids: ResponseIds) -> list[Body]:
        """Returns thinking, text and calls; or the blocks of the provider in their order."""
        if reply.blocks is not None:
            return [dict(block) for block in reply.blocks]
        content = [self.thinking_block(reply.thinking, ids)] if reply.thinking else []
        content += web_search.blocks(reply.search, ids.call_id(0, "srvtoolu"))
        if reply.text:
            block = self.text_block(reply.text)
            cited: Body = {"citations": list(reply.citations)} if reply.citations else {}
            content.append({**block, **cited})
        return content + self.tool_uses(reply, ids)

    def thinking_block(self, thinking: str, ids: ResponseIds) -> Body:
        return {"type": "thinking", "thinking": thinking, "signature": ids.signature}

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
        """Counts thinking as output. An empty answer counts as one token."""
        output_tokens = max(1, reply.output_tokens + tokenizer.count(reply.thinking))
        used = reply.usage or Usage(reply.input_tokens, output_tokens)
        searches = {"web_search_requests": int(bool(reply.search)), "web_fetch_requests": 0}
        written = {"ephemeral_5m_input_tokens": used.cache_write, "ephemeral_1h_input_tokens": 0}
        return {
            "input_tokens": used.input_tokens,
            "cache_creation_input_tokens": used.cache_write,
            "cache_read_input_tokens": used.cache_read,
            "output_tokens": used.output_tokens,
            "cache_creation": written,
            "output_tokens_details": {"thinking_tokens": tokenizer.count(reply.thinking)},
            "server_tool_use": searches if reply.search else None,
            "service_tier": "standard",
            "inference_geo": None,
            **self.own_usage(reply),
        }

    def own_usage(self, reply: ModelReply) -> Body:
        """Returns the members of a provider's usage that only this protocol has."""
        return dict(reply.own_usage)

    def events(self, body: Body, message: Body) -> list[Body]:
        """Returns message start, ping, the events of each block, message delta and stop."""
        events = [self.message_start(message), self.ping_event()]
        for index, block in enumerate(message["content"]):
            events += self.block_events(index, block)
        return [*events, self.message_delta(message), self.message_stop()]

    def message_start(self, message: Body) -> Body:
        usage = {**message["usage"], "output_tokens": 1}
        start: Body = {"content": [], **dict.fromkeys(STOP_FIELDS), "usage": usage}
        return {"type": "message_start", "message": {**message, **start}}

    def ping_event(self) -> Body:
        return {"type": "ping"}

    def block_events(self, index: int, block: Body) -> list[Body]:
        """Returns start, deltas and stop of a block."""
        start = {**block, **EMPTY_FIELDS.get(block["type"], {})}
        if start.get("citations"):
            start["citations"] = []
        head = {"type": "content_block_start", "index": index, "content_block": start}
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
                for citation in block.get("citations") or ():
                    yield {"type": "citations_delta", "citation": citation}
            case "thinking":
                for piece in self.text_pieces(block["thinking"]):
                    yield {"type": "thinking_delta", "thinking": piece}
                yield {"type": "signature_delta", "signature": block["signature"]}
            case "tool_use" | "server_tool_use":
                for piece in self.json_pieces(block["input"]):
                    yield {"type": "input_json_delta", "partial_json": piece}

    def text_pieces(self, text: str) -> list[str]:
        return chunking.split_text(text)

    def json_pieces(self, value: Json) -> list[str]:
        """Starts with an empty piece, as the reference does. Empty input has only that piece."""
        return ["", *(chunking.split_json(json.dumps(value, ensure_ascii=False)) if value else ())]

    def message_delta(self, message: Body) -> Body:
        delta = {key: message[key] for key in LATE_FIELDS if key in message}
        usage = message["usage"]
        details = {key: usage[key] for key in LATE_USAGE if key in usage}
        used = {"output_tokens": usage.get("output_tokens"), **details}
        return {"type": "message_delta", "delta": delta, "usage": used}

    def message_stop(self) -> Body:
        return {"type": "message_stop"}

    def frames(self, events: list[Body]) -> list[bytes]:
        """Writes one frame per event."""
        return [self.frame(event["type"], self.dumps(event)) for event in events]

    def error_frames(self, events: list[Body], error: Body) -> list[bytes]:
        """Writes the events until an error, and the error. The last block is not closed."""
        sent = [event for event in events if event["type"] not in ("message_delta", "message_stop")]
        if sent[-1]["type"] == "content_block_stop":
            sent.pop()
        return [self.frame(event["type"], self.dumps(event)) for event in [*sent, error]]

    def frame(self, name: str, data: bytes) -> bytes:
        return b"event: " + name.encode() + b"\ndata: " + data + b"\n\n"
