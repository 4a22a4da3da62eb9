"""The base types of checks: pure functions that compare answers with an assertion's arguments."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from harness.model import Answer, Cause, Finding, Grade, Json, Signal

Controls = Sequence[Answer]
Findings = Iterator[Finding]
Function = Callable[..., Findings]


class NotApplicable(Exception):
    """The check does not apply to these answers, so it neither holds nor fails."""


class Undecided(NotApplicable):
    """The check applies, but there is nothing to compare with; the message is the reason."""

    def __init__(self, reason: str, cause: Cause = "environment") -> None:
        super().__init__(reason)
        self.cause = cause


@dataclass(frozen=True, slots=True)
class Check:
    """A check of the case language.

    Attributes:
        grade: The evidence that an answer gives if the check holds.
        function: Called with (arguments, answer, controls). Yields one failing finding for each
            violation, none if the check holds. Can raise NotApplicable or Undecided. A check that
            holds can yield one finding that states so, with what it observed and the grade of that.
        across: Whether the function gets all answers of the assertion at once, not one at a time.
        pooled: Whether it compares with the controls of both modes.
        in_cases: Whether a case can use it. Behaviours add the others.
        optional: Signals without which it compares less: the arguments have the dead ones as
            `dead`.
    """

    id: str
    grade: Grade
    function: Function
    across: bool = False
    pooled: bool = False
    in_cases: bool = True
    optional: tuple[Signal, ...] = ()

    def run(self, args: Json, answers: Sequence[Answer], controls: Controls) -> Findings:
        for subject in [answers] if self.across else answers:
            yield from self.function(args, subject, controls)


BY_ID: dict[str, Check] = {}


def check(check_id: str, grade: Grade, **options: Any) -> Callable[[Function], Function]:
    """Register the decorated function as a check."""

    def register(function: Function) -> Function:
        if check_id in BY_ID:
            raise ValueError(f"two checks with the id `{check_id}`")
        BY_ID[check_id] = Check(check_id, grade, function, **options)
        return function

    return register
