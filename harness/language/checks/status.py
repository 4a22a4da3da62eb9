"""The checks of refusals and failures, such as `status`, `named` and `error_signalled_by`."""

from __future__ import annotations

import re
from collections.abc import Container, Iterator, Sequence
from typing import Final

from harness.language.checks.base import Controls, Findings, NotApplicable, check
from harness.model import Answer, Finding, Json
from harness.util import json_pointer
from harness.util.error_words import error_words
from harness.util.format_value import format_value
from harness.util.strict_json import parse

OK, REFUSED, ERRORS = range(200, 300), range(400, 500), range(400, 600)
CLASSES: dict[str, tuple[Container[int | None], str]] = {
    "ok": (OK, "an answer (2xx)"),
    "refused": (REFUSED, "a refusal (4xx)"),
    "refused-at-once": (REFUSED, "a refusal (4xx) before a stream begins"),
    "ok-or-refused": ((*OK, *REFUSED), "an answer (2xx) or a refusal (4xx)"),
    "not-ok": (ERRORS, "an error status (4xx or 5xx)"),
    "control": (OK, "an answer (2xx) to the control"),
}
DESCRIPTIONS = {
    "status": "an error status",
    "event": "an error event in the stream",
    "cut": "a dropped connection",
    "incomplete": "a stream that gives no reason for its end",
}
# An error in an event of a stream, although its status could have stated it.
ERROR_EVENT: Final = "stream.error-status"
ERROR_CLASSES: Final = ("refused", "ok-or-refused", "not-ok")
SERVER_ERRORS: Final = (
    *("server_error", "api_error", "internal_error", "internal_server_error"),
    *("internalservererror", "overloaded_error"),
)
SERVER_CODE: Final = re.compile(r"5\d\d")
EMPTY: Final[tuple[Json, ...]] = ([], {}, "")
SEPARATORS = re.compile(r"[\s_-]+")


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


@check("status", "accepted")
def status(args: Json, answer: Answer, controls: Controls) -> Findings:
    permitted, description = expected_status(args)
    if may_be_error(args) and answer.status in OK and failure_signal(answer) == "event":
        yield error_event(args, answer)
    elif answer.status not in permitted:
        yield Finding("status", description, describe_answer(answer))


def may_be_error(args: Json) -> bool:
    """Return whether an error is permitted, and no success is asked for by its code."""
    codes = status_codes(args)
    return all(code in ERRORS for code in codes) if codes else args in ERROR_CLASSES


def error_event(args: Json, answer: Answer) -> Finding:
    """Describe an error that came in an event of a stream, whose status was sent before.

    Streams can begin before the request is examined. What must be a refusal is not the server's
    own failure, in whichever way the caller learns of it.
    """
    event = next(v for v in answer.violations if v.rule == "stream.error")
    if args in ("refused", "ok-or-refused") and blames_server(answer):
        return Finding(event.at, "a refusal", event.got, rule=event.rule)
    return Finding(event.at, "an error status", event.got, rule=ERROR_EVENT, level="should")


def blames_server(answer: Answer) -> bool:
    """Return whether the error of a stream has a type or a code for a failure of the server."""
    values = [code for event in answer.events for code in codes_of_error(parse(event.data).value)]
    return any(value.lower() in SERVER_ERRORS or SERVER_CODE.fullmatch(value) for value in values)


def codes_of_error(data: Json) -> Iterator[str]:
    """Yield the type, the code and the status of an event and of its error, as texts."""
    response = data.get("response") if isinstance(data, dict) else None
    for outer in (data, response):
        error = outer.get("error") if isinstance(outer, dict) else None
        for each in (outer, error):
            if isinstance(each, dict):
                yield from (str(each[key]) for key in ("type", "code", "status") if key in each)


def describe_answer(answer: Answer) -> str:
    """Return the status, and the server's words if it is an error: `400: "n is too large"`."""
    message = error_message(answer)
    if not message and (answer.status or 0) >= 400:
        message = error_words(answer.text)[1]
    return f"{answer.status}: {format_value(message, 200)}" if message else f"{answer.status}"


def error_message(answer: Answer) -> str:
    """Return the message of the answer's error object; empty if there is none."""
    error = answer.body.get("error") if isinstance(answer.body, dict) else None
    message = error.get("message") if isinstance(error, dict) else None
    return message if isinstance(message, str) else ""


@check("provoked", "effect", across=True, in_cases=False)
def provoked(args: Json, answers: Sequence[Answer], controls: Controls) -> Findings:
    if not any(answer.status == args for answer in answers):
        expected = f"at least one {args} in {len(answers)} requests"
        yield Finding("status", expected, "none", answers[0].shot)


@check("named", "effect", in_cases=False)
def names_field(args: Json, answer: Answer, controls: Controls) -> Findings:
    """Look for one of the names in `args.field` in a refusal; of a JSON Pointer the last counts."""
    message = error_message(answer)
    if answer.status is None or answer.status < 400 or not message:
        raise NotApplicable
    fields = args["field"] if isinstance(args["field"], list) else [args["field"]]
    names = [last_name(field) for field in fields]
    texts = [message, str(answer.body["error"].get("param"))]
    if not any(mentions(text, name) for text in texts for name in names):
        expected = " or ".join(f"`{name}`" for name in names)
        yield Finding("/error", f"{expected} in param or message", format_value(message, 200))


def last_name(field: str) -> str:
    """Return a name, or the last name in a JSON Pointer."""
    tokens = reversed(field.split("/"))
    return next((token for token in tokens if token and not token.isdigit()), "")


@check("refused_alike", "accepted", across=True, pooled=True, in_cases=False)
def refused_alike(args: Json, answers: Sequence[Answer], controls: Controls) -> Findings:
    """Report each refusal if another value of the field, or the other mode, is answered.

    An empty value, such as a list without stop sequences, stands for the absent field: that it is
    answered does not show that others are taken.
    """
    at = (args or {}).get("at")
    taken = (answer for answer in (*answers, *controls) if answer.status in OK)
    if all(at and json_pointer.resolve(each.request, at) in EMPTY for each in taken):
        raise NotApplicable
    for answer in answers:
        if answer.status in REFUSED:
            got, expected = describe_answer(answer), "an answer, as to other values of the field"
            yield Finding("status", expected, got, answer.shot)


def mentions(text: str, field: str) -> bool:
    """Find the field as a whole word, so that `n` is not found in every text.

    Words can be separated in other ways: `tool choice` mentions `tool_choice`.
    """
    name = r"[\s_-]*".join(re.escape(word) for word in SEPARATORS.split(field))
    return re.search(rf"(?<![^\W_]){name}(?![^\W_])", text, re.IGNORECASE) is not None


@check("error_signalled_by", "effect")
def error_signalled_by(args: Json, answer: Answer, controls: Controls) -> Findings:
    """Check that a failure of the provider does not look like a complete answer."""
    signal = failure_signal(answer)
    if signal not in args:
        expected = ", or ".join(DESCRIPTIONS[name] for name in args)
        yield Finding("body", expected, DESCRIPTIONS.get(signal, "a complete answer"))


def failure_signal(answer: Answer) -> str:
    """Return a key of DESCRIPTIONS; empty if the answer signals no failure."""
    if answer.status is not None and answer.status >= 400:
        return "status"
    if any(violation.rule == "stream.error" for violation in answer.violations):
        return "event"
    if answer.end != "complete":
        return "cut"
    return "incomplete" if answer.streamed and not has_stop_reason(answer.body) else ""


def has_stop_reason(body: Json) -> bool:
    """Return whether an assembled answer states why it ended."""
    if not isinstance(body, dict):
        return False
    choices = body.get("choices")
    parts = choices if isinstance(choices, list) else [body]
    reasons = [part.get("finish_reason", part.get("stop_reason")) for part in parts]
    return any(reason is not None for reason in reasons)
