"""Converts validated Chat Completions requests to model requests.

Each method is a hook that a mutant can override.
"""

from __future__ import annotations

from harness.testbed.gateway.endpoint import Body
from harness.testbed.gateway.model_types import (
    Image,
    Json,
    ModelRequest,
    Part,
    Result,
    Role,
    Text,
    Tool,
    ToolCall,
    Turn,
)

# Fields whose effect no answer shows.
UNSEEN = (
    *("seed", "presence_penalty", "frequency_penalty", "logit_bias", "user", "safety_identifier"),
    *("metadata", "store", "service_tier", "prediction", "reasoning_effort", "verbosity"),
    *("prompt_cache_key", "prompt_cache_retention", "prompt_cache_options", "web_search_options"),
    "moderation",
)
# What a provider of the same protocol gets unchanged.
PASSED_ON = (
    *("messages", "tools", "tool_choice", "response_format", "logprobs", "top_logprobs"),
    *UNSEEN,
)
SYSTEM_ROLES = ("system", "developer")


class RequestReader:
    """Reads request bodies of the Chat Completions protocol. They are already validated."""

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
            options=self.options(body),
            thinking=body.get("thinking"),
            json_schema=self.json_schema(body),
            streams=bool(body.get("stream")),
            caller_protocol="openai",
            body=body,
        )

    def hoist(self, messages: list[Body]) -> str:
        """Joins all system and developer messages, at any position, by newlines."""
        return "\n".join(self.text(m) for m in messages if m["role"] in SYSTEM_ROLES)

    def turns(self, messages: list[Body]) -> tuple[Turn, ...]:
        """Merges consecutive messages of one role. A message without parts is left out."""
        turns: list[Turn] = []
        last_call = ""
        for number, message in enumerate(messages):
            if message["role"] in SYSTEM_ROLES:
                continue
            if message.get("function_call"):
                last_call = f"function_{number}"
            role: Role = "assistant" if message["role"] == "assistant" else "user"
            parts = self.parts(message, last_call)
            if turns and turns[-1].role == role:
                turns[-1] = Turn(role, turns[-1].parts + parts)
            elif parts:
                turns.append(Turn(role, parts))
        return tuple(turns)

    def parts(self, message: Body, last_call: str) -> tuple[Part, ...]:
        role = message["role"]
        if role == "tool":
            return (Result(self.answered_call_id(message), self.text(message)),)
        if role == "function":
            return (Result(last_call, self.text(message)),)
        parts = tuple(p for p in map(self.part, self.content_parts(message)) if p is not None)
        if role != "assistant":
            return parts
        return parts + self.refusal(message) + self.calls(message, last_call)

    def refusal(self, message: Body) -> tuple[Part, ...]:
        """Converts an earlier refusal to a text of the model."""
        return (Text(message["refusal"]),) if message.get("refusal") else ()

    def content_parts(self, message: Body) -> list[Body]:
        content = message.get("content") or []
        return [{"type": "text", "text": content}] if isinstance(content, str) else content

    def part(self, piece: Body) -> Part | None:
        """Converts texts, refusals and images; audio and files are dropped."""
        if piece["type"] in ("text", "refusal"):
            return Text(str(piece.get(piece["type"], "")))
        return Image(piece["image_url"]["url"]) if piece["type"] == "image_url" else None

    def text(self, message: Body) -> str:
        return "".join(piece["text"] for piece in self.content_parts(message))

    def answered_call_id(self, message: Body) -> str:
        """Returns the id of the call that a tool message answers."""
        return str(message["tool_call_id"])

    def calls(self, message: Body, last_call: str) -> tuple[Part, ...]:
        calls = [(call["id"], call["function"]) for call in message.get("tool_calls") or ()]
        if message.get("function_call"):
            calls.append((last_call, message["function_call"]))
        return tuple(ToolCall(id_, f["name"], f["arguments"]) for id_, f in calls)

    def tools(self, body: Body) -> tuple[Tool, ...]:
        """Converts tools and legacy functions."""
        functions = [tool["function"] for tool in body.get("tools", ())]
        allowed = self.allowed_tools(body)
        return tuple(
            self.tool(function)
            for function in functions + body.get("functions", [])
            if allowed is None or function["name"] in allowed
        )

    def allowed_tools(self, body: Body) -> set[str] | None:
        """Returns the names of the tools that the choice allows; None without such a choice."""
        choice = body.get("tool_choice")
        if not isinstance(choice, dict) or choice.get("type") != "allowed_tools":
            return None
        return {tool["function"]["name"] for tool in choice["allowed_tools"]["tools"]}

    def tool(self, function: Body) -> Tool:
        empty = {"type": "object", "properties": {}}
        parameters = function.get("parameters") or empty
        strict = self.is_strict(function)
        return Tool(function["name"], function.get("description") or "", parameters, strict)

    def is_strict(self, function: Body) -> bool:
        return function.get("strict") is True

    def choice(self, body: Body) -> tuple[str, str]:
        """Returns auto, none or any; or `only` and the name of the tool."""
        choice = body.get("tool_choice", body.get("function_call", "auto"))
        if isinstance(choice, dict) and "allowed_tools" in choice:
            choice = choice["allowed_tools"]["mode"]
        if isinstance(choice, dict):
            return "only", str(choice.get("function", choice)["name"])
        return ("any" if choice == "required" else str(choice)), ""

    def parallel(self, body: Body) -> bool:
        return bool(body.get("parallel_tool_calls", True))

    def limit(self, body: Body) -> int | None:
        """Returns the smaller of the two token limits."""
        limits = [body.get("max_tokens"), body.get("max_completion_tokens")]
        return min((limit for limit in limits if limit is not None), default=None)

    def stop_sequences(self, body: Body) -> tuple[str, ...]:
        """Drops blank entries, because the provider would refuse them."""
        stop = body.get("stop") or []
        entries = [stop] if isinstance(stop, str) else stop
        return tuple(entry for entry in entries if entry.strip())

    def temperature(self, body: Body) -> float | None:
        temperature: float | None = body.get("temperature")
        return temperature

    def options(self, body: Body) -> Body:
        """Returns the fields that a provider of the same protocol gets unchanged."""
        return {name: body[name] for name in PASSED_ON if body.get(name) is not None}

    def json_schema(self, body: Body) -> Json:
        """Returns the schema of the answer; {} for any JSON object, None for text."""
        form = body.get("response_format") or {"type": "text"}
        if form["type"] == "json_schema":
            return form["json_schema"].get("schema") or {}
        return {} if form["type"] == "json_object" else None
