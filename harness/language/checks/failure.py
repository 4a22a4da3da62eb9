"""The check `error_signalled_by`: a failure of the provider must not look like an answer."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Literal

from harness.language.checks.base import Check
from harness.model import Answer, Finding, Json

Failure = Literal["status", "event", "cut", ""]
DESCRIPTIONS = {
    "status": "an error status",
    "event": "an error event in the stream",
    "cut": "a dropped connection",
}


def error_signalled_by(
    args: Json, answers: Sequence[Answer], against: Sequence[Answer]
) -> Iterator[Finding]:
    for answer in answers:
        failure = failure_of(answer)
        if failure not in args:
            expected = ", or ".join(DESCRIPTIONS[name] for name in args)
            yield Finding("body", expected, DESCRIPTIONS.get(failure, "a complete answer"))


def failure_of(answer: Answer) -> Failure:
    """Return how the answer signals a failure; empty if it does not."""
    if answer.status is not None and answer.status >= 400:
        return "status"
    if has_error_event(answer):
        return "event"
    return "" if answer.end == "complete" else "cut"


def has_error_event(answer: Answer) -> bool:
    return any(violation.rule == "stream.error" for violation in answer.violations)


ERROR_SIGNALLED_BY = Check("error_signalled_by", "effect", error_signalled_by)
