"""The usage told along a streamed message -> that of the whole, and the laws it breaks. Pure."""

from __future__ import annotations

from harness.decode.streams import anthropic_rules as laws
from harness.decode.streams.violations import ViolationLog
from harness.model import Json


class Counts:
    """Later numbers replace earlier ones, as they are cumulative. Null takes nothing back."""

    def __init__(self) -> None:
        self.usage: dict[str, Json] | None = None
        self.again = False

    def take(self, told: Json, book: ViolationLog, at: str, first: bool = False) -> None:
        """`first`: by message_start, whose output_tokens may be an estimate."""
        if not isinstance(told, dict):
            return  # the schema has said so
        before = self.usage or {}
        for key in ("input_tokens", "output_tokens"):
            old, new = _number(before.get(key)), _number(told.get(key))
            if old is not None and new is not None and new < old:
                sure = self.again and key == "output_tokens"
                law = laws.COUNTED if sure else laws.ESTIMATED.of(key)
                book.note(law, at, f"{new} after {old}")
        later = {key: each for key, each in told.items() if each is not None or key not in before}
        self.usage = {**before, **later}
        self.again = not first

    def end(self, book: ViolationLog) -> None:
        if _number((self.usage or {}).get("input_tokens")) is None:
            book.note(laws.INPUT, "body", "none")


def _number(value: Json) -> int | float | None:
    told = isinstance(value, int | float) and not isinstance(value, bool)
    return value if told else None
