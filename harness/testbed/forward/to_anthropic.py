"""Ask -> the request to Anthropic. What was asked in its own words goes on as it came.

Each method is a hook that a mutant can override. May not send anything.
"""

from __future__ import annotations

import re
from typing import ClassVar

from harness.testbed.forward import response_parser
from harness.testbed.forward.from_anthropic import FromAnthropic
from harness.testbed.forward.provider_client import JSON
from harness.testbed.gateway.endpoint import Body, Headers
from harness.testbed.gateway.errors import bad_value
from harness.testbed.gateway.model_provider import weigh
from harness.testbed.gateway.model_types import (
    Ask,
    Image,
    Json,
    Part,
    Result,
    Text,
    Tool,
    ToolCall,
    Turn,
)

VERSION = "2023-06-01"
# For callers who name no limit: Anthropic wants one.
LIMIT = 4096
_ID = re.compile(r"[^a-zA-Z0-9_-]")


class ToAnthropic(FromAnthropic):
    page: ClassVar[str] = "/v1/messages"
    protocol: ClassVar[str] = "anthropic"

    def headers(self, ask: Ask) -> Headers:
        return [JSON, *self.auth(ask), *self.version(ask)]

    def auth(self, ask: Ask) -> Headers:
        """The provider's key, never the caller's."""
        return [("x-api-key", self.key)]

    def version(self, ask: Ask) -> Headers:
        """The caller's own, where it chose one."""
        return list(ask.versions) or [("anthropic-version", VERSION)]

    def count(self, ask: Ask) -> int:
        reply = self.exchange(f"{self.page}/count_tokens", ask, dict(ask.body))
        found = self.whole(reply).get("input_tokens")
        return found if isinstance(found, int) else weigh(ask)

    def body(self, ask: Ask) -> Body:
        if ask.spoken == self.protocol:
            return self.same(ask)
        told = {
            "model": self.model(ask),
            "max_tokens": self.limit(ask),
            "system": self.system(ask),
            "messages": self.messages(ask),
            "temperature": self.temperature(ask),
            "top_p": self.top_p(ask),
            "stop_sequences": self.stops(ask),
            "tools": [self.tool(tool) for tool in ask.tools] or None,
            "tool_choice": self.choice(ask) if ask.tools else None,
            "thinking": ask.thinking,
            "stream": ask.streams or None,
        }
        return {**{k: v for k, v in told.items() if v is not None}, **self.more(ask)}

    def same(self, ask: Ask) -> Body:
        """Nothing has to be translated."""
        return dict(ask.body)

    def more(self, ask: Ask) -> Body:
        """Fields that go on untranslated: none, as the provider refuses what it does not know."""
        return {}

    def limit(self, ask: Ask) -> int:
        if ask.limit is not None:
            return ask.limit
        budget = ask.thinking.get("budget_tokens") if isinstance(ask.thinking, dict) else None
        return LIMIT + (budget or 0)

    def system(self, ask: Ask) -> str | None:
        return ask.system or None

    def stops(self, ask: Ask) -> list[str] | None:
        return list(ask.stop) or None

    def messages(self, ask: Ask) -> list[Body]:
        """Turns of two sides in turn; what is empty is left out, because it would be refused."""
        messages: list[Body] = []
        for turn in ask.turns:
            blocks = self.blocks(turn)
            if messages and messages[-1]["role"] == turn.role:
                messages[-1]["content"] += blocks
            elif blocks:
                messages.append({"role": turn.role, "content": blocks})
        return messages

    def blocks(self, turn: Turn) -> list[Body]:
        """The results of tools come before all else."""
        parts = [part for part in turn.parts if not (isinstance(part, Text) and not part.text)]
        return [self.block(part) for part in sorted(parts, key=lambda p: not isinstance(p, Result))]

    def block(self, part: Part) -> Body:
        if isinstance(part, Text):
            return {"type": "text", "text": part.text}
        if isinstance(part, Image):
            return {"type": "image", "source": self.source(part.url)}
        if isinstance(part, ToolCall):
            return self.tool_use(part)
        return self.tool_result(part)

    def source(self, url: str) -> Body:
        """Of a data URI its bytes; any other address as it is."""
        head, _, data = url.partition(",")
        if not head.startswith("data:"):
            return {"type": "url", "url": url}
        kind = head.removeprefix("data:").partition(";")[0]
        return {"type": "base64", "media_type": kind, "data": data}

    def tool_use(self, call: ToolCall) -> Body:
        given = response_parser.arguments(call.arguments)
        if given is None:
            raise bad_value("messages", f"the arguments of call '{call.id}' are no JSON object.")
        return {"type": "tool_use", "id": self.id(call.id), "name": call.name, "input": given}

    def tool_result(self, result: Result) -> Body:
        told = {"type": "tool_result", "tool_use_id": self.id(result.id), "content": result.text}
        return {**told, "is_error": True} if result.failed else told

    def id(self, told: str) -> str:
        """Anthropic takes letters, digits, _ and - only."""
        return _ID.sub("_", told)

    def tool(self, tool: Tool) -> Body:
        head = {"name": tool.name, "description": tool.description}
        if not tool.description:
            del head["description"]
        return {**head, "input_schema": {"type": "object", **tool.parameters}}

    def choice(self, ask: Ask) -> Json:
        """Nothing where the caller left all of it open."""
        named = ask.choice != "auto" or any(k in ask.body for k in ("tool_choice", "function_call"))
        alone = {} if ask.parallel or ask.choice == "none" else {"disable_parallel_tool_use": True}
        if ask.choice == "only":
            return {"type": "tool", "name": ask.only, **alone}
        return {"type": ask.choice, **alone} if named or alone else None
