"""Protocol-independent model requests and replies.

Endpoints convert HTTP requests to a `ModelRequest`; a provider answers it with a `ModelReply`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from harness.testbed.gateway.errors import RequestError

Json = Any
Role = Literal["user", "assistant", "system"]
Finish = Literal["end", "stop", "length", "calls", "refused", "paused"]


@dataclass(frozen=True, slots=True)
class Text:
    """A text part of a message."""

    text: str


@dataclass(frozen=True, slots=True)
class Image:
    """An image part of a message, by its URL."""

    url: str


@dataclass(frozen=True, slots=True)
class ToolCall:
    """A tool call. `arguments` is a JSON text, unchanged from the caller or the model."""

    id: str
    name: str
    arguments: str


@dataclass(frozen=True, slots=True)
class Result:
    """The result of a tool. `id` is the id of the call; `failed` marks an error."""

    id: str
    text: str
    failed: bool = False


Part = Text | Image | ToolCall | Result


@dataclass(frozen=True, slots=True)
class Turn:
    """Consecutive messages of one role, merged as a provider merges them.

    A turn of the system is an instruction within the conversation.
    """

    role: Role
    parts: tuple[Part, ...]

    @property
    def text(self) -> str:
        """Joins the text parts. A part that starts with a capital letter starts a new line."""
        text = ""
        for part in self.parts:
            if isinstance(part, Text):
                starts_line = part.text[:1].isupper() and text[-1:].strip()
                text += f"\n{part.text}" if starts_line else part.text
        return text


@dataclass(frozen=True, slots=True)
class Tool:
    """A tool that the model can call; `parameters` is a JSON Schema.

    With `strict`, the arguments of its calls must fit the schema.
    """

    name: str
    description: str
    parameters: Json
    strict: bool = False


@dataclass(frozen=True, slots=True)
class ModelRequest:
    """A request to a model.

    `choice` is auto, none, any or only; with `only`, the field `only` names the tool. `limit` is
    the maximum number of output tokens. `json_schema` is the schema of the answer; {} stands for
    any JSON object, None for text. `options` are further fields for the model. `body` is the
    caller's request body in the protocol `caller_protocol`; `version_headers` are the headers that
    selected a version of it. `server_tools` are the names of the tools that the provider runs
    itself, `cited` the documents (title and text) of which passages are to be cited. `original` is
    the body of a caller of Responses, whose `body` is the equivalent one of Chat Completions.
    """

    model: str
    system: str
    turns: tuple[Turn, ...]
    tools: tuple[Tool, ...] = ()
    choice: str = "auto"
    only: str = ""
    parallel: bool = True
    limit: int | None = None
    stop: tuple[str, ...] = ()
    temperature: float | None = None
    top_p: float | None = None
    options: Mapping[str, Json] = field(default_factory=dict)
    thinking: Json = None
    json_schema: Json = None
    streams: bool = False
    caller_protocol: str = ""
    body: Json = None
    version_headers: tuple[tuple[str, str], ...] = ()
    server_tools: tuple[str, ...] = ()
    cited: tuple[tuple[str, str], ...] = ()
    original: Json = None

    @property
    def instructions(self) -> str:
        """Joins the system prompt and the instructions within the conversation, in order."""
        late = (turn.text for turn in self.turns if turn.role == "system")
        return "\n".join(text for text in (self.system, *late) if text)


@dataclass(frozen=True, slots=True)
class Usage:
    """Token counts as Anthropic counts them: cached tokens are not part of `input_tokens`."""

    input_tokens: int
    output_tokens: int
    cache_read: int = 0
    cache_write: int = 0


@dataclass(frozen=True, slots=True)
class ModelReply:
    """The answer of a provider.

    `search` is the query of a web search that the provider ran, `citations` are the passages that
    the text refers to. The fields after them are set only by a provider behind the gateway: the
    ids of its calls, its content blocks in order, its exact usage, its own finish reason, headers
    for the caller, the error that ended a stream early, the members of its answer and of its usage
    that only its own protocol has, and the whole answer of a provider of Responses.
    """

    text: str
    calls: tuple[tuple[str, str], ...] = ()
    finish: Finish = "end"
    input_tokens: int = 0
    output_tokens: int = 0
    thinking: str = ""
    stop_sequence: str = ""
    search: str = ""
    citations: tuple[Json, ...] = ()
    call_ids: tuple[str, ...] = ()
    blocks: tuple[Json, ...] | None = None
    usage: Usage | None = None
    native_reason: str = ""
    headers: tuple[tuple[str, str], ...] = ()
    error: RequestError | None = None
    own_fields: Mapping[str, Json] = field(default_factory=dict)
    own_usage: Mapping[str, Json] = field(default_factory=dict)
    response: Json = None
