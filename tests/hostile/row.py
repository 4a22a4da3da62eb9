"""The form of a row in the tables of hostile targets."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from tests.support.hostile_server import Misbehave, When, first_seed, seed


@dataclass(frozen=True)
class Row:
    """A target, and what a run against it must end with.

    Attributes:
        name: The name of the test.
        does: How it answers; a function of the URL of another server where it needs one.
        line: Words in a line that the terminal shows.
        outcome: The outcome of the case `seed`, and its cause; None if it depends on the order.
        code: The exit code.
        others: The outcomes of the other cases; None if the misbehaviour is not limited to `seed`.
        when: When it misbehaves.
        words: Further words of the command line.
        needs_url: Whether `does` is a function of the URL of another server.
        case: The case of a group that meets it, as YAML in one line without id and row.
    """

    name: str
    does: Misbehave | Callable[[str], Misbehave]
    line: str = ""
    outcome: tuple[str, str] | None = ("fail", "")
    code: int = 1
    others: str | None = "pass"
    when: When = seed
    words: tuple[str, ...] = ("--timeout", "5")
    needs_url: bool = False
    case: str = ""

    def misbehave(self, elsewhere: str) -> Misbehave:
        """Return how the target answers."""
        return self.does(elsewhere) if self.needs_url else self.does  # type: ignore[arg-type, call-arg, return-value]


def few(name: str, does: Misbehave, **more: Any) -> Row:
    """Return a row of which only two requests meet the misbehaviour, since it costs much."""
    return Row(name, does, **{"when": first_seed, **more})


def slow(name: str, does: Misbehave) -> Row:
    """Return a row whose answers do not end in time."""
    return Row(name, does, outcome=TIMED_OUT, code=0, words=("--timeout", "1"))


# Targets that are only slow leave the case undecided.
TIMED_OUT = ("inconclusive", "timeout")
