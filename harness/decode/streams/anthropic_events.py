"""An event of a streamed message -> what kind it is, and the laws of its own. Pure."""

from __future__ import annotations

from typing import Final

from harness.decode.streams import anthropic_rules as laws
from harness.decode.streams.anthropic_transitions import KNOWN
from harness.decode.streams.rule import JSON, ODD
from harness.decode.streams.violations import ViolationLog, shown
from harness.model import Event, Json
from harness.util.strict_json import parse

Heard = tuple[str, Json]
NOTHING: Final[Heard] = ("", None)


def heard(event: Event, book: ViolationLog, data: list[Json]) -> Heard:
    """Its kind and its data, which is also added to `data`; NOTHING where it is no event at all."""
    at = f"event {event.number}"
    if event.data.strip().startswith("[DONE]"):
        named = event.event not in ("", "ping")
        book.note(laws.DONE_NAMED if named else laws.DONE, at, repr(event.data[:40]))
        return NOTHING
    parsed = parse(event.data)
    kind = _kind(event, parsed.value)
    for remark in parsed.remarks:
        book.note(ODD, at, remark)
    if parsed.problem:
        if kind == "error":  # of that the SDKs make an error anyway
            return kind, event.data
        law = laws.PING if kind == "ping" else JSON
        book.note(law, at, f"{event.data[:60]!r}: {parsed.problem}")
        return NOTHING
    data.append(parsed.value)
    _named(event, kind, parsed.value, book, at)
    return kind, parsed.value


def _kind(event: Event, data: Json) -> str:
    """By the type in the data, as the current SDKs have it; where there is none, by the name."""
    if event.event in ("ping", "error"):
        return event.event
    told = data.get("type") if isinstance(data, dict) else None
    if isinstance(told, str):
        return told
    other = isinstance(data, dict) and bool(data.get("error")) and not event.event
    return "error" if other else event.event


def _named(event: Event, kind: str, data: Json, book: ViolationLog, at: str) -> None:
    """Whether the SDKs would have found the event by the name that stands above its data."""
    told = data.get("type") if isinstance(data, dict) else None
    if not isinstance(told, str):
        if kind not in KNOWN:  # else the schema says so
            book.note(laws.NAME_ONLY.of(kind[:40]), at, shown(data))
    elif event.event != told:
        lost = told in KNOWN and event.event != "error"
        law = laws.NAME if lost else laws.NAME_IDLE
        got = f"event: {event.event[:40]}" if event.event else "none"
        book.note(law.of(told[:40]), at, got)
