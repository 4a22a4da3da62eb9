"""fails: what broke off behind the gateway is told as that, and never as an answer's end."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from harness.language.checks.base import Check
from harness.model import Answer, Finding, Json

WAYS = {
    "status": "an error status",
    "event": "an error in the stream",
    "cut": "a connection that breaks off",
}
ARGUMENTS: Json = {
    "type": "array",
    "description": "the ways in which the answer may tell that it failed",
    "items": {"enum": list(WAYS)},
    "minItems": 1,
    "uniqueItems": True,
}


def fails(args: Json, answers: Sequence[Answer], against: Sequence[Answer]) -> Iterator[Finding]:
    for answer in answers:
        how = way(answer)
        if how not in args:
            wanted = ", or ".join(WAYS[each] for each in args)
            yield Finding("body", wanted, WAYS.get(how, "an answer that came to its end"))


def way(answer: Answer) -> str:
    """How it failed; nothing where it did not."""
    if answer.status is not None and answer.status >= 400:
        return "status"
    if errors(answer):
        return "event"
    return "" if answer.end == "complete" else "cut"


def errors(answer: Answer) -> bool:
    return any(law.rule == "stream.error" for law in answer.violations)


FAILS = Check("fails", "effect", ARGUMENTS, fails)
