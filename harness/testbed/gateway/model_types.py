"""The inner conversation: what every front translates into and every provider answers.

Nouns only. May not know any front's wire format.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from harness.testbed.gateway.errors import Refusal

Json = Any
Why = Literal["end", "stop", "length", "calls", "refused", "paused"]


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
        """Parts are put together as they are; one that begins a sentence begins a line."""
        whole = ""
        for part in self.parts:
            if isinstance(part, Text):
                begins = part.text[:1].isupper() and whole[-1:].strip()
                whole += f"\n{part.text}" if begins else part.text
        return whole


@dataclass(frozen=True, slots=True)
class Tool:
    name: str
    description: str
    parameters: Json


@dataclass(frozen=True, slots=True)
class Ask:
    """What the provider is asked. `choice`: auto, none, any, or `only` with the name in `only`.

    `body` is what the caller sent, in the protocol that is `spoken`; `versions` are the headers
    that chose a version of it.
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
    thinking: Json = None
    streams: bool = False
    spoken: str = ""
    body: Json = None
    versions: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Usage:
    """Tokens as Anthropic counts them: what came out of the cache is no part of `read`."""

    read: int
    wrote: int
    cache_read: int = 0
    cache_write: int = 0


@dataclass(frozen=True, slots=True)
class Said:
    """What the provider answered; `read` and `wrote` are tokens, `met` a stop sequence.

    The rest is known only of a provider behind the gateway: the ids of its calls, its blocks in
    order, its exact figures, its own word for why it stopped, its headers, and why it broke off.
    """

    text: str
    calls: tuple[tuple[str, str], ...] = ()
    why: Why = "end"
    read: int = 0
    wrote: int = 0
    thought: str = ""
    met: str = ""
    ids: tuple[str, ...] = ()
    blocks: tuple[Json, ...] | None = None
    usage: Usage | None = None
    native: str = ""
    headers: tuple[tuple[str, str], ...] = ()
    broken: Refusal | None = None
