"""Assembly of a Messages stream into a plain message."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

from harness.decode.streams.anthropic_events import EVENT_TYPES, STREAM, read_event
from harness.decode.streams.anthropic_parts import Block, Usage
from harness.decode.streams.index import index_of
from harness.decode.streams.rules import Validate, ViolationLog
from harness.model import Event, Json, Violation
from harness.util.format_value import format_value

# A message_delta does not change these members of the message.
CONSTANT: Final = ("id", "type", "role", "content", "model", "usage")
MAX_BLOCKS: Final = 10_000
# With these stop reasons the last block can be incomplete.
TRUNCATED: Final = ("max_tokens", "refusal", "model_context_window_exceeded")


def anthropic(
    events: Sequence[Event],
    *,
    complete: bool = True,
    validate: Validate = lambda event: [],
) -> tuple[dict[str, Json] | None, list[Json], list[Violation]]:
    """Assemble the events of a stream.

    Args:
        complete: False if the connection was lost. Rules about the end are not checked then.
        validate: Returns (JSON Pointer, message) for each schema error of an event's data.

    Returns:
        The message (None without any content), the data of all events, and the violations.
    """
    stream = _Stream(validate)
    for event in events:
        kind, data = read_event(event, stream.log, stream.data)
        stream.add(kind, data, f"event {event.number}")
    if complete:
        stream.end()
    return stream.plain(), stream.data, stream.log.violations()


class _Stream:
    """A stream as it builds up.

    Attributes:
        state: A state of the table STREAM.
        open_index: The index of the block that is open, or was last.
        next_index: The index that the next block must have.
        changes: Members of the message that message_delta events set.
    """

    def __init__(self, validate: Validate) -> None:
        self.validate, self.log = validate, ViolationLog("anthropic")
        self.usage = Usage(self.log)
        self.state = "before"
        self.open_index, self.next_index = 0, 0
        self.data: list[Json] = []
        self.message: dict[str, Json] | None = None
        self.blocks: list[Block] = []
        self.block_at: dict[int, Block] = {}
        self.changes: dict[str, Json] = {}
        self.handlers: dict[str, Callable[[dict[str, Json], str], None]] = {
            "message_start": self.start_message,
            "content_block_start": self.start_block,
            "content_block_delta": self.add_delta,
            "message_delta": self.change_message,
        }

    def add(self, kind: str, data: Json, at: str) -> None:
        if kind in EVENT_TYPES:
            self.step(kind, data, at)
        elif not isinstance(data, dict) and kind:
            self.log.add_schema_errors(self.validate, at, data)
        elif kind not in ("", "ping"):
            self.log.add("unknown-event", at, format_value(kind))

    def step(self, kind: str, data: Json, at: str) -> None:
        if self.state == "failed":
            return
        symbol, earlier_state = self.symbol(kind, data), self.state
        self.state, rule = STREAM[self.state, symbol]
        if rule:
            self.log.add(rule, at, format_value(data), self.open_index)
        if kind == "error":
            self.log.check_error(data, ("type", "message"), at)
        if kind == "error" or earlier_state == "stopped":  # No client reads on.
            return
        self.log.add_schema_errors(self.validate, at, data)
        if isinstance(data, dict) and kind in self.handlers:
            self.handlers[kind](data, at)

    def symbol(self, kind: str, data: Json) -> str:
        """Return the event's symbol for the table: `stray ...` for a block other than the open one.

        An event without an index belongs to the open block.
        """
        index = index_of(data)
        stray = (
            self.state == "block"
            and kind in ("content_block_delta", "content_block_stop")
            and index is not None
            and index != self.open_index
        )
        return f"stray {kind}" if stray else kind

    def start_message(self, data: dict[str, Json], at: str) -> None:
        if self.message is not None:
            return
        message = data.get("message")
        self.message = message if isinstance(message, dict) else {}
        if self.message.get("stop_reason") is not None:
            self.log.add("start-null", at, format_value(self.message["stop_reason"]))
        self.usage.add(self.message.get("usage"), at, first=True)

    def start_block(self, data: dict[str, Json], at: str) -> None:
        index = index_of(data)
        if index is None:  # The schema reports it.
            index = self.next_index
        elif index != self.next_index:
            self.log.add("block-index", at, f"index {index}", self.next_index)
        self.open_index, self.next_index = index, index + 1
        if len(self.blocks) >= MAX_BLOCKS:
            self.log.add_size(at, MAX_BLOCKS, "content blocks")
            return
        self.block_at[index] = block = Block(data.get("content_block"), self.log)
        self.blocks.append(block)

    def add_delta(self, data: dict[str, Json], at: str) -> None:
        index = index_of(data)
        block = self.block_at.get(self.open_index if index is None else index)
        if block is not None:
            block.add(data.get("delta"), at)

    def change_message(self, data: dict[str, Json], at: str) -> None:
        """Apply a message_delta. Null does not replace an earlier value."""
        delta = data.get("delta")
        delta = delta if isinstance(delta, dict) else {}
        earlier = self.changes.get("stop_reason")
        if earlier is not None and delta.get("stop_reason") is None:
            self.log.add("stop-reason-lost", at, f"none after {format_value(earlier)}")
        for key, value in delta.items():
            if key not in CONSTANT and (value is not None or key not in self.changes):
                self.changes[key] = value
        self.usage.add(data.get("usage"), at)

    def end(self) -> None:
        if self.state == "failed":  # After an error event nothing more is expected.
            return
        if self.state == "before":
            self.log.add("start-missing", "body", "the end of the stream")
            return
        if self.state != "stopped":
            self.log.add("stop-missing", "body", "the end of the stream")
        reason = self.changes.get("stop_reason")
        if reason is None:
            self.log.add("stop-reason", "body", "none in any message_delta")
        self.usage.end()
        last_incomplete = self.state == "block" or reason in TRUNCATED
        complete_blocks = self.blocks[: len(self.blocks) - last_incomplete]
        for number, block in enumerate(complete_blocks):
            block.check_arguments(f"/content/{number}")

    def plain(self) -> dict[str, Json] | None:
        if self.message is None and not self.blocks and not self.changes:
            return None
        changes = {key: value for key, value in self.changes.items() if value is not None}
        content = [block.plain() for block in self.blocks]
        body = {**self.changes, **(self.message or {}), **changes, "content": content}
        usage = self.usage.counts
        return body if usage is None else {**body, "usage": usage}
