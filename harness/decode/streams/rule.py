"""A law of a stream, and those that hold in every protocol. Data.

A law is `must` where breaking it breaks an official SDK or loses data, and `should` where only the
reference's wording, or what is observed of its server, is missed. The reason stands beside each.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from harness.model import Level


@dataclass(frozen=True, slots=True)
class StreamRule:
    """`{}` in `expected` is filled in by whoever finds it broken."""

    rule: str
    level: Level
    expected: str
    why: str = ""

    def of(self, *values: object) -> StreamRule:
        return StreamRule(self.rule, self.level, self.expected.format(*values), self.why)


# What a stream has come to, and what comes -> what it has come to then, and the law that broke.
Table = dict[tuple[str, str], tuple[str, StreamRule | None]]

JSON: Final = StreamRule(
    "stream.json", "must", "JSON in every data:", "the SDKs raise on anything else"
)
ODD: Final = StreamRule(
    "stream.json", "should", "JSON that all readers read alike", "RFC 8259, 4 and 8.2"
)
ERROR: Final = StreamRule(
    "stream.error", "must", "an answer", "the SDKs raise APIError on an error in it"
)
