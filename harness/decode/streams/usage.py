"""The usage of a streamed message, merged from its events."""

from __future__ import annotations

from harness.decode.streams import anthropic_rules as rules
from harness.decode.streams.violations import ViolationLog
from harness.model import Json


class Usage:
    """The counts so far. A later number replaces an earlier one; null does not.

    Attributes:
        final: Whether the last counts came from a message_delta and not from message_start.
    """

    def __init__(self) -> None:
        self.counts: dict[str, Json] | None = None
        self.final = False

    def add(self, usage: Json, log: ViolationLog, at: str, first: bool = False) -> None:
        """Merge the usage of an event.

        Args:
            first: Whether it comes from message_start, whose output_tokens can be an estimate.
        """
        if not isinstance(usage, dict):
            return  # The schema reports it.
        earlier = self.counts or {}
        for key in ("input_tokens", "output_tokens"):
            old, new = _number(earlier.get(key)), _number(usage.get(key))
            if old is not None and new is not None and new < old:
                exact = self.final and key == "output_tokens"
                rule = rules.COUNT_FALLS if exact else rules.COUNT_BELOW_START.of(key)
                log.add(rule, at, f"{new} after {old}")
        new_counts = {k: v for k, v in usage.items() if v is not None or k not in earlier}
        self.counts = {**earlier, **new_counts}
        self.final = not first

    def end(self, log: ViolationLog) -> None:
        if _number((self.counts or {}).get("input_tokens")) is None:
            log.add(rules.INPUT_TOKENS, "body", "none")


def _number(value: Json) -> int | float | None:
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return value if is_number else None
