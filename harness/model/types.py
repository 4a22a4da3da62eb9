"""Type aliases and constants that all dataclasses share, and the place where a value is written."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final, Literal, get_args

Json = Any
Mode = Literal["plain", "stream"]
Stage = Literal["status", "shape", "assume", "rest"]
Level = Literal["must", "should", "may"]
Status = Literal["holds", "fails", "undecided", "not_applicable"]
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
# Why a shot was not sent; in the last case, an earlier answer lacks a value that the shot needs.
NotSentReason = Literal["", "stopped", "budget", "missing-capture"]
Pairs = tuple[tuple[str, str], ...]

LEVELS: Final[tuple[Level, ...]] = get_args(Level)
OUTCOMES: Final[tuple[Outcome, ...]] = get_args(Outcome)
GRADES: Final[tuple[Grade, ...]] = get_args(Grade)


def max_grade(grades: Iterable[Grade], default: Grade = "none") -> Grade:
    """Return the strongest of some evidence grades."""
    return max(grades, key=GRADES.index, default=default)


@dataclass(frozen=True, slots=True, order=True)
class Place:
    """The position of a value in a file; line and column count from 1."""

    path: str
    line: int
    column: int = 1

    def __str__(self) -> str:
        return f"{self.path}:{self.line}:{self.column}"
