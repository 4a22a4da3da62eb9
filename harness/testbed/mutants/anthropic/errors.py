"""Mutants of errors on the Anthropic endpoint: statuses, formats and leaked secrets."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from harness.testbed.gateway.endpoint import Reply, Request, header_values
from harness.testbed.gateway.errors import RequestError
from harness.testbed.gateway.ids import ResponseIds
from harness.testbed.keys import GATEWAY_KEY
from harness.testbed.mutants.anthropic.error_operators import (
    error,
    html,
    replaces_status,
)
from harness.testbed.mutants.anthropic.operators import anthropic, mutant
from harness.testbed.mutants.anthropic.request_operators import (
    errors_as_events,
    rejects_with,
    streamed,
)
from harness.testbed.mutants.openai import error_operators
from harness.testbed.mutants.openai.operators import Body
from harness.testbed.mutation.rows import mutants_in

ErrorTest = Callable[[RequestError], bool]
KIND, ANY_VALUE = "body $.error.type", "body $..*"
REFUSED, STATUS, ERROR = "rejected.refused", "rejected.status", "rejected.error"
GREETING = {"model": "builtin-1", "max_tokens": 99, "messages": [error_operators.USER]}
TRACE = 'Traceback (most recent call last):\n  File "/app/main.py", line 7, in check'


def mentions(words: str) -> ErrorTest:
    return lambda refusal: words in refusal.message


def openai_form(data: Body, refusal: RequestError) -> Body:
    return {"error": {"message": refusal.message, "type": refusal.kind, "code": refusal.code}}


def with_trace(original: Callable[..., Body], refusal: RequestError, ids: ResponseIds) -> Body:
    return inner_message(original(refusal, ids), f"{refusal.message}\n{TRACE}")


def with_key(original: Callable[..., Body], refusal: RequestError, ids: ResponseIds) -> Body:
    return inner_message(original(refusal, ids), f"{refusal.message} (key {GATEWAY_KEY})")


def inner_message(data: Body, message: str) -> Body:
    return {**data, "error": {**data["error"], "message": message}}


def add_debug_details(original: Callable[..., Reply], request: Request, ids: ResponseIds) -> Reply:
    """Adds all request headers as debug details."""
    reply = original(request, ids)
    if header_values(request["headers"], "x-debug") and reply["status"] >= 400:
        secret = f',"debug":"x-api-key {GATEWAY_KEY}"}}'.encode()
        reply["chunks"] = [reply["chunks"][0][:-1] + secret]
    return reply


def rejects_after(code: str) -> Callable[..., Any]:
    """Rejects every request after the first unknown path."""

    def refuse(original: Callable[..., Reply], refusal: RequestError, *rest: Any) -> Reply:
        if refusal.code == code:
            return error_operators.rejects_after_error(original, refusal, *rest)  # type: ignore[no-any-return]
        return original(refusal, *rest)

    return refuse


def reads_anything(original: Callable[[Request], Body], request: Request) -> Body:
    """Replaces a body that is not a JSON object by a valid one."""
    try:
        return original(request)
    except RequestError:
        return GREETING


def accepts_empty_body(original: Callable[[Request], Body], request: Request) -> Body:
    return original(request) if request["body"] else GREETING


ERROR_FORMS = (
    mutant("error.openai", "sends errors in the format of the other protocol", "errors.object",
           ERROR, error(openai_form)),
    mutant("error.trace", "includes a stack trace in errors", "errors.no-trace", ANY_VALUE,
           {"anthropic.error": with_trace}),
    mutant("error.key", "repeats the key in its errors", "errors.no-key", ANY_VALUE,
           {"anthropic.error": with_key}),
    mutant("error.debug-key", "shows the key in debug output",
           "errors.no-key.debug", ANY_VALUE, {"anthropic.respond": add_debug_details}),
)  # fmt: skip

ERROR_CLASSES = (
    mutant("error.any-body", "answers a body that is not an object", "errors.not-an-object",
           REFUSED, anthropic({"parse": reads_anything})),
    mutant("error.empty-body", "answers an empty body", "errors.empty-body", REFUSED,
           anthropic({"parse": accepts_empty_body})),
    mutant("error.null-crash", "returns a 500 for a body that is null", "errors.null-body", STATUS,
           rejects_with(lambda request: request["body"] == b"null", 500)),
    mutant("error.path-get-html", "sends an HTML page for a GET of an unknown path",
           "errors.path.get", "body $", html(mentions("URL: GET"))),
    mutant("error.path-doubled-html", "sends an HTML page at /v1/v1", "errors.path.doubled",
           "body $", html(mentions("/v1/v1"))),
    mutant("error.path-doubled-crash", "returns a 500 at /v1/v1", "errors.path.doubled", "status",
           replaces_status(500, mentions("/v1/v1"))),
    mutant("error.method-any", "treats PUT as POST", "errors.method.put", "status",
           {"anthropic.respond": lambda original, request, ids: original(
               {**request, "method": request["method"].replace("PUT", "POST")}, ids)}),
    mutant("error.streamed-ok", "sends errors of stream requests with status 200",
           "errors.streamed", "status", errors_as_events(streamed, 200)),
    mutant("error.streamed-events", "sends errors of stream requests as events", "errors.streamed",
           "schema anthropic/error", errors_as_events(streamed, 400)),
    mutant("error.streamed-document", "reports a missing max_tokens inside the stream",
           "errors.streamed.document", "status",
           errors_as_events(lambda r: streamed(r) and b"max_tokens" not in r["body"], 200)),
    mutant("error.sulks", "rejects every request after an error", "errors.then-good", "status",
           anthropic({"refuse": error_operators.rejects_after_error})),
    mutant("error.sulks-lost", "rejects every request after a wrong path",
           "errors.unknown.then-good", "status",
           {"anthropic.refuse": rejects_after("unknown_url")}),
)  # fmt: skip


ANTHROPIC_ERRORS = (*mutants_in("anthropic/errors"), *ERROR_FORMS, *ERROR_CLASSES)
