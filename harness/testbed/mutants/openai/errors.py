"""Mutants of errors: accepted mistakes, statuses, formats and paths."""

from __future__ import annotations

from harness.testbed.base import Mutant
from harness.testbed.gateway.gateway import Overrides
from harness.testbed.mutants.openai.error_operators import (
    accepts_empty_body,
    as_stream,
    default_messages,
    messages_as_list,
    reads_anything,
    rejects_after_error,
    replace_role,
)
from harness.testbed.mutants.openai.operators import (
    crashes,
    refuses,
    repairs,
)
from harness.testbed.mutation.rows import mutants_in

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
    form("messages-empty-greeted", "answers a request without messages", REFUSED,
         repairs(default_messages)),
    form("role-unknown-user", "treats unknown roles as user", REFUSED, repairs(replace_role)),
)  # fmt: skip


CHAT = (
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
    Mutant("unknown.several", "rejects more than ten fields", "behaviour.silent_ignore", "status",
           refuses(lambda body: len(body) > 10, "fields")),
    Mutant("stream_options.crash", "returns a 500 for stream_options without stream",
           "stream_options.without-stream", "status",
           crashes(lambda body: "stream_options" in body and not body.get("stream"))),
)  # fmt: skip

ERRORS_AND_PATHS = (*mutants_in("openai/errors"), *ERRORS, *CHAT)
