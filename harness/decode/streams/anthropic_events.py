"""Reading of one event of a Messages stream: its type, its data, and rules about the event."""

from __future__ import annotations

from typing import Final

from harness.decode.streams.rules import ViolationLog, load_table
from harness.model import Event, Json
from harness.util.format_value import format_value
from harness.util.strict_json import parse

STREAM: Final = load_table("anthropic", "stream")
EVENT_TYPES: Final = frozenset(symbol for state, symbol in STREAM if state == "before")
IGNORED: Final[tuple[str, Json]] = ("", None)


def read_event(event: Event, log: ViolationLog, data: list[Json]) -> tuple[str, Json]:
    """Return the event's type and data; IGNORED if the event has no usable data.

    Args:
        data: The data of all events; this event's is appended.
    """
    at = f"event {event.number}"
    if event.data.strip().startswith("[DONE]"):
        has_name = event.event not in ("", "ping")
        log.add("done-named" if has_name else "done", at, repr(event.data[:40]))
        return IGNORED
    parsed = parse(event.data)
    kind = _kind(event, parsed.value)
    for remark in parsed.remarks:
        log.add("ambiguous-json", at, remark)
    if parsed.problem:
        if kind == "error":  # The SDKs raise an error with the text.
            return kind, event.data
        log.add(
            "ping-json" if kind == "ping" else "json", at, f"{event.data[:60]!r}: {parsed.problem}"
        )
        return IGNORED
    data.append(parsed.value)
    _check_name(event, kind, parsed.value, log, at)
    return kind, parsed.value


def _kind(event: Event, data: Json) -> str:
    """Return the type in the data, as the current SDKs read it; without one, the event's name."""
    if event.event in ("ping", "error"):
        return event.event
    kind = data.get("type") if isinstance(data, dict) else None
    if isinstance(kind, str):
        return kind
    error = isinstance(data, dict) and bool(data.get("error")) and not event.event
    return "error" if error else event.event


def _check_name(event: Event, kind: str, data: Json, log: ViolationLog, at: str) -> None:
    """Check that the event's name is the type in its data, since SDKs select events by name."""
    data_type = data.get("type") if isinstance(data, dict) else None
    if not isinstance(data_type, str):
        if kind not in EVENT_TYPES:  # The schema reports it for known events.
            log.add("type-missing", at, format_value(data), kind[:40])
    elif event.event != data_type:
        lost = data_type in EVENT_TYPES and event.event != "error"
        got = f"event: {event.event[:40]}" if event.event else "none"
        log.add("name" if lost else "name-unused", at, got, data_type[:40])
