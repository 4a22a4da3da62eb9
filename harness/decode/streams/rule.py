"""The type of a stream rule, and the rules that all protocols share.

A rule is `must` if a violation breaks an official SDK or loses data, and `should` if a stream only
differs from the reference's text or from what its server was observed to send.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from harness.model import Level


@dataclass(frozen=True, slots=True)
class StreamRule:
    """A rule of a stream.

    Attributes:
        rule: The id; several rules can share one.
        expected: What the stream must contain, with a `{}` for each value filled in by `of`.
        why: The reason for the rule and its level.
    """

    rule: str
    level: Level
    expected: str
    why: str = ""

    def of(self, *values: object) -> StreamRule:
        """Return the rule with these values filled in."""
        return StreamRule(self.rule, self.level, self.expected.format(*values), self.why)


# (state, symbol) -> (next state, the rule that is violated)
Table = dict[tuple[str, str], tuple[str, StreamRule | None]]

JSON: Final = StreamRule(
    "stream.json", "must", "JSON in every data field", "the SDKs raise on anything else"
)
AMBIGUOUS_JSON: Final = StreamRule(
    "stream.json", "should", "JSON that all parsers read alike", "RFC 8259, sections 4 and 8.2"
)
ERROR: Final = StreamRule(
    "stream.error", "must", "an answer", "the SDKs raise APIError on an error event"
)
