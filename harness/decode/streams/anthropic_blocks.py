"""The deltas of one content block -> the plain block, and the laws they break. Pure."""

from __future__ import annotations

from harness.decode.streams import anthropic_rules as laws
from harness.decode.streams.anthropic_transitions import BRINGS, FITTING
from harness.decode.streams.rule import ODD
from harness.decode.streams.violations import ViolationLog, shown
from harness.model import Json
from harness.util.strict_json import parse


class Block:
    """One block of a streamed message, as far as it has come."""

    def __init__(self, start: Json, book: ViolationLog) -> None:
        self.start: dict[str, Json] = start if isinstance(start, dict) else {}
        self.book = book
        kind = self.start.get("type")
        self.kind = kind if isinstance(kind, str) else ""
        self.parts: dict[str, list[Json]] = {}

    def take(self, delta: Json, at: str) -> None:
        kind = delta.get("type") if isinstance(delta, dict) else None
        if not isinstance(kind, str):
            return  # the schema has said so
        if kind not in BRINGS:
            self.book.note(laws.UNKNOWN_DELTA, at, shown(kind))
        elif kind not in FITTING.get(self.kind, BRINGS):
            self.book.note(laws.DELTA_KIND.of(kind, self.kind), at, shown(delta))
        else:
            brings, grows = BRINGS[kind]
            self.grow(grows, delta.get(brings), at)

    def grow(self, key: str, value: Json, at: str) -> None:
        if not isinstance(value, str) and key != "citations":
            return  # the schema has said so
        parts = self.parts.setdefault(key, [])
        if key == "signature" and value and any(parts):
            self.book.note(laws.SIGNED_TWICE, at, shown(value))
        parts.append(value)

    def arguments(self, at: str) -> None:
        """Of a tool call that is whole."""
        text = "".join(self.parts.get("input", ()))
        if not text:
            return
        parsed = parse(text)
        if parsed.problem:
            self.book.note(laws.ARGUMENTS_JSON, at, f"{text[:60]!r}: {parsed.problem}")
        elif not isinstance(parsed.value, dict):
            self.book.note(laws.ARGUMENTS_OBJECT, at, repr(text[:60]))
        for remark in parsed.remarks:
            self.book.note(ODD, at, remark)

    def whole(self) -> dict[str, Json]:
        block = dict(self.start)
        for key, parts in self.parts.items():
            before = block.get(key)
            if key == "citations":
                block[key] = [*(before if isinstance(before, list) else ()), *parts]
            elif key == "signature":
                block[key] = parts[-1]
            elif key != "input":
                block[key] = (before if isinstance(before, str) else "") + "".join(parts)
            elif text := "".join(parts):
                parsed = parse(text)  # what is no JSON was cut: an empty object, as SDKs have it
                block[key] = {} if parsed.problem else parsed.value
        return block
