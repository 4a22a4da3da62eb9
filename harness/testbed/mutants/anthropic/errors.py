"""Mutants of errors on the Anthropic front: wrong statuses, wrong forms, wrong secrets."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from harness.testbed.gateway.endpoint import Reply, Request, header_values
from harness.testbed.gateway.errors import RequestError
from harness.testbed.gateway.ids import ResponseIds
from harness.testbed.keys import GATEWAY_KEY
from harness.testbed.mutants.anthropic.error_operators import (
    answered,
    error,
    html,
    inner,
    of_kind,
    of_param,
    of_status,
    on_errors,
    text,
)
from harness.testbed.mutants.anthropic.operators import anthropic, crashes, mutant
from harness.testbed.mutants.anthropic.request_operators import (
    errors_as_events,
    streamed,
    turned_away,
)
from harness.testbed.mutants.openai import error_operators
from harness.testbed.mutants.openai.operators import Body, found, has_value

Says = Callable[[RequestError], bool]
KIND, TOLD = "body $.error.type", "body $..*"
REFUSED, STATUS, ERROR = "rejected.refused", "rejected.status", "rejected.error"
GREETING = {"model": "builtin-1", "max_tokens": 99, "messages": [error_operators.USER]}
TRACE = 'Traceback (most recent call last):\n  File "/app/main.py", line 7, in check'


def about(words: str) -> Says:
    return lambda refusal: words in refusal.message


def openai_form(data: Body, refusal: RequestError) -> Body:
    return {"error": {"message": refusal.message, "type": refusal.kind, "code": refusal.code}}


def with_trace(original: Callable[..., Body], refusal: RequestError, ids: ResponseIds) -> Body:
    return inner_message(original(refusal, ids), f"{refusal.message}\n{TRACE}")


def with_key(original: Callable[..., Body], refusal: RequestError, ids: ResponseIds) -> Body:
    return inner_message(original(refusal, ids), f"{refusal.message} (key {GATEWAY_KEY})")


def inner_message(data: Body, message: str) -> Body:
    return {**data, "error": {**data["error"], "message": message}}


def debugged(original: Callable[..., Reply], request: Request, ids: ResponseIds) -> Reply:
    """Debug details are the request's headers, all of them."""
    reply = original(request, ids)
    if header_values(request["headers"], "x-debug") and reply["status"] >= 400:
        secret = f',"debug":"x-api-key {GATEWAY_KEY}"}}'.encode()
        reply["chunks"] = [reply["chunks"][0][:-1] + secret]
    return reply


def holds(kind: type, *path: str) -> Callable[[Body], bool]:
    """Whether something of this kind lies at a path."""
    return lambda body: any(type(item) is kind for item in found(body, *path))


def sulks_after(code: str) -> Callable[..., Any]:
    """Whoever lost his way once is refused from then on."""

    def refuse(original: Callable[..., Reply], refusal: RequestError, *rest: Any) -> Reply:
        if refusal.code == code:
            return error_operators.sulks(original, refusal, *rest)  # type: ignore[no-any-return]
        return original(refusal, *rest)

    return refuse


def reads_anything(original: Callable[[Request], Body], request: Request) -> Body:
    """What is no JSON object is taken for a greeting."""
    try:
        return original(request)
    except RequestError:
        return GREETING


def empty_is_fine(original: Callable[[Request], Body], request: Request) -> Body:
    return original(request) if request["body"] else GREETING


def as_text(pairs: dict[str, str]) -> None:
    pairs["content-type"] = "text/plain"


UNKNOWN_URL, NO_METHOD = (
    error_operators.code("unknown_url"),
    error_operators.code("method_not_supported"),
)

ERROR_FORMS = (
    mutant("error.document-kind", "calls a missing max_tokens a bad request", "errors.document",
           KIND, of_kind("bad_request", of_param("max_tokens"))),
    mutant("error.document-422", "answers 422 to a missing max_tokens", "errors.document",
           "status", answered(422, of_param("max_tokens"))),
    mutant("error.ok", "sends errors with a 200", "errors.object", REFUSED, answered(200)),
    mutant("error.crash", "answers 500 where messages are missing", "errors.object", STATUS,
           crashes(lambda body: "messages" not in body)),
    mutant("error.string", "sends the error as a bare text", "errors.object", ERROR,
           error(lambda data, _: {"type": "error", "error": data["error"]["message"]})),
    mutant("error.detail", "sends errors as its framework does", "errors.object", ERROR,
           error(lambda data, _: {"detail": data["error"]["message"]})),
    mutant("error.openai", "sends errors in the other protocol's form", "errors.object", ERROR,
           error(openai_form)),
    mutant("error.typed", "sends errors as plain text", "errors.object", "headers content-type",
           on_errors(as_text)),
    mutant("error.None", "writes None where there is no type", "errors.object.words", KIND,
           inner(type="None")),
    mutant("error.class", "writes a class name for a type", "errors.object.words", KIND,
           inner(type="BadRequestError")),
    mutant("error.number", "tells a number for a request_id", "errors.object.request-id",
           "body $.request_id", error(lambda data, _: {**data, "request_id": 7})),
    mutant("error.other-id", "tells another request_id than its header",
           "errors.object.request-id.header", "same header request-id",
           error(lambda data, _: {**data, "request_id": "req_other"})),
    mutant("error.same-id", "tells one request_id for all errors", "errors.object.request-id",
           "unique $.request_id", error(lambda data, _: {**data, "request_id": "req_1"})),
    mutant("error.trace", "shows where in its code it stumbled", "errors.no-trace", TOLD,
           {"anthropic.error": with_trace}),
    mutant("error.key", "repeats the key in its errors", "errors.no-key", TOLD,
           {"anthropic.error": with_key}),
    mutant("error.debug-key", "shows the key where debug details are asked for",
           "errors.no-key.debug", TOLD, {"anthropic.respond": debugged}),
)  # fmt: skip

ERROR_CLASSES = (
    mutant("error.json-crash", "breaks over a body that is no JSON", "errors.broken-json", STATUS,
           answered(500, error_operators.unreadable)),
    mutant("error.json-text", "sends text where a body is no JSON", "errors.broken-json", ERROR,
           text(error_operators.unreadable)),
    mutant("error.any-body", "answers a body that is no object", "errors.not-an-object", REFUSED,
           anthropic({"parse": reads_anything})),
    mutant("error.empty-body", "answers an empty body", "errors.empty-body", REFUSED,
           anthropic({"parse": empty_is_fine})),
    mutant("error.null-crash", "breaks over a body that is null", "errors.null-body", STATUS,
           turned_away(lambda request: request["body"] == b"null", 500)),
    mutant("error.content-crash", "breaks over content that is a number", "errors.table.messages",
           "status", crashes(holds(int, "messages", "*", "content"))),
    mutant("error.block-crash", "breaks over a block without a type", "errors.table.messages",
           "status", crashes(has_value("messages", "*", "content", "*", value={}))),
    mutant("error.tool-crash", "breaks over a tool that is a text", "errors.table.tools", "status",
           crashes(holds(str, "tools", "*"))),
    mutant("error.field-crash", "breaks over metadata that is a text", "errors.table.fields",
           "status", crashes(holds(str, "metadata"))),
    mutant("error.last-field-crash", "breaks over a tool_choice of no type", "errors.table.fields",
           "status", crashes(holds(int, "tool_choice", "type"))),
    mutant("error.model-400", "calls an unknown model a bad request", "errors.not-found", "status",
           answered(400, error_operators.code("model_not_found"))),
    mutant("error.model-kind", "has an error type of its own for models", "errors.not-found",
           "any_of", of_kind("model_not_found", of_status(404))),
    mutant("error.path-html", "sends a page where nothing is", "errors.path", "body $",
           html(UNKNOWN_URL)),
    mutant("error.path-ok", "answers every path with a 200", "errors.path", "status",
           answered(200, UNKNOWN_URL)),
    mutant("error.path-get-html", "sends a page to a GET where nothing is", "errors.path.get",
           "body $", html(about("URL: GET"))),
    mutant("error.path-doubled-html", "sends a page at /v1/v1", "errors.path.doubled", "body $",
           html(about("/v1/v1"))),
    mutant("error.path-doubled-crash", "breaks over /v1/v1", "errors.path.doubled", "status",
           answered(500, about("/v1/v1"))),
    mutant("error.method-html", "sends a page where the method is wrong", "errors.method",
           "body $", html(NO_METHOD)),
    mutant("error.method-crash", "breaks where the method is wrong", "errors.method", "status",
           answered(500, NO_METHOD)),
    mutant("error.method-any", "takes a PUT for a POST", "errors.method.put", "status",
           {"anthropic.respond": lambda original, request, ids: original(
               {**request, "method": request["method"].replace("PUT", "POST")}, ids)}),
    mutant("error.streamed-ok", "sends errors of a stream with a 200", "errors.streamed",
           "status", errors_as_events(streamed, 200)),
    mutant("error.streamed-events", "sends errors of a stream as events", "errors.streamed",
           "schema anthropic/error", errors_as_events(streamed, 400)),
    mutant("error.streamed-document", "finds max_tokens missing only once it streams",
           "errors.streamed.document", "status",
           errors_as_events(lambda r: streamed(r) and b"max_tokens" not in r["body"], 200)),
    mutant("error.sulks", "refuses everything after a mistake", "errors.then-good", "status",
           anthropic({"refuse": error_operators.sulks})),
    mutant("error.sulks-lost", "refuses everything after a wrong path",
           "errors.unknown.then-good", "status",
           {"anthropic.refuse": sulks_after("unknown_url")}),
)  # fmt: skip


ANTHROPIC_ERRORS = (*ERROR_FORMS, *ERROR_CLASSES)
