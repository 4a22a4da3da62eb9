"""Converts validated Messages requests to model requests.

Each method is a hook that a mutant can override.
"""

from __future__ import annotations

import json

from harness.testbed.gateway.anthropic import documents, own_tools
from harness.testbed.gateway.endpoint import Body
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


class RequestReader:
    """Reads request bodies of the Messages protocol. They are already validated."""

    def read_request(self, body: Body) -> ModelRequest:
        choice, only = self.choice(body)
        return ModelRequest(
            model=body["model"],
            system=self.system(body),
            turns=self.turns(body["messages"]),
            tools=self.tools(body),
            choice=choice,
            only=only,
            parallel=self.parallel(body),
            limit=self.limit(body),
            stop=self.stop_sequences(body),
            temperature=body.get("temperature"),
            top_p=body.get("top_p"),
            thinking=self.thinking(body),
            json_schema=self.json_schema(body),
            server_tools=self.server_tools(body),
            cited=self.cited(body),
            streams=bool(body.get("stream")),
            caller_protocol="anthropic",
            body=body,
        )

    def system(self, body: Body) -> str:
        """Joins the text blocks by newlines."""
        return "\n".join(block["text"] for block in blocks(body.get("system") or []))

    def turns(self, messages: list[Body]) -> tuple[Turn, ...]:
        """Merges consecutive messages of one role."""
        turns: list[Turn] = []
        for message in messages:
            parts = self.parts(message)
            if turns and turns[-1].role == message["role"]:
                turns[-1] = Turn(turns[-1].role, turns[-1].parts + parts)
            elif parts:
                turns.append(Turn(message["role"], parts))
        return tuple(turns)

    def parts(self, message: Body) -> tuple[Part, ...]:
        return tuple(part for block in blocks(message["content"]) for part in self.part(block))

    def part(self, block: Body) -> tuple[Part, ...]:
        """Converts a block. Earlier thinking and the provider's own tools are dropped."""
        match block["type"]:
            case "text":
                return (Text(block["text"]),)
            case "image":
                return (self.image(block["source"]),)
            case "tool_use":
                arguments = json.dumps(block["input"], ensure_ascii=False)
                return (ToolCall(block["id"], block["name"], arguments),)
            case "tool_result":
                return self.result(block)
            case "document":
                return tuple(map(Text, self.document(block)))
            case "search_result":
                return (Text(block["title"]), *self.parts(block))
            case _:
                return ()

    def document(self, block: Body) -> tuple[str, ...]:
        """Returns the texts of a document: its title, its context and its content."""
        return documents.texts(block)

    def cited(self, body: Body) -> tuple[tuple[str, str], ...]:
        """Returns title and text of the documents whose passages are to be cited."""
        return documents.cited(body["messages"])

    def image(self, source: Body) -> Image:
        if source["type"] == "url":
            return Image(source["url"])
        return Image(f"data:{source['media_type']};base64,{source['data']}")

    def result(self, block: Body) -> tuple[Part, ...]:
        """Returns the text result of a tool and its images."""
        parts = self.parts({"content": block.get("content") or []})
        text = "".join(part.text for part in parts if isinstance(part, Text))
        images = tuple(part for part in parts if isinstance(part, Image))
        return (Result(self.answered_call_id(block), text, self.is_error(block)), *images)

    def answered_call_id(self, block: Body) -> str:
        """Returns the id of the call that a result answers."""
        return str(block["tool_use_id"])

    def is_error(self, block: Body) -> bool:
        return bool(block.get("is_error"))

    def tools(self, body: Body) -> tuple[Tool, ...]:
        """Returns the tools that the caller runs, and of those for later the ones it has named."""
        named = self.named_tools(body["messages"])
        offered = [
            tool
            for tool in body.get("tools") or ()
            if not tool.get("defer_loading") or tool.get("name") in named
        ]
        return tuple(self.tool(tool) for tool in offered if not own_tools.runs_at_provider(tool))

    def named_tools(self, messages: list[Body]) -> set[str]:
        """Returns the names in the tool references of results."""
        results = [
            block.get("content")
            for message in messages
            for block in blocks(message["content"])
            if block["type"] == "tool_result"
        ]
        parts = [part for content in results for part in blocks(content or [])]
        return {part["tool_name"] for part in parts if part["type"] == "tool_reference"}

    def tool(self, tool: Body) -> Tool:
        """Returns a tool. Examples of its input are a part of its description."""
        if own_tools.is_own(tool):
            return own_tools.definition(tool)
        examples = [json.dumps(each) for each in tool.get("input_examples") or ()]
        description = " ".join([tool.get("description") or "", *examples]).strip()
        return Tool(tool["name"], description, tool["input_schema"], bool(tool.get("strict")))

    def server_tools(self, body: Body) -> tuple[str, ...]:
        """Returns the names of the tools that the provider runs."""
        tools = body.get("tools") or ()
        return tuple(tool["name"] for tool in tools if own_tools.runs_at_provider(tool))

    def json_schema(self, body: Body) -> Json:
        """Returns the schema of the answer, or None."""
        return ((body.get("output_config") or {}).get("format") or {}).get("schema")

    def choice(self, body: Body) -> tuple[str, str]:
        """Returns auto, none or any; or `only` and the name of the tool."""
        choice = body.get("tool_choice") or {"type": "auto"}
        if choice["type"] == "tool":
            return "only", str(choice["name"])
        return str(choice["type"]), ""

    def parallel(self, body: Body) -> bool:
        return not (body.get("tool_choice") or {}).get("disable_parallel_tool_use")

    def limit(self, body: Body) -> int | None:
        """Returns the token limit; None for count_tokens, which has no limit."""
        return body.get("max_tokens")

    def stop_sequences(self, body: Body) -> tuple[str, ...]:
        return tuple(body.get("stop_sequences") or ())

    def thinking(self, body: Body) -> Json:
        return body.get("thinking")


def blocks(content: Json) -> list[Body]:
    """Returns the blocks of a content. A string is one text block."""
    return [{"type": "text", "text": content}] if isinstance(content, str) else content
