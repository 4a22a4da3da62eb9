"""Anthropic's answer -> what was said. May not show what the caller's protocol has no place for.

Each method is a hook that a mutant can override.
"""

from __future__ import annotations

import json

from harness.testbed.forward import errors, response_parser
from harness.testbed.forward.provider_client import ProviderClient
from harness.testbed.gateway.endpoint import Body
from harness.testbed.gateway.model_types import Ask, Json, Said, Usage, Why

WHY: dict[str, Why] = {
    "end_turn": "end",
    "max_tokens": "length",
    "model_context_window_exceeded": "length",
    "stop_sequence": "stop",
    "tool_use": "calls",
    "refusal": "refused",
    "pause_turn": "paused",
}
# What a delta adds to: its own key and the block's.
ADDS = {"text": "text", "thinking": "thinking", "signature": "signature", "partial_json": "json"}


class FromAnthropic(ProviderClient):
    def said(self, ask: Ask, whole: Body) -> Said:
        content = whole.get("content")
        if not isinstance(content, list):
            raise errors.no_answer()
        calls = [block for block in content if block.get("type") == "tool_use"]
        used = self.usage(whole)
        same = ask.spoken == self.protocol
        return Said(
            text=self.text(content),
            calls=tuple((call["name"], self.arguments(call)) for call in calls),
            why=self.why(whole),
            read=used.read + used.cache_read + used.cache_write,
            wrote=used.wrote,
            met=str(whole.get("stop_sequence") or ""),
            ids=tuple(call["id"] for call in calls),
            blocks=self.shown(content) if same else None,
            usage=used,
            native=str(whole.get("stop_reason") or "") if same else "",
        )

    def text(self, content: list[Body]) -> str:
        """What was said; what was thought is not shown."""
        return "".join(block["text"] for block in content if block.get("type") == "text")

    def shown(self, content: list[Body]) -> tuple[Body, ...]:
        return tuple(content)

    def arguments(self, call: Body) -> str:
        return json.dumps(call["input"], ensure_ascii=False)

    def why(self, whole: Body) -> Why:
        return WHY.get(str(whole.get("stop_reason")), "end")

    def usage(self, whole: Body) -> Usage:
        told = whole.get("usage") or {}
        return Usage(
            told.get("input_tokens") or 0,
            told.get("output_tokens") or 0,
            told.get("cache_read_input_tokens") or 0,
            told.get("cache_creation_input_tokens") or 0,
        )

    def fold(self, events: list[Body]) -> tuple[Body, bool]:
        whole: Body = {"content": [], "usage": {}}
        blocks: dict[Json, Body] = {}
        for event in events:
            match event.get("type"):
                case "message_start":
                    whole = {**event["message"], "content": []}
                case "content_block_start":
                    blocks[event.get("index")] = dict(event["content_block"])
                case "content_block_delta":
                    self.add(blocks.setdefault(event.get("index"), {}), event["delta"])
                case "message_delta":
                    whole.update(event["delta"])
                    used = {k: v for k, v in (event.get("usage") or {}).items() if v is not None}
                    whole["usage"] = {**(whole.get("usage") or {}), **used}
        ended = whole.get("stop_reason") is not None
        whole["content"] = [done for block in blocks.values() if (done := self.closed(block))]
        return whole, ended

    def add(self, block: Body, delta: Body) -> None:
        for theirs, ours in ADDS.items():
            if theirs in delta:
                block[ours] = block.get(ours, "") + delta[theirs]

    def closed(self, block: Body) -> Body:
        """The whole block; nothing of a call that broke off, and of a text without a letter."""
        told = block.pop("json", "")
        if block.get("type") == "text" and not block.get("text"):
            return {}
        if told:
            given = response_parser.arguments(told)
            return {} if given is None else {**block, "input": given}
        return block
