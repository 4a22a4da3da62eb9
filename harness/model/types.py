"""The words that all nouns share, and where a thing was written. May not do anything."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final, Literal

Json = Any
Mode = Literal["plain", "stream"]
Stage = Literal["status", "shape", "assume", "rest"]
Level = Literal["must", "should", "may"]
Outcome = Literal["fail", "inconclusive", "warn", "pass", "skip"]
Cause = Literal["transport", "timeout", "rate-limit", "budget", "model", "environment", "harness"]
Grade = Literal["none", "accepted", "shape", "effect", "differential", "upstream"]
End = Literal[
    "complete",
    "unreachable",
    "dropped",
    "timeout",
    "too-large",
    "malformed",
    "not-sent",
    "environment",
]
# Why a shot was not sent: the run was stopped, its budget is spent, or an earlier answer lacks a
# value that the shot needs. Empty for any other reason.
NotSentReason = Literal["", "stopped", "budget", "missing-capture"]
Pairs = tuple[tuple[str, str], ...]

OUTCOMES: Final[tuple[Outcome, ...]] = ("fail", "inconclusive", "warn", "pass", "skip")
GRADES: Final[tuple[Grade, ...]] = (
    "none",
    "accepted",
    "shape",
    "effect",
    "differential",
    "upstream",
)


@dataclass(frozen=True, slots=True)
class Place:
    """Where a value was written: a file, and its 1-based line and column."""

    path: str
    line: int
    column: int = 1

    def __str__(self) -> str:
        return f"{self.path}:{self.line}:{self.column}"
