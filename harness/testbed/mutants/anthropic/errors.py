"""Mutants of errors on the Anthropic endpoint: statuses, formats and leaked secrets."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from harness.testbed.gateway.endpoint import Reply, Request, header_values
from harness.testbed.gateway.errors import RequestError
from harness.testbed.gateway.ids import ResponseIds
from harness.testbed.keys import GATEWAY_KEY
from harness.testbed.mutants.anthropic.error_operators import (
    concerns,
    error,
    has_status,
    html,
    on_errors,
    replaces_status,
    replaces_type,
    sets_in_error,
    text,
)
from harness.testbed.mutants.anthropic.operators import anthropic, crashes, mutant
from harness.testbed.mutants.anthropic.request_operators import (
    errors_as_events,
    rejects_with,
    streamed,
)
from harness.testbed.mutants.openai import error_operators
from harness.testbed.mutants.openai.operators import Body, has_value, values_at

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


def has_type(kind: type, *path: str) -> Callable[[Body], bool]:
    """Tests whether a value of this type is at a path."""
    return lambda body: any(type(item) is kind for item in values_at(body, *path))


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


def as_text(pairs: dict[str, str]) -> None:
    pairs["content-type"] = "text/plain"


UNKNOWN_URL, NO_METHOD = (
    error_operators.code("unknown_url"),
    error_operators.code("method_not_supported"),
)

ERROR_FORMS = (
    mutant("error.document-kind", "uses the error type bad_request for a missing max_tokens",
           "errors.document", KIND, replaces_type("bad_request", concerns("max_tokens"))),
    mutant("error.document-422", "returns a 422 for a missing max_tokens", "errors.document",
           "status", replaces_status(422, concerns("max_tokens"))),
    mutant("error.ok", "sends errors with status 200", "errors.object", REFUSED,
           replaces_status(200)),
    mutant("error.crash", "returns a 500 for missing messages", "errors.object", STATUS,
           crashes(lambda body: "messages" not in body)),
    mutant("error.string", "sends the error as a string", "errors.object", ERROR,
           error(lambda data, _: {"type": "error", "error": data["error"]["message"]})),
    mutant("error.detail", "sends errors in the format of a web framework", "errors.object", ERROR,
           error(lambda data, _: {"detail": data["error"]["message"]})),
    mutant("error.openai", "sends errors in the format of the other protocol", "errors.object",
           ERROR, error(openai_form)),
    mutant("error.typed", "sends errors as plain text", "errors.object", "headers content-type",
           on_errors(as_text)),
    mutant("error.None", "sends the error type \"None\"", "errors.object.words", KIND,
           sets_in_error(type="None")),
    mutant("error.class", "sends a class name as the error type", "errors.object.words", KIND,
           sets_in_error(type="BadRequestError")),
    mutant("error.number", "sends a number as request_id", "errors.object.request-id",
           "body $.request_id", error(lambda data, _: {**data, "request_id": 7})),
    mutant("error.other-id", "sends a request_id that differs from the header",
           "errors.object.request-id.header", "same header request-id",
           error(lambda data, _: {**data, "request_id": "req_other"})),
    mutant("error.same-id", "uses one request_id for all errors", "errors.object.request-id",
           "unique $.request_id", error(lambda data, _: {**data, "request_id": "req_1"})),
    mutant("error.trace", "includes a stack trace in errors", "errors.no-trace", ANY_VALUE,
           {"anthropic.error": with_trace}),
    mutant("error.key", "repeats the key in its errors", "errors.no-key", ANY_VALUE,
           {"anthropic.error": with_key}),
    mutant("error.debug-key", "shows the key in debug output",
           "errors.no-key.debug", ANY_VALUE, {"anthropic.respond": add_debug_details}),
)  # fmt: skip

ERROR_CLASSES = (
    mutant("error.json-crash", "returns a 500 for a body that is not JSON", "errors.broken-json",
           STATUS, replaces_status(500, error_operators.is_invalid_json)),
    mutant("error.json-text", "sends plain text for a body that is not JSON",
           "errors.broken-json", ERROR, text(error_operators.is_invalid_json)),
    mutant("error.any-body", "answers a body that is not an object", "errors.not-an-object",
           REFUSED, anthropic({"parse": reads_anything})),
    mutant("error.empty-body", "answers an empty body", "errors.empty-body", REFUSED,
           anthropic({"parse": accepts_empty_body})),
    mutant("error.null-crash", "returns a 500 for a body that is null", "errors.null-body", STATUS,
           rejects_with(lambda request: request["body"] == b"null", 500)),
    mutant("error.content-crash", "returns a 500 for content that is a number",
           "errors.table.messages", "status", crashes(has_type(int, "messages", "*", "content"))),
    mutant("error.block-crash", "returns a 500 for a block without a type", "errors.table.messages",
           "status", crashes(has_value("messages", "*", "content", "*", value={}))),
    mutant("error.tool-crash", "returns a 500 for a tool that is a string", "errors.table.tools",
           "status", crashes(has_type(str, "tools", "*"))),
    mutant("error.field-crash", "returns a 500 for metadata that is a string",
           "errors.table.fields", "status", crashes(has_type(str, "metadata"))),
    mutant("error.last-field-crash", "returns a 500 for a tool_choice without a type",
           "errors.table.fields", "status", crashes(has_type(int, "tool_choice", "type"))),
    mutant("error.model-400", "returns a 400 for an unknown model", "errors.not-found", "status",
           replaces_status(400, error_operators.code("model_not_found"))),
    mutant("error.model-kind", "uses an unknown error type for models", "errors.not-found",
           "any_of", replaces_type("model_not_found", has_status(404))),
    mutant("error.path-html", "sends an HTML page for an unknown path", "errors.path", "body $",
           html(UNKNOWN_URL)),
    mutant("error.path-ok", "returns status 200 for an unknown path", "errors.path", "status",
           replaces_status(200, UNKNOWN_URL)),
    mutant("error.path-get-html", "sends an HTML page for a GET of an unknown path",
           "errors.path.get", "body $", html(mentions("URL: GET"))),
    mutant("error.path-doubled-html", "sends an HTML page at /v1/v1", "errors.path.doubled",
           "body $", html(mentions("/v1/v1"))),
    mutant("error.path-doubled-crash", "returns a 500 at /v1/v1", "errors.path.doubled", "status",
           replaces_status(500, mentions("/v1/v1"))),
    mutant("error.method-html", "sends an HTML page for a wrong method", "errors.method",
           "body $", html(NO_METHOD)),
    mutant("error.method-crash", "returns a 500 for a wrong method", "errors.method", "status",
           replaces_status(500, NO_METHOD)),
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


ANTHROPIC_ERRORS = (*ERROR_FORMS, *ERROR_CLASSES)
