"""Mutants of errors: accepted mistakes, statuses, formats and paths."""

from __future__ import annotations

from harness.testbed.base import Mutant
from harness.testbed.gateway.gateway import Overrides
from harness.testbed.mutants.openai.error_operators import (
    accepts_empty_body,
    as_stream,
    code,
    concerns_messages,
    content_as_text,
    default_messages,
    error,
    html,
    is_invalid_json,
    is_not_an_object,
    messages_as_list,
    reads_anything,
    rejects_after_error,
    replace_role,
    replaces_body,
    replaces_status,
    sets_in_error,
    text,
    without_param,
)
from harness.testbed.mutants.openai.operators import (
    crashes,
    has,
    has_invalid_value,
    refuses,
    repairs,
)
from harness.testbed.variants.options import UNLISTED

FORM = "behaviour.error_format"
REFUSED, STATUS, ERROR, NAMED = (
    "rejected.refused",
    "rejected.status",
    "rejected.error",
    "rejected.named",
)


def form(name: str, description: str, rule: str, override: Overrides) -> Mutant:
    return Mutant(f"error.{name}", description, f"{FORM}.{name.rpartition('-')[0]}", rule, override)


def chat(name: str, description: str, rule: str, override: Overrides) -> Mutant:
    return Mutant(
        f"errors.{name}", description, f"errors.{name.rpartition('-')[0]}", rule, override
    )


ERRORS = (
    form("messages-missing-greeted", "answers a request without messages", "required.refused",
         repairs(default_messages)),
    form("messages-missing-crash", "returns a 500 for a request without messages",
         "required.status", crashes(lambda body: "messages" not in body)),
    form("messages-wrong-type-crash", "returns a 500 if messages is not a list", STATUS,
         crashes(has_invalid_value("messages"))),
    form("messages-wrong-type-ok", "sends errors with status 200", REFUSED, replaces_status(200)),
    form("messages-wrong-type-text", "sends errors as plain text", ERROR, text(concerns_messages)),
    form("messages-wrong-type-string", "sends the error as a string", ERROR,
         error(lambda data, _: {"error": data["error"]["message"]})),
    form("messages-wrong-type-detail", "sends errors in the format of a web framework", ERROR,
         error(lambda data, _: {"detail": data["error"]["message"]})),
    form("messages-wrong-type-unnamed", "sends errors without message and param", NAMED,
         error(without_param)),
    form("messages-empty-greeted", "answers a request without messages", REFUSED,
         repairs(default_messages)),
    form("content-wrong-type-text", "converts invalid content to a string", REFUSED,
         repairs(content_as_text)),
    form("role-unknown-user", "treats unknown roles as user", REFUSED, repairs(replace_role)),
    form("broken-json-crash", "returns a 500 for a body that is not JSON", STATUS,
         replaces_status(500, is_invalid_json)),
    form("broken-json-text", "sends errors as plain text", ERROR, text(is_invalid_json)),
    form("not-an-object-crash", "returns a 500 for a body that is not an object", STATUS,
         replaces_status(500, is_not_an_object)),
    form("words-None", "sends the error type \"None\"", "body $.error.type",
         sets_in_error(type="None")),
    form("words-nonecode", "sends the error code \"None\"", "body $.error.code",
         sets_in_error(code="None")),
)  # fmt: skip


UNKNOWN_URL, METHOD = code("unknown_url"), code("method_not_supported")
CHAT = (
    chat("object-typed", "sends errors with another content type", "headers content-type",
         replaces_body(b'{"error":{"message":"messages","type":"x"}}', "text/plain",
                       concerns_messages)),
    chat("object.words-None", "sends the error type \"None\"", "body $.error.type",
         sets_in_error(type="None")),
    chat("messages-missing-greeted", "answers a request without messages", "required.refused",
         repairs(default_messages)),
    chat("messages-empty-greeted", "answers a request without messages", REFUSED,
         repairs(default_messages)),
    chat("message-wrong-type-text", "converts invalid messages", REFUSED,
         repairs(messages_as_list)),
    chat("role-unknown-user", "treats unknown roles as user", REFUSED, repairs(replace_role)),
    chat("model-unknown-any", "answers for an unknown model", REFUSED,
         {"find_model": lambda original, name: {"id": name}}),
    chat("broken-json-read", "answers a body that is not JSON", REFUSED, {"parse": reads_anything}),
    chat("not-an-object-read", "answers a body that is not an object", REFUSED,
         {"parse": reads_anything}),
    chat("empty-body-read", "answers an empty body", REFUSED, {"parse": accepts_empty_body}),
    chat("streamed-ok", "sends errors as a stream with status 200", "status",
         {"respond": as_stream}),
    chat("then-good-sulks", "rejects every request after an error", "status",
         {"refuse": rejects_after_error}),
    chat("path-html", "sends an HTML page for an unknown path", "schema openai/error",
         html(UNKNOWN_URL)),
    chat("path-ok", "returns status 200 for an unknown path", "status",
         replaces_status(200, UNKNOWN_URL)),
    chat("method-html", "sends an HTML page for a wrong method", "schema openai/error",
         html(METHOD)),
    chat("method-crash", "returns a 500 for a wrong method", "status",
         replaces_status(500, METHOD)),
    Mutant("unknown.crash", "returns a 500 for an unknown field", "behaviour.silent_ignore.unknown",
           "status", crashes(lambda body: "no_such_field" in body)),
    *(mutant for name in UNLISTED for mutant in (
        Mutant(f"{name}.unnamed", f"rejects {name} without naming it", name, "any_of",
               refuses(has(name), "request")),
        Mutant(f"{name}.crash", f"returns a 500 for {name}", name, "status", crashes(has(name))),
    )),
    Mutant("unknown.several", "rejects more than ten fields", "behaviour.silent_ignore", "status",
           refuses(lambda body: len(body) > 10, "fields")),
    Mutant("stream_options.crash", "returns a 500 for stream_options without stream",
           "stream_options.without-stream", "status",
           crashes(lambda body: "stream_options" in body and not body.get("stream"))),
)  # fmt: skip

ERRORS_AND_PATHS = (*ERRORS, *CHAT)
