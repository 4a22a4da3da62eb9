"""Mutants that lose parts of a Messages request: turns, blocks, marked content, tools."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

from harness.testbed.gateway.gateway import Overrides
from harness.testbed.gateway.model_types import Image, ModelRequest, Text
from harness.testbed.mutants.anthropic.operators import loses, misreads, mutant, refuses
from harness.testbed.mutants.openai.operators import Body, has, values_at
from harness.testbed.mutation.rows import mutants_in

Blocks = list[Body]
Choose = Callable[[Blocks], Blocks]
BLOCK = ("messages", "*", "content", "*")


def contents(body: Body, role: str) -> Iterator[Body]:
    """Yields the messages of a role whose content is a list of blocks."""
    for message in values_at(body, "messages", {"role": role}):
        if isinstance(message.get("content"), list):
            yield message


def blocks(role: str, choose: Choose) -> Overrides:
    """Keeps some blocks of the messages of one role."""

    def lose(body: Body) -> None:
        for message in contents(body, role):
            message["content"] = choose(message["content"]) or "?"

    return loses(lose)


def without(**values: Any) -> Choose:
    """Drops blocks that have these values."""
    return lambda own: [
        block for block in own if any(block.get(key) != value for key, value in values.items())
    ]


def text_beside_calls(own: Blocks) -> Blocks:
    """Keeps only the calls of a turn that has calls."""
    calls = [block for block in own if block["type"] == "tool_use"]
    return calls or own


def images_of_last_turn(request: ModelRequest) -> Any:
    """Drops the images of all turns but the last."""
    *earlier, last = request.turns
    kept = (
        replace(turn, parts=tuple(p for p in turn.parts if not isinstance(p, Image)))
        for turn in earlier
    )
    return (*kept, last)


def ascii_only(request: ModelRequest) -> Any:
    """Drops letters outside ASCII from the prompt."""
    return tuple(
        replace(turn, parts=tuple(
            Text(part.text.encode("ascii", "ignore").decode()) if isinstance(part, Text) else part
            for part in turn.parts))
        for turn in request.turns
    )  # fmt: skip


def drop_enum(original: Callable[[Body], Any], tool: Body) -> Any:
    """Drops `enum` from the properties of a tool."""
    made = original(tool)
    properties = {
        name: {key: value for key, value in schema.items() if key != "enum"}
        for name, schema in made.parameters.get("properties", {}).items()
    }
    return replace(made, parameters={**made.parameters, "properties": properties})


def marked(*kinds: str) -> Overrides:
    """Rejects cache_control on blocks of these types."""
    paths = [(*BLOCK[:3], {"type": kind}, "cache_control") for kind in kinds]
    return refuses(lambda body: any(has(*path)(body) for path in paths), "cache_control")


TURNS = (
    mutant("use.text-lost", "drops the text beside a call", "tools.use.and-text", "more_than",
           blocks("assistant", text_beside_calls)),
    mutant("unicode.prompt", "drops letters outside ASCII from the prompt",
           "messages.unicode.counted", "more_than", misreads(turns=ascii_only)),
    mutant("image.earlier-lost", "forwards only the images of the last turn",
           "images.base64.history", "any_of", misreads(turns=images_of_last_turn)),
    mutant("image.after-text", "drops an image after a text", "images.base64.after-text",
           "any_of", blocks("user", lambda own: own[:1] + without(type="image")(own[1:]))),
)  # fmt: skip

MARKED = (
    mutant("cache_control.calls-refused", "rejects the mark on calls and results",
           "cache_control.conversation", "status", marked("tool_use", "tool_result")),
    mutant("cache_control.image-refused", "rejects the mark on images", "images.base64.cached",
           "status", marked("image")),
)  # fmt: skip

OFFERED = (
    mutant("tools.enum-lost", "drops the enum of arguments", "tools.input_schema.enum",
           "more_than", {"anthropic.tool": drop_enum}),
)  # fmt: skip

ANTHROPIC_CONTENT_LOST = (*mutants_in("anthropic/content_lost"), *TURNS, *MARKED, *OFFERED)
