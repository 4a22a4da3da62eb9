"""Assembly of one content block of a Messages stream."""

from __future__ import annotations

from harness.decode.streams import anthropic_rules as rules
from harness.decode.streams.anthropic_transitions import DELTA_KEYS, PERMITTED_DELTAS
from harness.decode.streams.rule import AMBIGUOUS_JSON
from harness.decode.streams.violations import ViolationLog
from harness.model import Json
from harness.util.format_value import format_value
from harness.util.strict_json import parse


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
            self.log.add(rules.UNKNOWN_DELTA, at, format_value(kind))
        elif kind not in PERMITTED_DELTAS.get(self.kind, DELTA_KEYS):
            self.log.add(rules.DELTA_KIND.of(kind, self.kind), at, format_value(delta))
        else:
            delta_key, block_key = DELTA_KEYS[kind]
            self.add_part(block_key, delta.get(delta_key), at)

    def add_part(self, key: str, value: Json, at: str) -> None:
        if not isinstance(value, str) and key != "citations":
            return  # The schema reports it.
        parts = self.parts.setdefault(key, [])
        if key == "signature" and value and any(parts):
            self.log.add(rules.SIGNATURE_ONCE, at, format_value(value))
        parts.append(value)

    def check_arguments(self, at: str) -> None:
        """Check the arguments of a complete tool call."""
        text = "".join(self.parts.get("input", ()))
        if not text:
            return
        parsed = parse(text)
        if parsed.problem:
            self.log.add(rules.ARGUMENTS_JSON, at, f"{text[:60]!r}: {parsed.problem}")
        elif not isinstance(parsed.value, dict):
            self.log.add(rules.ARGUMENTS_OBJECT, at, repr(text[:60]))
        for remark in parsed.remarks:
            self.log.add(AMBIGUOUS_JSON, at, remark)

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
