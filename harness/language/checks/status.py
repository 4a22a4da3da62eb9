"""status, provoked: the HTTP status of an answer."""

from __future__ import annotations

from collections.abc import Container, Iterator, Sequence

from harness.language.checks.base import Check, format_value
from harness.model import Answer, Finding, Json

OK, REFUSED = range(200, 300), range(400, 500)
KINDS: dict[str, tuple[Container[int | None], str]] = {
    "ok": (OK, "an answer (2xx)"),
    "refused": (REFUSED, "refused (4xx)"),
    "ok-or-refused": ((*OK, *REFUSED), "an answer (2xx) or a refusal (4xx)"),
    "not-ok": (range(400, 600), "refused"),
    "control": (OK, "an answer (2xx), which the case builds on"),
}
CODE = {"type": "integer", "minimum": 100, "maximum": 599}
ARGUMENTS = {
    "anyOf": [
        {"enum": ["ok", "refused", "ok-or-refused"]},
        CODE,
        {"type": "array", "items": CODE, "minItems": 1},
    ]
}


def expected_status(args: Json) -> tuple[Container[int | None], str]:
    """The statuses meant by `ok`, `404` or `[400, 404]`, and their name."""
    if isinstance(args, str):
        return KINDS[args]
    codes = status_codes(args)
    return codes, "status " + " or ".join(map(str, codes))


def status_codes(args: Json) -> tuple[int, ...]:
    """The codes that are asked for one by one; none for a kind such as `refused`."""
    if isinstance(args, str):
        return ()
    return tuple(args) if isinstance(args, list) else (args,)


def run(args: Json, answers: Sequence[Answer], against: Sequence[Answer]) -> Iterator[Finding]:
    codes, name = expected_status(args)
    for answer in answers:
        if answer.status not in codes:
            said = f": {format_value(error_message(answer), 200)}" if error_message(answer) else ""
            yield Finding("status", name, f"{answer.status}{said}")


def error_message(answer: Answer) -> str:
    """The error's message, where there is one."""
    error = answer.body.get("error") if isinstance(answer.body, dict) else None
    message = error.get("message") if isinstance(error, dict) else None
    return message if isinstance(message, str) else ""


def provoked(args: Json, answers: Sequence[Answer], against: Sequence[Answer]) -> Iterator[Finding]:
    if not any(answer.status == args for answer in answers):
        yield Finding("status", f"one {args} in {len(answers)} requests", "none", answers[0].shot)


STATUS = Check("status", "accepted", ARGUMENTS, run)
PROVOKED = Check("provoked", "effect", CODE, provoked, across=True, in_cases=False)
