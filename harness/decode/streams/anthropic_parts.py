"""Assembly of the parts of a streamed message: its content blocks and its usage."""

from __future__ import annotations

from typing import Final

from harness.decode.streams.rules import ViolationLog
from harness.model import Json
from harness.util.format_value import format_value
from harness.util.strict_json import parse

# A block's type -> the deltas that it can have. A block of an unknown type can have any.
PERMITTED_DELTAS: Final[dict[str, tuple[str, ...]]] = {
    "text": ("text_delta", "citations_delta"),
    "thinking": ("thinking_delta", "signature_delta"),
    "redacted_thinking": (),
    "tool_use": ("input_json_delta",),
    "server_tool_use": ("input_json_delta",),
    "mcp_tool_use": ("input_json_delta",),
}
# A delta's type -> the key of its value, and the key of the block that the value extends.
DELTA_KEYS: Final = {
    "text_delta": ("text", "text"),
    "citations_delta": ("citation", "citations"),
    "thinking_delta": ("thinking", "thinking"),
    "signature_delta": ("signature", "signature"),
    "input_json_delta": ("partial_json", "input"),
}


class Block:
    """One block of a streamed message as it builds up.

    Attributes:
        parts: The pieces that deltas brought, by the block's key.
    """

    def __init__(self, start: Json, log: ViolationLog) -> None:
        self.start: dict[str, Json] = start if isinstance(start, dict) else {}
        self.log = log
        kind = self.start.get("type")
        self.kind = kind if isinstance(kind, str) else ""
        self.parts: dict[str, list[Json]] = {}

    def add(self, delta: Json, at: str) -> None:
        kind = delta.get("type") if isinstance(delta, dict) else None
        if not isinstance(kind, str):
            return  # The schema reports it.
        if kind not in DELTA_KEYS:
            self.log.add("unknown-delta", at, format_value(kind))
        elif kind not in PERMITTED_DELTAS.get(self.kind, DELTA_KEYS):
            self.log.add("delta-kind", at, format_value(delta), kind, self.kind)
        else:
            delta_key, block_key = DELTA_KEYS[kind]
            self.add_part(block_key, delta.get(delta_key), at)

    def add_part(self, key: str, value: Json, at: str) -> None:
        if not isinstance(value, str) and key != "citations":
            return  # The schema reports it.
        parts = self.parts.setdefault(key, [])
        if key == "signature" and value and any(parts):
            self.log.add("signature-once", at, format_value(value))
        parts.append(value)

    def check_arguments(self, at: str) -> None:
        """Check the arguments of a complete tool call."""
        text = "".join(self.parts.get("input", ()))
        if text:
            self.log.check_arguments(text, at)
        for remark in parse(text).remarks:
            self.log.add("ambiguous-json", at, remark)

    def plain(self) -> dict[str, Json]:
        """Return the block as a plain message has it."""
        block = dict(self.start)
        for key, parts in self.parts.items():
            initial = block.get(key)
            if key == "citations":
                block[key] = [*(initial if isinstance(initial, list) else ()), *parts]
            elif key == "signature":
                block[key] = parts[-1]
            elif key != "input":
                block[key] = (initial if isinstance(initial, str) else "") + "".join(parts)
            elif text := "".join(parts):
                parsed = parse(text)
                # Arguments that are cut off become an empty object, as in the SDKs.
                block[key] = {} if parsed.problem else parsed.value
        return block


class Usage:
    """The counts so far. A later number replaces an earlier one; null does not.

    Attributes:
        final: Whether the last counts came from a message_delta and not from message_start.
    """

    def __init__(self, log: ViolationLog) -> None:
        self.log = log
        self.counts: dict[str, Json] | None = None
        self.final = False

    def add(self, usage: Json, at: str, first: bool = False) -> None:
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
                exact, got = self.final and key == "output_tokens", f"{new} after {old}"
                self.log.add("count-falls" if exact else "count-below-start", at, got, key)
        new_counts = {k: v for k, v in usage.items() if v is not None or k not in earlier}
        self.counts = {**earlier, **new_counts}
        self.final = not first

    def end(self) -> None:
        if _number((self.counts or {}).get("input_tokens")) is None:
            self.log.add("input-tokens", "body", "none")


def _number(value: Json) -> int | float | None:
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return value if is_number else None
