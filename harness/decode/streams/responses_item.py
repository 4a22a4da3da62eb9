"""One output item of a Responses stream: its texts in pieces, and what has closed them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

from harness.decode.streams.index import whole
from harness.model import Json

# The member of the `done` event and of its part that the deltas join to, by kind of delta.
TEXTS: Final = {
    "response.output_text": "text",
    "response.refusal": "refusal",
    "response.reasoning_text": "text",
    "response.reasoning": "text",  # the same in Open Responses
    "response.reasoning_summary_text": "text",
    "response.function_call_arguments": "arguments",
    "response.custom_tool_call_input": "input",
}
DELTAS: Final = frozenset(f"{kind}.delta" for kind in TEXTS)
DONE: Final = frozenset(f"{kind}.done" for kind in TEXTS)
IN_CONTENT: Final = ("response.output_text", "response.refusal")
IN_ITEM: Final = ("response.function_call_arguments", "response.custom_tool_call_input")
PART: Final = "response.content_part"
Place = tuple[str, int | None]  # the kind of text, and its index within the item


@dataclass(slots=True)
class Item:
    """One output item.

    Attributes:
        parts: The indexes of its content parts that were announced.
        pieces: The deltas of each text.
        closed: The kinds of events that have closed a text or a part, each with its index.
        final: The item as it is when it is done.
    """

    first: dict[str, Json]
    parts: set[int] = field(default_factory=set)
    pieces: dict[Place, list[str]] = field(default_factory=dict)
    closed: set[Place] = field(default_factory=set)
    final: dict[str, Json] | None = None

    def unclosed(self) -> list[str]:
        """Return the events that should have closed its parts and the texts sent in pieces."""
        texts = [place for place in self.pieces if place[0] in (*IN_CONTENT, *IN_ITEM)]
        expected = [*texts, *((PART, index) for index in sorted(self.parts))]
        return [f"{kind}.done" for kind, index in expected if (kind, index) not in self.closed]

    def joined(self, place: Place) -> str | None:
        """Return the deltas of a text as one; None without any."""
        pieces = self.pieces.get(place)
        return None if pieces is None else "".join(pieces)


def place_of(name: str, data: dict[str, Json]) -> Place:
    """Return the place of a text within its item."""
    if name in IN_ITEM:
        return name, None
    key = "summary_index" if "summary" in name else "content_index"
    return name, part_index(data, key)


def part_index(data: dict[str, Json], key: str = "content_index") -> int:
    """Return the index of a part; without one, the part is the first."""
    return whole(data.get(key)) or 0


def texts_of(item: dict[str, Json]) -> list[tuple[Place, Json]]:
    """Return the texts and arguments of an item that is done, which a client has read in pieces."""
    if item.get("type") == "function_call":
        return [(("response.function_call_arguments", None), item.get("arguments"))]
    content = item.get("content")
    parts = content if item.get("type") == "message" and isinstance(content, list) else []
    return [
        ((name, index), part[TEXTS[name]])
        for index, part in enumerate(parts)
        for name in IN_CONTENT
        if isinstance(part, dict) and TEXTS[name] in part
    ]


def identity(item: Json) -> Json:
    """Return what must not differ between an item that is done and the same one in the output."""
    if not isinstance(item, dict):
        return item
    return [item.get("type"), item.get("id"), *(text for _, text in texts_of(item))]
