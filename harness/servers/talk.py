"""The inner conversation: what every front translates into and every provider answers.

Nouns only. May not know any front's wire format.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

Json = Any
Why = Literal["end", "stop", "length", "calls"]


@dataclass(frozen=True, slots=True)
class Text:
    text: str


@dataclass(frozen=True, slots=True)
class Image:
    url: str


@dataclass(frozen=True, slots=True)
class ToolCall:
    """`arguments` is JSON as a string, the way the caller sent it or the model wrote it."""

    id: str
    name: str
    arguments: str


@dataclass(frozen=True, slots=True)
class Result:
    """What a tool gave back; `id` names the call it answers, `failed` that it went wrong."""

    id: str
    text: str
    failed: bool = False


Part = Text | Image | ToolCall | Result


@dataclass(frozen=True, slots=True)
class Turn:
    """Consecutive messages of one role are one turn, as at the provider."""

    role: Literal["user", "assistant"]
    parts: tuple[Part, ...]

    @property
    def text(self) -> str:
        return "".join(part.text for part in self.parts if isinstance(part, Text))


@dataclass(frozen=True, slots=True)
class Tool:
    name: str
    description: str
    parameters: Json


@dataclass(frozen=True, slots=True)
class Ask:
    """What the provider is asked. `choice`: auto, none, any, or `only` with the name in `only`."""

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
    thinking: Json = None


@dataclass(frozen=True, slots=True)
class Said:
    """What the provider answered; `read` and `wrote` are tokens, `met` a stop sequence."""

    text: str
    calls: tuple[tuple[str, str], ...] = ()
    why: Why = "end"
    read: int = 0
    wrote: int = 0
    thought: str = ""
    met: str = ""
