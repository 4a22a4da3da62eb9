"""Converts model requests to Chat Completions requests for an OpenAI provider.

Each method is a hook that a mutant can override.
"""

from __future__ import annotations

from typing import ClassVar

from harness.testbed.forward import messages_only
from harness.testbed.forward.from_openai import FromOpenAI
from harness.testbed.forward.provider_client import JSON
from harness.testbed.gateway.endpoint import Body, Headers
from harness.testbed.gateway.errors import bad_value
from harness.testbed.gateway.model_provider import count_input_tokens
from harness.testbed.gateway.model_types import (
    Image,
    Json,
    ModelRequest,
    Result,
    Text,
    Tool,
    ToolCall,
    Turn,
)

CHOICES = {"auto": "auto", "none": "none", "any": "required"}
# The reasoning effort for a thinking budget below so many tokens.
EFFORTS = ((2048, "low"), (8192, "medium"))
MAX_STOPS = 4


class ToOpenAI(FromOpenAI):
    """Sends requests to an OpenAI provider."""

    path: ClassVar[str] = "/v1/chat/completions"
    protocol: ClassVar[str] = "openai"

    def headers(self, request: ModelRequest) -> Headers:
        return [JSON, *self.auth(request)]

    def auth(self, request: ModelRequest) -> Headers:
        """Sends the provider's key. Must not forward the key of the caller."""
        return [("authorization", f"Bearer {self.key}")]

    def count(self, request: ModelRequest) -> int:
        """Counts tokens locally, because OpenAI has no endpoint for it."""
        return count_input_tokens(request)

    def body(self, request: ModelRequest) -> Body:
        self.check_translatable(request)
        fields = {
            "model": self.model(request),
            "messages": [*self.system(request), *self.messages(request)],
            "max_completion_tokens": request.limit,
            "temperature": self.temperature(request),
            "top_p": self.top_p(request),
            "stop": self.stop_sequences(request),
            "tools": [self.tool(tool) for tool in request.tools] or None,
            "tool_choice": self.choice(request) if request.tools else None,
            "parallel_tool_calls": False if request.tools and not request.parallel else None,
            "reasoning_effort": self.reasoning_effort(request),
            "response_format": self.response_format(request),
            "user": self.user(request),
            "stream": request.streams or None,
            "stream_options": self.stream_options(request),
        }
        set_fields = {name: value for name, value in fields.items() if value is not None}
        return {**set_fields, **self.options(request), **self.extra_fields(request)}

    def options(self, request: ModelRequest) -> Body:
        """Returns the caller's fields that need no translation. Older functions became tools."""
        translated = ("tools", "tool_choice", "messages") if request.body.get("functions") else ()
        return {name: v for name, v in request.options.items() if name not in translated}

    def check_translatable(self, request: ModelRequest) -> None:
        """Refuses what this protocol cannot express."""
        if request.caller_protocol == self.protocol:
            return
        if name := messages_only.find_untranslatable(request.body):
            raise bad_value(name, messages_only.MESSAGE, "unsupported_parameter")

    def response_format(self, request: ModelRequest) -> Body | None:
        """Returns the format of the answer for callers of the other protocol."""
        if request.json_schema is None or request.caller_protocol == self.protocol:
            return None
        schema = {"name": "answer", "schema": request.json_schema, "strict": True}
        return {"type": "json_schema", "json_schema": schema}

    def extra_fields(self, request: ModelRequest) -> Body:
        """Returns fields to forward unchanged: none, since the provider rejects unknown fields."""
        return {}

    def system(self, request: ModelRequest) -> list[Body]:
        return [{"role": "system", "content": request.system}] if request.system else []

    def stop_sequences(self, request: ModelRequest) -> list[str] | None:
        """Returns the stop sequences. Rejects more than OpenAI permits, since none may be lost."""
        if len(request.stop) > MAX_STOPS:
            param = "stop" if request.caller_protocol == "openai" else "stop_sequences"
            raise bad_value(param, f"the provider takes at most {MAX_STOPS} stop sequences.")
        return list(request.stop) or None

    def messages(self, request: ModelRequest) -> list[Body]:
        return [message for turn in request.turns for message in self.turn(turn)]

    def turn(self, turn: Turn) -> list[Body]:
        """Returns the messages of a turn; each tool result is a separate message, first.

        An instruction within the conversation keeps its place.
        """
        if turn.role == "system":
            return [{"role": "system", "content": turn.text}]
        results = [self.result(part) for part in turn.parts if isinstance(part, Result)]
        calls = [self.call(part) for part in turn.parts if isinstance(part, ToolCall)]
        content = self.content(turn)
        if turn.role == "assistant":
            tool_calls = {"tool_calls": calls} if calls else {}
            return [{"role": "assistant", "content": content, **tool_calls}]
        return results + ([{"role": "user", "content": content}] if content or not results else [])

    def content(self, turn: Turn) -> Json:
        """Returns a string for one text, else the parts; None if there are none."""
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
        description = {"description": tool.description} if tool.description else {}
        function = {"name": tool.name, **description, "parameters": tool.parameters}
        if tool.strict:
            function["strict"] = True
        return {"type": "function", "function": function}

    def choice(self, request: ModelRequest) -> Json:
        """Returns the tool choice; None if the caller set none."""
        if request.choice == "only":
            return {"type": "function", "function": {"name": request.only}}
        is_explicit = any(request.body.get(key) for key in ("tool_choice", "function_call"))
        return CHOICES[request.choice] if is_explicit or request.choice != "auto" else None

    def reasoning_effort(self, request: ModelRequest) -> str | None:
        """Returns the effort that the caller set, or one for the thinking budget."""
        if request.caller_protocol != self.protocol:
            effort = (request.body.get("output_config") or {}).get("effort")
            if isinstance(effort, str):
                return effort
        kind = request.thinking.get("type") if isinstance(request.thinking, dict) else "disabled"
        if kind in ("disabled", "between_tools"):
            return None
        budget = request.thinking.get("budget_tokens", 2048)
        return next((effort for limit, effort in EFFORTS if budget < limit), "high")

    def user(self, request: ModelRequest) -> str | None:
        """Returns the user id in the metadata of Anthropic callers."""
        if request.caller_protocol == self.protocol:
            return None
        user_id = (request.body.get("metadata") or {}).get("user_id")
        return user_id if isinstance(user_id, str) else None

    def stream_options(self, request: ModelRequest) -> Body | None:
        """Requests usage in streams, with the caller's wish about padding."""
        own = request.body.get("stream_options") or {}
        kept = {name: own[name] for name in ("include_obfuscation",) if name in own}
        return {"include_usage": True, **kept} if request.streams else None
