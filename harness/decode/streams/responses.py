"""Assembly of a Responses stream into a plain response."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from harness.decode.streams.index import index_of, whole
from harness.decode.streams.responses_item import DELTAS, DONE
from harness.decode.streams.responses_items import Items
from harness.decode.streams.rules import Validate, ViolationLog, load_table
from harness.model import Event, Json, Violation
from harness.util.format_value import format_value
from harness.util.strict_json import parse

STREAM: Final = load_table("responses", "stream")
ENDS: Final = ("response.completed", "response.incomplete")
ERRORS: Final = ("response.failed", "error")
STARTS: Final = ("response.created", "response.in_progress", "response.queued")
PARTS: Final = ("response.content_part.added", "response.content_part.done")


def responses(
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
        The response (None without any event of one), the data of all events, and the violations.
    """
    stream = _Stream(validate)
    for event in events:
        stream.read(event)
    if complete:
        stream.end()
    return stream.plain(), stream.data, stream.log.violations()


class _Stream:
    """A stream as it builds up.

    Attributes:
        state: A state of the table STREAM.
        response: The response of the last event that has a whole one.
        number: The sequence number of the last event, if it had one.
    """

    def __init__(self, validate: Validate) -> None:
        self.validate, self.log = validate, ViolationLog("responses")
        self.items = Items(self.log)
        self.state = "before"
        self.data: list[Json] = []
        self.response: dict[str, Json] | None = None
        self.first_id: Json = None
        self.number: int | None = None

    def read(self, event: Event) -> None:
        """Read one event. An end mark as in Chat Completions is neither required nor wrong."""
        at = f"event {event.number}"
        if event.data.strip() == "[DONE]":
            return
        parsed = parse(event.data)
        if parsed.problem:
            self.log.add("json", at, f"{event.data[:60]!r}: {parsed.problem}")
            return
        for remark in parsed.remarks:
            self.log.add("ambiguous-json", at, remark)
        self.data.append(parsed.value)
        kind = kind_of(event, parsed.value)
        if event.event and event.event != kind:
            self.log.add("name", at, f"event: {event.event[:40]}", kind[:40])
        if isinstance(parsed.value, dict):
            self.step(kind, parsed.value, at)
        else:
            self.log.add_schema_errors(self.validate, at, parsed.value)

    def step(self, kind: str, data: dict[str, Json], at: str) -> None:
        if self.state == "failed":
            return
        earlier = self.state
        self.state, rule = STREAM[self.state, symbol(kind)]
        if rule:
            self.log.add(rule, at, format_value(data))
        if earlier == "ended":  # No client reads on.
            return
        if kind in ERRORS:
            self.fail(data, at)
            return
        self.log.add_schema_errors(self.validate, at, data)
        self.check_number(data, at)
        self.apply(kind, data, at)

    def fail(self, data: dict[str, Json], at: str) -> None:
        """Read the error that ends a stream, at any place in it."""
        response = data.get("response")
        if isinstance(response, dict):
            self.response = data = response
        self.log.check_error(data if "error" in data else {"error": data}, ("message",), at)

    def apply(self, kind: str, data: dict[str, Json], at: str) -> None:
        """Hand an event to what it changes; one of an unknown type changes nothing."""
        if kind in (*STARTS, *ENDS):
            self.take_response(kind, data, at)
        elif kind == "response.output_item.added":
            self.items.add(data, at)
        elif kind == "response.output_item.done":
            self.items.close(data, at)
        elif kind in PARTS:
            self.items.part(kind, data, at)
        elif kind in DELTAS:
            self.items.delta(kind, data, at)
        elif kind in DONE:
            self.items.done(kind, data, at)

    def check_number(self, data: dict[str, Json], at: str) -> None:
        """Check that sequence numbers count the events.

        The schema reports a missing one, after which the next number is not certain.
        """
        number = whole(data.get("sequence_number"))
        if number is None or self.number is None:
            pass
        elif number <= self.number:
            self.log.add("number-order", at, f"{number} after {self.number}")
        elif number != self.number + 1:
            self.log.add("number-gap", at, f"{number} after {self.number}")
        self.number = number

    def take_response(self, kind: str, data: dict[str, Json], at: str) -> None:
        response = data.get("response")
        if not isinstance(response, dict):
            return
        self.response = response
        if self.first_id is None:
            self.first_id = response.get("id")
        elif response.get("id") != self.first_id:
            got, first = format_value(response.get("id")), format_value(self.first_id)
            self.log.add("same-id", at, f"{got} after {first}")
        status = kind.removeprefix("response.")
        if kind in ENDS and response.get("status") != status:
            self.log.add("status", at, format_value(response.get("status")), status, kind)
        if kind in ENDS:
            self.items.compare(response.get("output"), at)

    def end(self) -> None:
        if self.state == "failed":  # After an error nothing more is expected.
            return
        if self.state == "before":
            self.log.add("start-missing", "body", "the end of the stream")
        if self.state != "ended":  # So are its items.
            self.log.add("end-missing", "body", "the end of the stream")
            return
        completed = (self.response or {}).get("status") == "completed"
        self.items.end(is_completed=completed)

    def plain(self) -> dict[str, Json] | None:
        """Return the response of the last event; its items are those that a client has read."""
        if self.response is None and not self.items.by_index:
            return None
        return {**(self.response or {}), "output": self.items.plain()}


def symbol(kind: str) -> str:
    """Return the symbol of an event for the table."""
    if kind in ENDS:
        return "end"
    if kind in ERRORS:
        return "error"
    return "created" if kind == "response.created" else "other"


def kind_of(event: Event, data: Json) -> str:
    """Return the type in the data, as the SDKs read it; without one, the event's name."""
    kind = data.get("type") if isinstance(data, dict) else None
    if isinstance(kind, str):
        return kind
    is_error = isinstance(data, dict) and bool(data.get("error"))
    return "error" if is_error and index_of(data) is None else event.event
