"""The output items of a Responses stream: what was announced, added in pieces, and done."""

from __future__ import annotations

from typing import Final

from harness.decode.streams.index import whole
from harness.decode.streams.responses_item import (
    IN_CONTENT,
    PART,
    TEXTS,
    Item,
    Place,
    identity,
    part_index,
    place_of,
    texts_of,
)
from harness.decode.streams.rules import ViolationLog
from harness.model import Json
from harness.util.format_value import format_value

MAX_ITEMS: Final = 10_000


class Items:
    """The items of a stream, by `output_index`."""

    def __init__(self, log: ViolationLog) -> None:
        self.log = log
        self.by_index: dict[int, Item] = {}

    def add(self, data: dict[str, Json], at: str) -> None:
        index, item = whole(data.get("output_index")), data.get("item")
        if not isinstance(item, dict):  # The schema reports it, and a missing index.
            return
        if index is None:
            index = len(self.by_index)
        if index != len(self.by_index):
            self.log.add("item-index", at, f"output_index {index} for item {len(self.by_index)}")
        if len(self.by_index) >= MAX_ITEMS:
            self.log.add_size(at, MAX_ITEMS, "output items")
        else:
            self.by_index[index] = Item(item)

    def find(self, data: dict[str, Json], at: str) -> Item | None:
        """Return the item of an event, and check that it is known under the same id."""
        item = self.item_at(data)
        if item is None:
            self.log.add("item-unknown", at, index_sent(data))
        elif "item_id" in data and data["item_id"] != item.first.get("id"):
            self.add_other_id(data["item_id"], item, at)
        return item

    def item_at(self, data: dict[str, Json]) -> Item | None:
        """Return the item of an event; without an index, that of its id, or the last one."""
        if (index := whole(data.get("output_index"))) is not None:
            return self.by_index.get(index)
        items = list(self.by_index.values())
        same = [item for item in items if item.first.get("id") == data.get("item_id")]
        return next(iter([*same, *items[-1:]]), None)

    def add_other_id(self, got: Json, item: Item, at: str) -> None:
        expected = format_value(item.first.get("id"))
        self.log.add("item-id", at, f"{format_value(got)} for the item {expected}")

    def part(self, kind: str, data: dict[str, Json], at: str) -> None:
        item = self.find(data, at)
        if item is None:
            return
        index, part = part_index(data), data.get("part")
        if kind.endswith(".added"):
            item.parts.add(index)
            return
        item.closed.add((PART, index))
        if isinstance(part, dict):
            for name in IN_CONTENT:
                if (text := part.get(TEXTS[name])) is not None:
                    self.check_text(item, (name, index), text, at)

    def delta(self, kind: str, data: dict[str, Json], at: str) -> None:
        item, name, delta = self.find(data, at), kind.removesuffix(".delta"), data.get("delta")
        if item is None or not isinstance(delta, str):  # The schema reports it.
            return
        if name in IN_CONTENT and part_index(data) not in item.parts:
            self.log.add("part-unknown", at, format_value(data.get("content_index")))
        item.pieces.setdefault(place_of(name, data), []).append(delta)

    def done(self, kind: str, data: dict[str, Json], at: str) -> None:
        item, name = self.find(data, at), kind.removesuffix(".done")
        text = data.get(TEXTS[name])
        if item is not None:
            item.closed.add(place_of(name, data))
            if isinstance(text, str):
                self.check_text(item, place_of(name, data), text, at)

    def check_text(self, item: Item, place: Place, text: Json, at: str) -> None:
        """Compare a whole text with its deltas. An empty text needs none."""
        joined = item.joined(place)
        if (joined or "") != text:
            got = f"{format_value(joined or '')} in pieces, {format_value(text)} as a whole"
            self.log.add("no-deltas" if joined is None else "delta-done", at, got)

    def close(self, data: dict[str, Json], at: str) -> None:
        item, final = self.item_at(data), data.get("item")
        if item is None:
            self.log.add("item-unknown", at, index_sent(data))
            return
        if not isinstance(final, dict):  # The schema reports it.
            return
        if final.get("id") != item.first.get("id"):
            self.add_other_id(final.get("id"), item, at)
        if final.get("call_id") != (call := item.first.get("call_id")) and call is not None:
            self.log.add("item-id", at, f"call_id {format_value(final.get('call_id'))}")
        item.final = final
        for place, text in texts_of(final):
            self.check_text(item, place, text, at)

    def compare(self, output: Json, at: str) -> None:
        """Compare the output of the last event with the items that are done."""
        done = [item.final for _, item in sorted(self.by_index.items()) if item.final]
        if not isinstance(output, list):
            return
        got, expected = ([identity(each) for each in items] for items in (output, done))
        if got != expected:
            self.log.add("final-output", at, f"{format_value(got)} after {format_value(expected)}")

    def end(self, *, is_completed: bool) -> None:
        """Check what only the end of a stream shows."""
        for index, item in sorted(self.by_index.items()):
            if item.final is None:
                self.log.add("item-open", "body", f"output_index {index}")
                continue
            for event in item.unclosed() if is_completed else ():
                self.log.add("text-open", f"/output/{index}", "no such event", event)
            if is_completed and item.final.get("type") == "function_call":
                arguments = item.final.get("arguments")
                text = arguments if isinstance(arguments, str) else ""
                self.log.check_arguments(text, f"/output/{index}/arguments")

    def plain(self) -> list[Json]:
        return [item.final or item.first for _, item in sorted(self.by_index.items())]


def index_sent(data: dict[str, Json]) -> str:
    return f"output_index {format_value(data.get('output_index'))}"
