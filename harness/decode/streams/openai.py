"""Assembly of a chat completion stream into a plain completion."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from harness.decode.streams.index import index_of
from harness.decode.streams.openai_choice import Choice, objects
from harness.decode.streams.rules import Validate, ViolationLog, load_table
from harness.model import Event, Json, Violation
from harness.util.format_value import format_value
from harness.util.strict_json import parse

STREAM: Final = load_table("openai", "stream")
CONSTANT: Final = ("id", "created", "model", "system_fingerprint")
MAX_CHOICES: Final = 1_000
MAX_SECONDS: Final = 600  # of a stream whose chunks have the time at which each was sent
# No client reads on after these.
END_STATES: Final = ("done", "failed")
# Random padding of the chunks, which is not part of an answer.
PADDING: Final = frozenset({"obfuscation"})


def openai(
    events: Sequence[Event],
    usage_requested: bool = False,
    *,
    complete: bool = True,
    validate: Validate = lambda chunk: [],
) -> tuple[dict[str, Json] | None, list[Json], list[Violation]]:
    """Assemble the events of a stream.

    Args:
        usage_requested: Whether the request has `stream_options.include_usage`.
        complete: False if the connection was lost. Rules about the end are not checked then.
        validate: Returns (JSON Pointer, message) for each schema error of a chunk.

    Returns:
        The completion (None without any chunk), the chunks, and the violations.
    """
    stream = _Stream(usage_requested, validate)
    for event in events:
        stream.add(event)
    if complete:
        stream.end()
    return stream.completion(), stream.chunks, stream.log.violations()


class _Stream:
    def __init__(self, usage_requested: bool, validate: Validate) -> None:
        self.usage_requested, self.validate = usage_requested, validate
        self.log, self.state = ViolationLog("openai"), "open"
        self.chunks: list[Json] = []
        self.choices: dict[int, Choice] = {}
        self.members: dict[str, Json] = {}
        self.constants: dict[str, Json] = {}
        self.usage: Json = None

    def add(self, event: Event) -> None:
        at = f"event {event.number}"
        if event.data.strip().startswith("[DONE]"):
            self.step("done", at, event.data)
            if event.data != "[DONE]":
                self.log.add("done-exact", at, repr(event.data[:40]))
            return
        parsed = parse(event.data)
        if event.event not in ("", "message", "error"):
            self.log.add("event-name", at, f"event: {event.event[:40]}")
        if parsed.problem:
            self.log.add("json", at, f"{event.data[:60]!r}: {parsed.problem}")
        for remark in parsed.remarks:
            self.log.add("ambiguous-json", at, remark)
        error = parsed.value.get("error") if isinstance(parsed.value, dict) else None
        if error or event.event == "error":
            if self.state != "failed":
                self.log.check_error(parsed.value, ("message",), at)
            self.step("error", at, error or parsed.value or event.data)
        elif not parsed.problem:
            self.add_chunk(parsed.value, at)

    def add_chunk(self, chunk: Json, at: str) -> None:
        self.chunks.append(chunk)
        usage = chunk.get("usage") if isinstance(chunk, dict) else None
        empty = isinstance(chunk, dict) and chunk.get("choices") == []
        kind = "chunk" if not empty else "usage" if usage else "empty"
        self.step(kind, at, chunk)
        if self.state in END_STATES:
            return
        if kind != "empty":  # Its own rule covers it; Azure's has neither id nor model.
            self.log.add_schema_errors(self.validate, at, chunk)
        if not isinstance(chunk, dict):
            return
        self.add_usage(usage, kind, at)
        self.add_members(chunk, at, constants=kind != "empty")
        for position, choice in enumerate(objects(chunk.get("choices"))):
            index = index_of(choice)
            index = position if index is None else index
            if index not in self.choices and len(self.choices) >= MAX_CHOICES:
                self.log.add_size(at, MAX_CHOICES, "choices")
                continue
            assembled = self.choices.get(index)
            if assembled is None:
                assembled = self.choices[index] = Choice(index, self.log)
            assembled.add(choice, at, with_usage=usage is not None)

    def step(self, symbol: str, at: str, got: Json) -> None:
        self.state, rule = STREAM[self.state, symbol]
        if rule:
            self.log.add(rule, at, format_value(got))

    def add_usage(self, usage: Json, kind: str, at: str) -> None:
        if usage is None:
            return
        self.usage = usage
        if not self.usage_requested:
            self.log.add("usage-unrequested", at, format_value(usage))
        elif kind == "chunk":
            self.log.add("usage-with-choices", at, format_value(usage))

    def add_members(self, chunk: dict[str, Json], at: str, constants: bool) -> None:
        """Keep the members beside the choices; constant ones come from the first chunk."""
        for key, value in chunk.items():
            if value is None or key in ("choices", "usage") or key in PADDING:
                continue
            if key not in CONSTANT:
                self.members[key] = value
            elif constants and self.constants.setdefault(key, value) != value:
                self.add_change(key, self.constants[key], value, at)

    def add_change(self, key: str, first: Json, value: Json, at: str) -> None:
        """Report a constant that changes, apart from a time that goes on."""
        got = f"{format_value(value)} after {format_value(first)}"
        if key != "created":
            self.log.add("constant", at, got, key)
        elif not is_later(value, first):
            self.log.add("created", at, got, MAX_SECONDS)

    def end(self) -> None:
        if self.state in ("open", "usage"):
            self.log.add("done-missing", "body", "the end of the stream")
        if self.state == "failed":  # After an error event nothing more is expected.
            return
        for choice in self.choices.values():
            choice.end()
        if self.usage_requested and self.usage is None:
            self.log.add("usage-missing", "body", "none in any chunk")

    def completion(self) -> dict[str, Json] | None:
        if not self.chunks:
            return None
        choices = [self.choices[index].plain() for index in sorted(self.choices)]
        own = {"object": "chat.completion", "choices": choices}
        body = {**self.constants, **self.members, **own}
        return body if self.usage is None else {**body, "usage": self.usage}


def is_later(time: Json, first: Json) -> bool:
    """Return whether two values are times of one stream, in order."""
    numbers = isinstance(first, int | float) and isinstance(time, int | float)
    return numbers and 0 <= time - first <= MAX_SECONDS
