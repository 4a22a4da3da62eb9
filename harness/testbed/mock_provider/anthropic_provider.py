"""The Messages endpoint of the mock provider."""

from __future__ import annotations

from typing import Any, ClassVar

from harness.testbed.gateway.anthropic.base import KINDS
from harness.testbed.gateway.anthropic.endpoint import AnthropicEndpoint
from harness.testbed.gateway.endpoint import Body
from harness.testbed.gateway.ids import ResponseIds
from harness.testbed.gateway.model_types import Json, ModelReply
from harness.testbed.mock_provider.reply_script import Part, Script
from harness.testbed.mock_provider.scripted_endpoint import ScriptedEndpoint


class AnthropicProvider(ScriptedEndpoint, AnthropicEndpoint):
    """The Messages API of the mock provider."""

    overloaded: ClassVar[int] = 529
    kinds: ClassVar[dict[int, str]] = {**KINDS, 503: "api_error"}
    delta_marks: ClassVar[tuple[bytes, ...]] = (b"event: content_block_delta\n",)

    def find_model(self, name: str) -> Body:
        self.check_model_name(name)
        return self.model_card(name)

    def message(self, body: Body, reply: ModelReply, ids: ResponseIds) -> Body:
        return {**super().message(body, reply, ids), **self.extra_fields()}

    def content(self, reply: ModelReply, ids: ResponseIds) -> list[Body]:
        """Returns one block per part of the script, or the default content."""
        parts = self.script.parts if self.script else ()
        if not parts:
            return super().content(reply, ids)
        return [self.block(part, number, ids) for number, part in enumerate(parts)]

    def block(self, part: Part, number: int, ids: ResponseIds) -> Body:
        if "tool" in part:
            call_id, tool = ids.call_id(number, "toolu"), part["tool"]
            use = {"type": "tool_use", "id": call_id, "name": tool["name"]}
            return {**use, "input": tool.get("input", {})}
        if "thinking" in part:
            return self.thinking_block(part["thinking"], ids)
        return self.text_block(part["text"])

    def finish_reason(self, reply: ModelReply) -> Json:
        scripted = self.script.stop if self.script else ""
        return self.native_reason(scripted or super().finish_reason(reply))

    def text_pieces(self, text: str) -> list[str]:
        return self.scripted_pieces(text, super().text_pieces(text))

    def json_pieces(self, value: Json) -> list[str]:
        text = self.dumps(value).decode()
        return self.scripted_fragments(text, super().json_pieces(value))

    def ping_frame(self) -> bytes:
        return self.frame("ping", self.dumps(self.ping_event()))

    def error_frame(self, error: Json) -> bytes:
        return self.frame("error", self.dumps(error))

    def error_object(self, script: Script, status: int, ids: ResponseIds) -> dict[str, Any]:
        kind, message = self.error_type_and_message(script, status)
        error = {"type": kind, "message": message}
        return {"type": "error", "error": error, "request_id": ids.request_id}
