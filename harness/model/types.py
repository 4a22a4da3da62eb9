"""Type aliases and constants that all dataclasses share, and the place where a value is written."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final, Literal, get_args

Json = Any
Mode = Literal["plain", "stream"]
Stage = Literal["status", "shape", "assume", "forwarded", "rest"]
Level = Literal["must", "should", "may"]
Status = Literal["holds", "fails", "undecided", "not_applicable"]
Outcome = Literal["fail", "inconclusive", "warn", "pass", "skip"]
Cause = Literal[
    "transport",
    "timeout",
    "rate-limit",
    "budget",
    "model",
    "signal",  # the target does not report what the case needs, for example token counts
    "blocked",  # another fault prevents the case, for example its control is refused
    "environment",
    "harness",
]
# A property of answers from which an effect can be concluded. See docs/behaviours-and-evidence.md.
Signal = Literal[
    "tokens",
    "output_tokens",
    "instructions",
    "counting",
    "tools",
    "vision",
    "repeatable",
    "streaming",
    "upstream",
    "own_key",
]
# How many requests of a case were refused although an answer was permitted as well.
Refused = Literal["", "some", "all"]
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
# A field that a model can refuse by name although the case only needs what it leads to.
AlternativeField = Literal["", "tool_choice", "thinking"]
Pairs = tuple[tuple[str, str], ...]

LEVELS: Final[tuple[Level, ...]] = get_args(Level)
OUTCOMES: Final[tuple[Outcome, ...]] = get_args(Outcome)
GRADES: Final[tuple[Grade, ...]] = get_args(Grade)
SIGNALS: Final[tuple[Signal, ...]] = get_args(Signal)
# Signals that depend on what the model behind the gateway can do.
SKILLS: Final[frozenset[Signal]] = frozenset({"instructions", "counting", "vision"})


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
