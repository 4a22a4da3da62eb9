"""Request -> reply, as Anthropic itself gives it, or a script wants it. May not open a socket."""

from __future__ import annotations

from typing import Any, ClassVar

from harness.testbed.gateway.anthropic.base import KINDS
from harness.testbed.gateway.anthropic.endpoint import AnthropicEndpoint
from harness.testbed.gateway.endpoint import Body
from harness.testbed.gateway.ids import Seal
from harness.testbed.gateway.model_types import Json, Said
from harness.testbed.mock_provider.reply_script import Part, Script
from harness.testbed.mock_provider.scripted_endpoint import ScriptedEndpoint


class AnthropicProvider(ScriptedEndpoint, AnthropicEndpoint):
    overloaded: ClassVar[int] = 529
    kinds: ClassVar[dict[int, str]] = {**KINDS, 503: "api_error"}
    signs: ClassVar[tuple[bytes, ...]] = (b"event: content_block_delta\n",)

    def find_model(self, name: str) -> Body:
        self.known(name)
        return self.model_card(name)

    def message(self, body: Body, said: Said, seal: Seal) -> Body:
        return {**super().message(body, said, seal), **self.more()}

    def content(self, said: Said, seal: Seal) -> list[Body]:
        """The script's parts, each a block, in their order."""
        parts = self.script.parts if self.script else ()
        if not parts:
            return super().content(said, seal)
        return [self.block(part, number, seal) for number, part in enumerate(parts)]

    def block(self, part: Part, number: int, seal: Seal) -> Body:
        if "tool" in part:
            id_, tool = seal.call_id(number, "toolu"), part["tool"]
            use = {"type": "tool_use", "id": id_, "name": tool["name"]}
            return {**use, "input": tool.get("input", {})}
        if "thinking" in part:
            return self.thinking_block(part["thinking"], seal)
        return self.text_block(part["text"])

    def reason(self, said: Said) -> Json:
        told = self.script.stop if self.script else ""
        return self.native(told or super().reason(said))

    def text_pieces(self, text: str) -> list[str]:
        return self.pieces_of(text, super().text_pieces(text))

    def json_pieces(self, value: Json) -> list[str]:
        whole = self.dumps(value).decode()
        return self.fragments_of(whole, super().json_pieces(value))

    def ping_frame(self) -> bytes:
        return self.frame("ping", self.dumps(self.ping()))

    def error_frame(self, error: Json) -> bytes:
        return self.frame("error", self.dumps(error))

    def error_told(self, script: Script, status: int, seal: Seal) -> dict[str, Any]:
        kind, message = self.fault(script, status)
        error = {"type": kind, "message": message}
        return {"type": "error", "error": error, "request_id": seal.request_id}
