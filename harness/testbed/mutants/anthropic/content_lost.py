"""Mutants that lose parts of a Messages request: turns, blocks, marked content, tools."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

from harness.testbed.gateway.gateway import Overrides
from harness.testbed.gateway.model_types import Image, ModelRequest, Text
from harness.testbed.mutants.anthropic.operators import loses, misreads, mutant, refuses
from harness.testbed.mutants.openai.operators import Body, has, has_value, values_at

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


def without_mark(own: Blocks) -> Blocks:
    return [block for block in own if "cache_control" not in block]


def system_without_mark(body: Body) -> None:
    if isinstance(body.get("system"), list):
        body["system"] = without_mark(body["system"])


def tools_without_mark(body: Body) -> None:
    body["tools"] = without_mark(body.get("tools") or [])


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


def refuses_format(kind: str) -> Overrides:
    """Rejects images of one media type."""
    return refuses(has_value(*BLOCK, "source", "media_type", value=kind), "media_type")


def drop_enum(original: Callable[[Body], Any], tool: Body) -> Any:
    """Drops `enum` from the properties of a tool."""
    made = original(tool)
    properties = {
        name: {key: value for key, value in schema.items() if key != "enum"}
        for name, schema in made.parameters.get("properties", {}).items()
    }
    return replace(made, parameters={**made.parameters, "properties": properties})


def truncate_description(original: Callable[[Body], Any], tool: Body) -> Any:
    made = original(tool)
    return replace(made, description=made.description[:100])


def marked(*kinds: str) -> Overrides:
    """Rejects cache_control on blocks of these types."""
    paths = [(*BLOCK[:3], {"type": kind}, "cache_control") for kind in kinds]
    return refuses(lambda body: any(has(*path)(body) for path in paths), "cache_control")


TURNS = (
    mutant("history.first-lost", "drops the first turn of a long conversation",
           "messages.history.long", "any_of", loses(lambda body: body.update(
               messages=body["messages"][-7:]))),
    mutant("history.middle-lost", "forwards only four messages", "messages.history.long", "any_of",
           loses(lambda body: body.update(messages=body["messages"][-4:]))),
    mutant("history.text-blocks", "forwards only the first block of an earlier answer",
           "messages.history.text-blocks", "any_of", blocks("assistant", lambda own: own[:1])),
    mutant("use.text-lost", "drops the text beside a call", "tools.use.and-text", "more_than",
           blocks("assistant", text_beside_calls)),
    mutant("unicode.prompt", "drops letters outside ASCII from the prompt",
           "messages.unicode.counted", "more_than", misreads(turns=ascii_only)),
    mutant("document.lost", "drops documents", "messages.document", "more_than",
           blocks("user", without(type="document"))),
    mutant("image.earlier-lost", "forwards only the images of the last turn",
           "images.base64.history", "any_of", misreads(turns=images_of_last_turn)),
    mutant("image.after-text", "drops an image after a text", "images.base64.after-text",
           "any_of", blocks("user", lambda own: own[:1] + without(type="image")(own[1:]))),
    mutant("image.jpeg", "rejects JPEG images", "images.base64.formats", "status",
           refuses_format("image/jpeg")),
    mutant("image.webp", "rejects WebP images", "images.base64.formats", "status",
           refuses_format("image/webp")),
)  # fmt: skip

MARKED = (
    mutant("cache_control.system-lost", "drops system blocks that are marked for the cache",
           "cache_control.system", "more_than", loses(system_without_mark)),
    mutant("cache_control.text-lost", "drops text blocks that are marked for the cache",
           "cache_control.message", "more_than", blocks("user", without_mark)),
    mutant("cache_control.tool-lost", "drops tools that are marked for the cache",
           "cache_control.tool", "steps_agree", loses(tools_without_mark)),
    mutant("cache_control.calls-refused", "rejects the mark on calls and results",
           "cache_control.conversation", "status", marked("tool_use", "tool_result")),
    mutant("cache_control.image-refused", "rejects the mark on images", "images.base64.cached",
           "status", marked("image")),
    mutant("cache_control.ttl-refused", "rejects the lifetime of the mark", "cache_control.ttl",
           "status", refuses(has("system", "*", "cache_control", "ttl"), "ttl")),
)  # fmt: skip

OFFERED = (
    mutant("tools.description-cut", "truncates long descriptions", "tools.description.long",
           "more_than", {"anthropic.tool": truncate_description}),
    mutant("tools.last-lost", "forwards at most five tools", "tools.many", "any_of",
           loses(lambda body: body.update(tools=(body.get("tools") or [])[:5]))),
    mutant("tools.type-refused", "rejects the type custom of a tool", "tools.type", "status",
           refuses(has("tools", "*", "type"), "type")),
    mutant("tools.enum-lost", "drops the enum of arguments", "tools.input_schema.enum",
           "more_than", {"anthropic.tool": drop_enum}),
)  # fmt: skip

ANTHROPIC_CONTENT_LOST = (*TURNS, *MARKED, *OFFERED)
