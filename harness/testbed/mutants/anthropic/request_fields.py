"""Mutants of Messages request fields other than sampling, messages and tools."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from harness.testbed.gateway.errors import RequestError
from harness.testbed.mutants.anthropic.operators import (
    crashes,
    loses,
    mutant,
)
from harness.testbed.mutants.openai.operators import Body
from harness.testbed.mutation.rows import mutants_in

TEXT = "body $.content[?@.type=='text'].text"
REFUSED, CRASHED = "rejected.refused", "rejected.status"


def find_any_model(original: Callable[[str], Body], name: str) -> Body:
    return {"id": name, "type": "model"}


def reject_unnamed(original: Callable[[Body], Any], body: Body) -> None:
    if "max_tokens" not in body:
        raise RequestError(400, "A field is missing.")
    original(body)


def move_system_to_user(body: Body) -> None:
    """Moves the system prompt into the first user message."""
    if body.get("system"):
        system_message = {"role": "user", "content": body.pop("system")}
        body["messages"] = [system_message, *body["messages"]]


ANTHROPIC_REQUESTS = (
    *mutants_in("anthropic/request_fields"),
    mutant("model.any", "answers for an unknown model", "model.unknown", REFUSED,
           {"anthropic.find_model": find_any_model}),
    mutant("max_tokens.unnamed", "rejects a missing max_tokens without naming it",
           "max_tokens.missing", "body $.error.message", {"anthropic.check": reject_unnamed}),
    mutant("system.as-user", "sends system messages as user messages",
           "system.obeyed", TEXT, loses(move_system_to_user)),
    mutant("metadata.crash", "returns a 500 for a user_id outside ASCII", "metadata.user_id.odd",
           "status", crashes(lambda b: not str(b.get("metadata")).isascii())),
)  # fmt: skip
