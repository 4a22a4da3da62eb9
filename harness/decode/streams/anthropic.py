"""Events of a streamed message -> the plain message, and the laws it breaks. Pure."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

from harness.decode.streams import anthropic_rules as laws
from harness.decode.streams.anthropic_blocks import Block
from harness.decode.streams.anthropic_events import heard
from harness.decode.streams.anthropic_transitions import CUT, KNOWN, STREAM
from harness.decode.streams.rule import StreamRule
from harness.decode.streams.usage import Counts
from harness.decode.streams.violations import ViolationLog, shown
from harness.model import Event, Json, Violation

Check = Callable[[Json], list[tuple[str, str]]]
# No message_delta changes these.
OWN: Final = ("id", "type", "role", "content", "model", "usage")


def anthropic(
    events: Sequence[Event], *, whole: bool = True, check: Check = lambda event: []
) -> tuple[dict[str, Json] | None, list[Json], list[Violation]]:
    """(message, or None where none came; the data of all events; the broken laws).

    `whole`: False when the stream was cut off underway, so that laws about its end say nothing.
    `check`: (JSON Pointer, complaint) of an event's data, by its schema.
    """
    stream = _Stream(check)
    for event in events:
        kind, data = heard(event, stream.book, stream.data)
        stream.take(kind, data, f"event {event.number}")
    if whole:
        stream.end()
    return stream.body(), stream.data, stream.book.violations()


class _Stream:
    def __init__(self, check: Check) -> None:
        self.check, self.book, self.counts = check, ViolationLog(), Counts()
        self.state, self.next = "before", 0
        self.data: list[Json] = []
        self.message: dict[str, Json] | None = None
        self.blocks: list[Block] = []
        self.at_index: dict[int, Block] = {}
        self.open = 0
        self.told: dict[str, Json] = {}
        self.readers: dict[str, Callable[[dict[str, Json], str], None]] = {
            "message_start": self.begin,
            "content_block_start": self.opened,
            "content_block_delta": self.delta,
            "message_delta": self.tell,
        }

    def take(self, kind: str, data: Json, at: str) -> None:
        if kind in KNOWN:
            self.step(kind, data, at)
        elif not isinstance(data, dict) and kind:
            self.checked(data, at)
        elif kind not in ("", "ping"):
            self.book.note(laws.UNKNOWN, at, shown(kind))

    def step(self, kind: str, data: Json, at: str) -> None:
        if self.state == "failed":
            return
        symbol, before = self.symbol(kind, data), self.state
        self.state, law = STREAM[before, symbol]
        if law:
            self.book.note(law.of(self.open), at, shown(data))
        if kind == "error" or before == "stopped":  # nobody reads on
            return
        self.checked(data, at)
        if isinstance(data, dict) and kind in self.readers:
            self.readers[kind](data, at)

    def symbol(self, kind: str, data: Json) -> str:
        """Only where a block is open can another be meant; no index at all means the open one."""
        if self.state == "block" and kind in ("content_block_delta", "content_block_stop"):
            index = _index(data)
            if index is not None and index != self.open:
                return f"stray {kind}"
        return kind

    def checked(self, data: Json, at: str) -> None:
        for pointer, text in self.check(data):
            law = StreamRule("stream.chunk", "must", text)
            self.book.note(law, f"{at} {pointer}".strip(), shown(data))

    def begin(self, data: dict[str, Json], at: str) -> None:
        if self.message is not None:
            return
        message = data.get("message")
        self.message = message if isinstance(message, dict) else {}
        if self.message.get("stop_reason") is not None:
            self.book.note(laws.START_NULL, at, shown(self.message["stop_reason"]))
        self.counts.take(self.message.get("usage"), self.book, at, first=True)

    def opened(self, data: dict[str, Json], at: str) -> None:
        index = _index(data)
        if index is None:  # the schema has said so
            index = self.next
        elif index != self.next:
            self.book.note(laws.INDEX.of(self.next), at, f"index {index}")
        self.open, self.next = index, index + 1
        self.at_index[index] = block = Block(data.get("content_block"), self.book)
        self.blocks.append(block)

    def delta(self, data: dict[str, Json], at: str) -> None:
        index = _index(data)
        block = self.at_index.get(self.open if index is None else index)
        if block is not None:
            block.take(data.get("delta"), at)

    def tell(self, data: dict[str, Json], at: str) -> None:
        """What message_delta says of the message as a whole; null takes nothing back."""
        delta = data.get("delta")
        delta = delta if isinstance(delta, dict) else {}
        known = self.told.get("stop_reason")
        if known is not None and delta.get("stop_reason") is None:
            self.book.note(laws.REASON_LOST, at, f"none after {shown(known)}")
        for key, value in delta.items():
            if key not in OWN and (value is not None or key not in self.told):
                self.told[key] = value
        self.counts.take(data.get("usage"), self.book, at)

    def end(self) -> None:
        if self.state == "failed":  # an interrupted stream owes nothing more
            return
        if self.state == "before":
            self.book.note(laws.START_MISSING, "body", "the end of the stream")
            return
        if self.state != "stopped":
            self.book.note(laws.STOP_MISSING, "body", "the end of the stream")
        reason = self.told.get("stop_reason")
        if reason is None:
            self.book.note(laws.REASON, "body", "none in any message_delta")
        self.counts.end(self.book)
        cut = self.state == "block" or reason in CUT
        for number, block in enumerate(self.blocks[: len(self.blocks) - cut]):
            block.arguments(f"/content/{number}")

    def body(self) -> dict[str, Json] | None:
        if self.message is None and not self.blocks and not self.told:
            return None
        told = {key: value for key, value in self.told.items() if value is not None}
        content = [block.whole() for block in self.blocks]
        body = {**self.told, **(self.message or {}), **told, "content": content}
        usage = self.counts.usage
        return body if usage is None else {**body, "usage": usage}


def _index(data: Json) -> int | None:
    index = data.get("index") if isinstance(data, dict) else None
    if isinstance(index, float) and index.is_integer():
        index = int(index)
    return index if isinstance(index, int) and not isinstance(index, bool) else None
