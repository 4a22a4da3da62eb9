"""Reads chat requests of all protocols into one form, so that they can be compared.

Texts, calls, results, images and tools are listed whatever the protocol calls them. Parts that only
one protocol has, such as audio, documents and reasoning, are not listed; `has_other_parts` records
them.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final

from harness.model import Json
from harness.util.strict_json import parse

ROLES: Final[Mapping[str, str]] = {"developer": "system", "function": "tool"}
IMAGES: Final = ("image", "image_url", "input_image")
CALLERS_TYPES: Final = (None, "function", "custom")  # of tools that the caller defines
OUTPUTS: Final = ("function_call_output", "custom_tool_call_output")
STORED: Final = ("previous_response_id", "conversation", "prompt")  # earlier texts of Responses
REASONING: Final = ("thinking", "redacted_thinking", "reasoning")


@dataclass(frozen=True, slots=True)
class ToolCall:
    """A call in the history; `arguments` is the parsed object."""

    id: str
    name: str
    arguments: Json


@dataclass(slots=True)
class ChatRequest:
    """The content of a chat request.

    Attributes:
        texts: (role, text) in order; roles are system, user, assistant and tool.
        results: (id of the call, text) of each text of a tool result.
        tools: The definition of each tool by its name: its description and its parameters.
        has_other_parts: Whether there are parts that are not listed, or instructions within the
            conversation, for which some protocols have no place.
        has_provider_tools: Whether there are tools that the provider defines, such as a web search;
            they are not listed.
    """

    texts: list[tuple[str, str]] = field(default_factory=list)
    calls: list[ToolCall] = field(default_factory=list)
    results: list[tuple[str, str]] = field(default_factory=list)
    images: int = 0
    tools: dict[str, tuple[str, Json]] = field(default_factory=dict)
    has_other_parts: bool = False
    has_provider_tools: bool = False

    def add_message(self, message: Json) -> None:
        if not isinstance(message, Mapping):
            return
        role = ROLES.get(str(message.get("role")), str(message.get("role")))
        self.has_other_parts |= role == "system" and any(each != role for each, _ in self.texts)
        self.has_other_parts |= message.get("refusal") is not None
        for call in items(message.get("tool_calls")):
            self.add_function_call(str(call.get("id")), call.get("function"))
        self.add_function_call("", message.get("function_call"))
        if role == "tool":
            self.add_result(str(message.get("tool_call_id", "")), message.get("content"))
        else:
            self.add_content(role, message.get("content"))

    def add_content(self, role: str, content: Json) -> None:
        if isinstance(content, str):
            self.texts.append((role, content))
        for part in items(content):
            kind = part.get("type")
            if kind == "tool_use":
                self.calls.append(
                    ToolCall(str(part.get("id")), str(part.get("name")), part.get("input"))
                )
            elif kind == "tool_result":
                self.add_result(str(part.get("tool_use_id")), part.get("content"))
                self.has_other_parts |= part.get("is_error") is True
            elif isinstance(part.get("text"), str):
                self.texts.append((role, part["text"]))
            elif kind in IMAGES:
                self.images += 1
            else:
                self.has_other_parts = True

    def add_item(self, item: Mapping[str, Json]) -> None:
        """Add an item of the Responses API, which some clients send to chat endpoints."""
        kind, call_id = item.get("type", "message"), str(item.get("call_id"))
        if kind == "message":
            self.add_message(item)
        elif kind == "function_call":
            self.add_function_call(call_id, item)
        elif kind == "custom_tool_call":
            self.calls.append(ToolCall(call_id, str(item.get("name")), item.get("input")))
        elif kind in OUTPUTS:
            self.add_result(call_id, item.get("output"))
        else:
            self.has_other_parts = True

    def add_result(self, call_id: str, content: Json) -> None:
        """Add the texts of a tool result; images in it have no place in some protocols."""
        texts = [content] if isinstance(content, str) else [p.get("text") for p in items(content)]
        self.has_other_parts |= not all(isinstance(text, str) for text in texts)
        for text in texts:
            if isinstance(text, str):
                self.results.append((call_id, text))
                self.texts.append(("tool", text))

    def add_function_call(self, call_id: str, function: Json) -> None:
        if isinstance(function, Mapping):
            arguments = parse(str(function.get("arguments") or "{}")).value
            self.calls.append(ToolCall(call_id, str(function.get("name")), arguments))

    def add_tool(self, tool: Json) -> None:
        function = tool.get("function") or tool.get("custom") or tool
        if tool.get("type") not in CALLERS_TYPES:
            self.has_provider_tools = True
        elif isinstance(function, Mapping) and isinstance(function.get("name"), str):
            schema = function.get("parameters", function.get("input_schema"))
            self.tools[function["name"]] = (str(function.get("description") or ""), schema)

    def bound_results(self) -> Iterator[tuple[str, str]]:
        """Yield (call, text) of each text of a result whose call is in the request."""
        calls = {call.id: format_call(call) for call in self.calls if call.id}
        yield from ((calls[call_id], text) for call_id, text in self.results if call_id in calls)


def read_request(body: Json) -> ChatRequest:
    """Return the content of a request body of any protocol."""
    request = ChatRequest()
    if isinstance(body, Mapping):
        request.add_content("system", body.get("system") or body.get("instructions"))
        request.has_other_parts = any(body.get(name) is not None for name in STORED)
        if isinstance(body.get("input"), str):
            request.add_content("user", body["input"])
        for item in items(body.get("input")):
            request.add_item(item)
        for message in items(body.get("messages")):
            request.add_message(message)
        for tool in (*items(body.get("tools")), *items(body.get("functions"))):
            request.add_tool(tool)
    return request


def items(value: Json) -> list[Mapping[str, Json]]:
    """Return the objects of a list; none for any other value."""
    return [each for each in value if isinstance(each, Mapping)] if isinstance(value, list) else []


def format_call(call: ToolCall) -> str:
    """Return a call as text, the same for equal arguments."""
    return f"{call.name}({json.dumps(call.arguments, ensure_ascii=False, sort_keys=True)})"


def squeeze(text: str) -> str:
    """Return the text with each run of blanks as one; cases of their own check blanks."""
    return " ".join(text.split())
