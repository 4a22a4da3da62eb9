"""Converts model requests to Messages requests for an Anthropic provider.

A request of a caller of the same protocol is forwarded unchanged. Each method is a hook that a
mutant can override.
"""

from __future__ import annotations

import re
from typing import ClassVar

from harness.testbed.forward import chat_only, response_parser
from harness.testbed.forward.from_anthropic import FromAnthropic
from harness.testbed.forward.provider_client import JSON
from harness.testbed.gateway.endpoint import Body, Headers
from harness.testbed.gateway.errors import bad_value
from harness.testbed.gateway.model_provider import count_input_tokens
from harness.testbed.gateway.model_types import (
    Image,
    Json,
    ModelRequest,
    Part,
    Result,
    Text,
    Tool,
    ToolCall,
    Turn,
)

VERSION = "2023-06-01"
# The token limit for callers that set none, since Anthropic requires one.
DEFAULT_LIMIT = 4096
_INVALID_ID_CHARACTER = re.compile(r"[^a-zA-Z0-9_-]")


class ToAnthropic(FromAnthropic):
    """Sends requests to an Anthropic provider."""

    path: ClassVar[str] = "/v1/messages"
    protocol: ClassVar[str] = "anthropic"

    def headers(self, request: ModelRequest) -> Headers:
        return [JSON, *self.auth(request), *self.version(request)]

    def auth(self, request: ModelRequest) -> Headers:
        """Sends the provider's key. Must not forward the key of the caller."""
        return [("x-api-key", self.key)]

    def version(self, request: ModelRequest) -> Headers:
        """Returns the version headers of the caller, or the default version."""
        return list(request.version_headers) or [("anthropic-version", VERSION)]

    def count(self, request: ModelRequest) -> int:
        reply = self.exchange(f"{self.path}/count_tokens", request, dict(request.body))
        tokens = self.read_body(reply).get("input_tokens")
        return tokens if isinstance(tokens, int) else count_input_tokens(request)

    def body(self, request: ModelRequest) -> Body:
        if request.caller_protocol == self.protocol:
            return self.unchanged_body(request)
        self.check_translatable(request)
        fields = {
            "model": self.model(request),
            "max_tokens": self.limit(request),
            "system": self.system(request),
            "messages": self.messages(request),
            "temperature": self.temperature(request),
            "top_p": self.top_p(request),
            "stop_sequences": self.stop_sequences(request),
            "tools": [self.tool(tool) for tool in request.tools] or None,
            "tool_choice": self.choice(request) if request.tools else None,
            "thinking": request.thinking,
            "metadata": self.metadata(request),
            "stream": request.streams or None,
        }
        return {**{k: v for k, v in fields.items() if v is not None}, **self.extra_fields(request)}

    def check_translatable(self, request: ModelRequest) -> None:
        """Refuses what this protocol cannot express."""
        if name := chat_only.find_untranslatable(dict(request.options)):
            raise bad_value(name, chat_only.MESSAGE, "unsupported_parameter")

    def metadata(self, request: ModelRequest) -> Body | None:
        """Returns the id by which the caller identifies its user."""
        user = request.options.get("safety_identifier") or request.options.get("user")
        return {"user_id": user} if isinstance(user, str) else None

    def unchanged_body(self, request: ModelRequest) -> Body:
        """Returns the body for a caller of the same protocol."""
        return dict(request.body)

    def extra_fields(self, request: ModelRequest) -> Body:
        """Returns fields to forward unchanged: none, since the provider rejects unknown fields."""
        return {}

    def limit(self, request: ModelRequest) -> int:
        if request.limit is not None:
            return request.limit
        budget = (
            request.thinking.get("budget_tokens") if isinstance(request.thinking, dict) else None
        )
        return DEFAULT_LIMIT + (budget or 0)

    def temperature(self, request: ModelRequest) -> Json:
        """Returns at most 1, the maximum of Anthropic, where OpenAI allows 2."""
        return None if request.temperature is None else min(request.temperature, 1)

    def system(self, request: ModelRequest) -> str | None:
        return request.system or None

    def stop_sequences(self, request: ModelRequest) -> list[str] | None:
        return list(request.stop) or None

    def messages(self, request: ModelRequest) -> list[Body]:
        """Returns alternating turns. Empty ones are left out, because they would be rejected."""
        messages: list[Body] = []
        for turn in request.turns:
            blocks = self.blocks(turn)
            if messages and messages[-1]["role"] == turn.role:
                messages[-1]["content"] += blocks
            elif blocks:
                messages.append({"role": turn.role, "content": blocks})
        return messages

    def blocks(self, turn: Turn) -> list[Body]:
        """Returns the blocks of a turn, tool results first."""
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
        """Converts an image URL; the content of a data URI is sent as base64."""
        head, _, data = url.partition(",")
        if not head.startswith("data:"):
            return {"type": "url", "url": url}
        kind = head.removeprefix("data:").partition(";")[0]
        return {"type": "base64", "media_type": kind, "data": data}

    def tool_use(self, call: ToolCall) -> Body:
        arguments = response_parser.parse_arguments(call.arguments)
        if arguments is None:
            raise bad_value("messages", f"the arguments of call '{call.id}' are no JSON object.")
        return {
            "type": "tool_use",
            "id": self.call_id(call.id),
            "name": call.name,
            "input": arguments,
        }

    def tool_result(self, result: Result) -> Body:
        block = {
            "type": "tool_result",
            "tool_use_id": self.call_id(result.id),
            "content": result.text,
        }
        return {**block, "is_error": True} if result.failed else block

    def call_id(self, value: str) -> str:
        """Replaces characters that Anthropic does not accept in an id."""
        return _INVALID_ID_CHARACTER.sub("_", value)

    def tool(self, tool: Tool) -> Body:
        fields = {"name": tool.name, "description": tool.description}
        if not tool.description:
            del fields["description"]
        strict = {"strict": True} if tool.strict else {}
        return {**fields, "input_schema": {"type": "object", **tool.parameters}, **strict}

    def choice(self, request: ModelRequest) -> Json:
        """Returns the tool choice; None if the caller set neither choice nor parallel calls."""
        is_explicit = request.choice != "auto" or any(
            k in request.body for k in ("tool_choice", "function_call")
        )
        parallel: Body = (
            {}
            if request.parallel or request.choice == "none"
            else {"disable_parallel_tool_use": True}
        )
        if request.choice == "only":
            return {"type": "tool", "name": request.only, **parallel}
        return {"type": request.choice, **parallel} if is_explicit or parallel else None
