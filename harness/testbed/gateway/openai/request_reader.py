"""Checked request of Chat Completions -> the inner conversation. May not refuse anything.

Each method is a hook that a mutant can override.
"""

from __future__ import annotations

from harness.testbed.gateway.endpoint import Body
from harness.testbed.gateway.model_types import (
    Image,
    ModelRequest,
    Part,
    Result,
    Text,
    Tool,
    ToolCall,
    Turn,
)

SYSTEM = ("system", "developer")


class Reading:
    def read_request(self, body: Body) -> ModelRequest:
        choice, only = self.choice(body)
        return ModelRequest(
            model=body["model"],
            system=self.hoist(body["messages"]),
            turns=self.turns(body["messages"]),
            tools=self.tools(body),
            choice=choice,
            only=only,
            parallel=self.parallel(body),
            limit=self.limit(body),
            stop=self.stop_sequences(body),
            temperature=self.temperature(body),
            top_p=body.get("top_p"),
            thinking=body.get("thinking"),
            streams=bool(body.get("stream")),
            caller_protocol="openai",
            body=body,
        )

    def hoist(self, messages: list[Body]) -> str:
        """All system and developer messages, wherever they stand, joined by one newline."""
        return "\n".join(self.text(m) for m in messages if m["role"] in SYSTEM)

    def turns(self, messages: list[Body]) -> tuple[Turn, ...]:
        """Consecutive messages of one side become one turn; a message without parts vanishes."""
        turns: list[Turn] = []
        last_call = ""
        for number, message in enumerate(messages):
            if message["role"] in SYSTEM:
                continue
            if message.get("function_call"):
                last_call = f"function_{number}"
            side = "assistant" if message["role"] == "assistant" else "user"
            parts = self.parts(message, last_call)
            if turns and turns[-1].role == side:
                turns[-1] = Turn(side, turns[-1].parts + parts)
            elif parts:
                turns.append(Turn("assistant" if side == "assistant" else "user", parts))
        return tuple(turns)

    def parts(self, message: Body, last_call: str) -> tuple[Part, ...]:
        role = message["role"]
        if role == "tool":
            return (Result(self.answered_call_id(message), self.text(message)),)
        if role == "function":
            return (Result(last_call, self.text(message)),)
        parts = tuple(p for p in map(self.part, self.content_parts(message)) if p is not None)
        return parts + self.calls(message, last_call) if role == "assistant" else parts

    def content_parts(self, message: Body) -> list[Body]:
        content = message.get("content") or []
        return [{"type": "text", "text": content}] if isinstance(content, str) else content

    def part(self, piece: Body) -> Part | None:
        """Text and images; audio, files and refusals are dropped."""
        if piece["type"] == "text":
            return Text(piece["text"])
        return Image(piece["image_url"]["url"]) if piece["type"] == "image_url" else None

    def text(self, message: Body) -> str:
        return "".join(piece["text"] for piece in self.content_parts(message))

    def answered_call_id(self, message: Body) -> str:
        """The id of the call that a tool message answers."""
        return str(message["tool_call_id"])

    def calls(self, message: Body, last_call: str) -> tuple[Part, ...]:
        called = [(call["id"], call["function"]) for call in message.get("tool_calls") or ()]
        if message.get("function_call"):
            called.append((last_call, message["function_call"]))
        return tuple(ToolCall(id_, f["name"], f["arguments"]) for id_, f in called)

    def tools(self, body: Body) -> tuple[Tool, ...]:
        """Tools and functions alike; `strict` has no effect."""
        functions = [tool["function"] for tool in body.get("tools", ())]
        return tuple(self.tool(function) for function in functions + body.get("functions", []))

    def tool(self, function: Body) -> Tool:
        empty = {"type": "object", "properties": {}}
        parameters = function.get("parameters") or empty
        return Tool(function["name"], function.get("description") or "", parameters)

    def choice(self, body: Body) -> tuple[str, str]:
        """How free the model is: auto, none, any, or `only` with a name."""
        choice = body.get("tool_choice", body.get("function_call", "auto"))
        if isinstance(choice, dict):
            return "only", str(choice.get("function", choice)["name"])
        return ("any" if choice == "required" else str(choice)), ""

    def parallel(self, body: Body) -> bool:
        return bool(body.get("parallel_tool_calls", True))

    def limit(self, body: Body) -> int | None:
        """Of two limits the smaller one counts."""
        limits = [body.get("max_tokens"), body.get("max_completion_tokens")]
        return min((limit for limit in limits if limit is not None), default=None)

    def stop_sequences(self, body: Body) -> tuple[str, ...]:
        """Blank entries are dropped: the provider would refuse them."""
        stop = body.get("stop") or []
        entries = [stop] if isinstance(stop, str) else stop
        return tuple(entry for entry in entries if entry.strip())

    def temperature(self, body: Body) -> float | None:
        wanted = body.get("temperature")
        return None if wanted is None else min(wanted, 1)
