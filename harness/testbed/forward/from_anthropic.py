"""Converts answers of the Anthropic protocol to model replies.

Thinking is dropped for callers of the OpenAI protocol, which has no field for it.

Each method is a hook that a mutant can override.
"""

from __future__ import annotations

import json

from harness.testbed.forward import errors, response_parser
from harness.testbed.forward.provider_client import ProviderClient
from harness.testbed.gateway.endpoint import Body
from harness.testbed.gateway.model_types import Finish, Json, ModelReply, ModelRequest, Usage

FINISH: dict[str, Finish] = {
    "end_turn": "end",
    "max_tokens": "length",
    "model_context_window_exceeded": "length",
    "stop_sequence": "stop",
    "tool_use": "calls",
    "refusal": "refused",
    "pause_turn": "paused",
}
# The members of an answer and of its usage that only this protocol has.
OWN_FIELDS = ("stop_details", "container", "context_management", "diagnostics")
OWN_USAGE = (
    *("cache_creation", "output_tokens_details", "server_tool_use", "service_tier"),
    *("inference_geo", "speed"),
)
# The key of a delta and the key of the block that it extends.
DELTA_KEYS = {
    "text": "text",
    "thinking": "thinking",
    "signature": "signature",
    "partial_json": "json",
}


class FromAnthropic(ProviderClient):
    """Reads the answers of an Anthropic provider."""

    def to_model_reply(self, request: ModelRequest, body: Body) -> ModelReply:
        content = body.get("content")
        if not isinstance(content, list):
            raise errors.unreadable_answer()
        calls = [block for block in content if block.get("type") == "tool_use"]
        used = self.usage(body)
        same = request.caller_protocol == self.protocol
        return ModelReply(
            text=self.text(content),
            calls=tuple((call["name"], self.arguments(call)) for call in calls),
            finish=self.finish_reason(body),
            input_tokens=used.input_tokens + used.cache_read + used.cache_write,
            output_tokens=used.output_tokens,
            stop_sequence=str(body.get("stop_sequence") or ""),
            call_ids=tuple(call["id"] for call in calls),
            blocks=self.to_blocks(content) if same else None,
            usage=used,
            native_reason=str(body.get("stop_reason") or "") if same else "",
            own_fields=self.own_fields(body) if same else {},
            own_usage=self.own_usage(body) if same else {},
        )

    def own_fields(self, body: Body) -> Body:
        """Returns the members of an answer that only this protocol has."""
        return {name: body[name] for name in OWN_FIELDS if name in body}

    def own_usage(self, body: Body) -> Body:
        """Returns the members of the usage that only this protocol has."""
        usage = body.get("usage") or {}
        return {name: usage[name] for name in OWN_USAGE if name in usage}

    def text(self, content: list[Body]) -> str:
        """Joins the text blocks; thinking is left out."""
        return "".join(block["text"] for block in content if block.get("type") == "text")

    def to_blocks(self, content: list[Body]) -> tuple[Body, ...]:
        return tuple(content)

    def arguments(self, call: Body) -> str:
        return json.dumps(call["input"], ensure_ascii=False)

    def finish_reason(self, body: Body) -> Finish:
        return FINISH.get(str(body.get("stop_reason")), "end")

    def usage(self, body: Body) -> Usage:
        usage = body.get("usage") or {}
        return Usage(
            usage.get("input_tokens") or 0,
            usage.get("output_tokens") or 0,
            usage.get("cache_read_input_tokens") or 0,
            usage.get("cache_creation_input_tokens") or 0,
        )

    def merge_events(self, events: list[Body]) -> tuple[Body, bool]:
        body: Body = {"content": [], "usage": {}}
        blocks: dict[Json, Body] = {}
        for event in events:
            match event.get("type"):
                case "message_start":
                    body = {**event["message"], "content": []}
                case "content_block_start":
                    blocks[event.get("index")] = dict(event["content_block"])
                case "content_block_delta":
                    self.add(blocks.setdefault(event.get("index"), {}), event["delta"])
                case "message_delta":
                    body.update(event["delta"])
                    used = {k: v for k, v in (event.get("usage") or {}).items() if v is not None}
                    body["usage"] = {**(body.get("usage") or {}), **used}
        is_complete = body.get("stop_reason") is not None
        body["content"] = [
            closed for block in blocks.values() if (closed := self.finish_block(block))
        ]
        return body, is_complete

    def add(self, block: Body, delta: Body) -> None:
        for source, target in DELTA_KEYS.items():
            if source in delta:
                block[target] = block.get(target, "") + delta[source]
        if "citation" in delta:
            block["citations"] = [*(block.get("citations") or ()), delta["citation"]]

    def finish_block(self, block: Body) -> Body:
        """Returns the complete block; an empty one for empty text and for an incomplete call."""
        arguments = block.pop("json", "")
        if block.get("type") == "text" and not block.get("text"):
            return {}
        if arguments:
            parsed = response_parser.parse_arguments(arguments)
            return {} if parsed is None else {**block, "input": parsed}
        return block
