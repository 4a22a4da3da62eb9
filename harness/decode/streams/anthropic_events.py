"""Reading of one event of a Messages stream: its type, its data, and rules about the event."""

from __future__ import annotations

from typing import Final

from harness.decode.streams import anthropic_rules as rules
from harness.decode.streams.anthropic_transitions import EVENT_TYPES
from harness.decode.streams.rule import AMBIGUOUS_JSON, JSON
from harness.decode.streams.violations import ViolationLog
from harness.model import Event, Json
from harness.util.format_value import format_value
from harness.util.strict_json import parse

IGNORED: Final[tuple[str, Json]] = ("", None)


def read_event(event: Event, log: ViolationLog, data: list[Json]) -> tuple[str, Json]:
    """Return the event's type and data; IGNORED if the event has no usable data.

    Args:
        data: The data of all events; this event's is appended.
    """
    at = f"event {event.number}"
    if event.data.strip().startswith("[DONE]"):
        has_name = event.event not in ("", "ping")
        log.add(rules.DONE_NAMED if has_name else rules.DONE, at, repr(event.data[:40]))
        return IGNORED
    parsed = parse(event.data)
    kind = _kind(event, parsed.value)
    for remark in parsed.remarks:
        log.add(AMBIGUOUS_JSON, at, remark)
    if parsed.problem:
        if kind == "error":  # The SDKs raise an error with the text.
            return kind, event.data
        rule = rules.PING_JSON if kind == "ping" else JSON
        log.add(rule, at, f"{event.data[:60]!r}: {parsed.problem}")
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
            log.add(rules.TYPE_MISSING.of(kind[:40]), at, format_value(data))
    elif event.event != data_type:
        lost = data_type in EVENT_TYPES and event.event != "error"
        rule = rules.NAME if lost else rules.NAME_UNUSED
        got = f"event: {event.event[:40]}" if event.event else "none"
        log.add(rule.of(data_type[:40]), at, got)
