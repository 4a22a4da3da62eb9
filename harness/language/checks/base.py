"""The base types of checks: pure functions that compare answers with an assertion's arguments."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from harness.model import Answer, Finding, Grade

Run = Callable[[Any, Sequence[Answer], Sequence[Answer]], Iterator[Finding]]


class NotApplicable(Exception):
    """The check does not apply to these answers, so it neither holds nor fails."""


class Undecided(NotApplicable):
    """The check applies, but there is nothing to compare with; the message is the reason."""


@dataclass(frozen=True, slots=True)
class Check:
    """A check of the case language.

    Attributes:
        grade: The evidence that an answer gives if the check holds.
        run: Called with (arguments, answers, controls). Yields one failing finding for each
            violation, none if the check holds. Can raise NotApplicable or Undecided.
        across: Whether the check gets all answers of the assertion at once, not one at a time.
        pooled: Whether it compares with the controls of both modes.
        in_cases: Whether a case can use it. Behaviours add the others.
    """

    id: str
    grade: Grade
    run: Run
    across: bool = False
    pooled: bool = False
    in_cases: bool = True
