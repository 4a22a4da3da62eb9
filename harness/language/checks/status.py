"""The checks `status` and `provoked`: the HTTP status of an answer."""

from __future__ import annotations

from collections.abc import Container, Iterator, Sequence

from harness.language.checks.base import Check
from harness.model import Answer, Finding, Json
from harness.util.format_value import format_value

OK, REFUSED = range(200, 300), range(400, 500)
CLASSES: dict[str, tuple[Container[int | None], str]] = {
    "ok": (OK, "an answer (2xx)"),
    "refused": (REFUSED, "a refusal (4xx)"),
    "ok-or-refused": ((*OK, *REFUSED), "an answer (2xx) or a refusal (4xx)"),
    "not-ok": (range(400, 600), "an error status (4xx or 5xx)"),
    "control": (OK, "an answer (2xx) to the control"),
}


def expected_status(args: Json) -> tuple[Container[int | None], str]:
    """Return the statuses that `ok`, `404` or `[400, 404]` permits, and their description."""
    if isinstance(args, str):
        return CLASSES[args]
    codes = status_codes(args)
    return codes, "status " + " or ".join(map(str, codes))


def status_codes(args: Json) -> tuple[int, ...]:
    """Return the codes that are listed explicitly; none for a class such as `refused`."""
    if isinstance(args, str):
        return ()
    return tuple(args) if isinstance(args, list) else (args,)


def status(args: Json, answers: Sequence[Answer], against: Sequence[Answer]) -> Iterator[Finding]:
    permitted, description = expected_status(args)
    for answer in answers:
        if answer.status not in permitted:
            message = error_message(answer)
            details = f": {format_value(message, 200)}" if message else ""
            yield Finding("status", description, f"{answer.status}{details}")


def error_message(answer: Answer) -> str:
    """Return the message of the answer's error object; empty if there is none."""
    error = answer.body.get("error") if isinstance(answer.body, dict) else None
    message = error.get("message") if isinstance(error, dict) else None
    return message if isinstance(message, str) else ""


def provoked(args: Json, answers: Sequence[Answer], against: Sequence[Answer]) -> Iterator[Finding]:
    if not any(answer.status == args for answer in answers):
        expected = f"at least one {args} in {len(answers)} requests"
        yield Finding("status", expected, "none", answers[0].shot)


STATUS = Check("status", "accepted", status)
PROVOKED = Check("provoked", "effect", provoked, across=True, in_cases=False)
