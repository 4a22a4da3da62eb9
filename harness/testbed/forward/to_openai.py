"""Ask -> the request to OpenAI. Structure stays structure: calls, results and images as such.

Each method is a hook that a mutant can override. May not send anything.
"""

from __future__ import annotations

from typing import ClassVar

from harness.testbed.forward.from_openai import FromOpenAI
from harness.testbed.forward.provider_client import JSON
from harness.testbed.gateway.endpoint import Body, Headers
from harness.testbed.gateway.model_provider import weigh
from harness.testbed.gateway.model_types import Ask, Image, Json, Result, Text, Tool, ToolCall, Turn

CHOICES = {"auto": "auto", "none": "none", "any": "required"}
# A budget of thought, in tokens, up to which an effort is the nearest one.
EFFORTS = ((2048, "low"), (8192, "medium"))
STOPS = 4


class ToOpenAI(FromOpenAI):
    page: ClassVar[str] = "/v1/chat/completions"
    protocol: ClassVar[str] = "openai"

    def headers(self, ask: Ask) -> Headers:
        return [JSON, *self.auth(ask)]

    def auth(self, ask: Ask) -> Headers:
        """The provider's key, never the caller's."""
        return [("authorization", f"Bearer {self.key}")]

    def count(self, ask: Ask) -> int:
        """OpenAI has no page for it."""
        return weigh(ask)

    def body(self, ask: Ask) -> Body:
        told = {
            "model": self.model(ask),
            "messages": [*self.system(ask), *self.messages(ask)],
            "max_completion_tokens": ask.limit,
            "temperature": self.temperature(ask),
            "top_p": self.top_p(ask),
            "stop": self.stops(ask),
            "tools": [self.tool(tool) for tool in ask.tools] or None,
            "tool_choice": self.choice(ask) if ask.tools else None,
            "parallel_tool_calls": False if ask.tools and not ask.parallel else None,
            "reasoning_effort": self.effort(ask),
            "user": self.user(ask),
            "stream": ask.streams or None,
            "stream_options": self.stream_options(ask),
        }
        return {**{k: v for k, v in told.items() if v is not None}, **self.more(ask)}

    def more(self, ask: Ask) -> Body:
        """Fields that go on untranslated: none, as the provider refuses what it does not know."""
        return {}

    def system(self, ask: Ask) -> list[Body]:
        return [{"role": "system", "content": ask.system}] if ask.system else []

    def stops(self, ask: Ask) -> list[str] | None:
        """Blank ones are dropped by the front; OpenAI takes no more than four."""
        return list(ask.stop[:STOPS]) or None

    def messages(self, ask: Ask) -> list[Body]:
        return [message for turn in ask.turns for message in self.turn(turn)]

    def turn(self, turn: Turn) -> list[Body]:
        """Results first, each in a message of its own, as they answer the turn before."""
        told = [self.result(part) for part in turn.parts if isinstance(part, Result)]
        calls = [self.call(part) for part in turn.parts if isinstance(part, ToolCall)]
        content = self.content(turn)
        if turn.role == "assistant":
            made = {"tool_calls": calls} if calls else {}
            return [{"role": "assistant", "content": content, **made}]
        return told + ([{"role": "user", "content": content}] if content or not told else [])

    def content(self, turn: Turn) -> Json:
        """One text is a string; more than that is parts; null is nothing at all."""
        parts = [self.part(p) for p in turn.parts if isinstance(p, Text | Image)]
        if len(parts) == 1 and parts[0]["type"] == "text":
            return parts[0]["text"]
        return parts or None

    def part(self, part: Text | Image) -> Body:
        if isinstance(part, Text):
            return {"type": "text", "text": part.text}
        return {"type": "image_url", "image_url": {"url": part.url}}

    def call(self, call: ToolCall) -> Body:
        function = {"name": call.name, "arguments": call.arguments}
        return {"id": call.id, "type": "function", "function": function}

    def result(self, result: Result) -> Body:
        return {"role": "tool", "tool_call_id": result.id, "content": result.text}

    def tool(self, tool: Tool) -> Body:
        described = {"description": tool.description} if tool.description else {}
        function = {"name": tool.name, **described, "parameters": tool.parameters}
        return {"type": "function", "function": function}

    def choice(self, ask: Ask) -> Json:
        """Nothing where the caller left it open."""
        if ask.choice == "only":
            return {"type": "function", "function": {"name": ask.only}}
        named = any(ask.body.get(key) for key in ("tool_choice", "function_call"))
        return CHOICES[ask.choice] if named or ask.choice != "auto" else None

    def effort(self, ask: Ask) -> str | None:
        if not isinstance(ask.thinking, dict) or ask.thinking.get("type") == "disabled":
            return None
        budget = ask.thinking.get("budget_tokens", 2048)
        return next((effort for most, effort in EFFORTS if budget < most), "high")

    def user(self, ask: Ask) -> str | None:
        """Whom Anthropic's callers name in their metadata."""
        if ask.spoken == self.protocol:
            return None
        found = (ask.body.get("metadata") or {}).get("user_id")
        return found if isinstance(found, str) else None

    def stream_options(self, ask: Ask) -> Body | None:
        """Figures have to be asked for, and only in a stream."""
        return {"include_usage": True} if ask.streams else None
