"""Mutants of Messages request fields other than sampling, messages and tools."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from harness.testbed.gateway.errors import RequestError
from harness.testbed.mutants.anthropic.operators import (
    any_of,
    crashes,
    default,
    forgives,
    has_invalid_value,
    instead,
    loses,
    misreads,
    mutant,
    reason,
    refuses,
)
from harness.testbed.mutants.openai.operators import Body, has, has_value

TEXT = "body $.content[?@.type=='text'].text"
REFUSED, CRASHED = "rejected.refused", "rejected.status"


def find_any_model(original: Callable[[str], Body], name: str) -> Body:
    return {"id": name, "type": "model"}


def reject_unnamed(original: Callable[[Body], Any], body: Body) -> None:
    if "max_tokens" not in body:
        raise RequestError(400, "A field is missing.")
    original(body)


def keep_first_block(body: Body) -> None:
    if isinstance(body.get("system"), list):
        body["system"] = body["system"][:1]


def move_system_to_user(body: Body) -> None:
    """Moves the system prompt into the first user message."""
    if body.get("system"):
        system_message = {"role": "user", "content": body.pop("system")}
        body["messages"] = [system_message, *body["messages"]]


ANTHROPIC_REQUESTS = (
    mutant("model.default", "uses a default model if none is given", "model.missing",
           "required.refused", default("model", "builtin-1")),
    mutant("model.crash", "returns a 500 for a model that is not a string", "model.wrong-type",
           CRASHED, crashes(has_invalid_value("model"))),
    mutant("model.any", "answers for an unknown model", "model.unknown", REFUSED,
           {"anthropic.find_model": find_any_model}),
    mutant("max_tokens.default", "uses a default for a missing max_tokens", "max_tokens.missing",
           "required.refused", default("max_tokens", 4096)),
    mutant("max_tokens.unnamed", "rejects a missing max_tokens without naming it",
           "max_tokens.missing", "body $.error.message", {"anthropic.check": reject_unnamed}),
    mutant("max_tokens.ignored", "ignores max_tokens", "max_tokens.cuts",
           "body $.stop_reason", {"anthropic.limit": lambda original, body: None}),
    mutant("max_tokens.quiet", "reports end_turn at the token limit", "max_tokens.cuts",
           "body $.stop_reason", reason("length", "end_turn")),
    mutant("max_tokens.over", "exceeds the limit by one", "max_tokens.cuts",
           "body $.usage.output_tokens",
           misreads(limit=lambda request: request.limit and request.limit + 1)),
    mutant("max_tokens.nonsense", "accepts an invalid limit", "max_tokens.impossible",
           REFUSED, instead("max_tokens", 1024)),
    mutant("max_tokens.crash", "returns a 500 for a limit of 0", "max_tokens.zero", "status",
           crashes(has_value("max_tokens", value=0))),
    mutant("system.lost", "drops the system prompt", "system", "any_of",
           misreads(system=lambda request: "")),
    mutant("system.as-user", "sends system messages as user messages",
           "system.obeyed", TEXT, loses(move_system_to_user)),
    mutant("system.blocks-refused", "rejects a system prompt in blocks", "system.blocks", "status",
           refuses(lambda body: isinstance(body.get("system"), list), "system")),
    mutant("system.blocks-lost", "drops a system prompt in blocks", "system.blocks", "any_of",
           loses(lambda b: b.pop("system", 0) if isinstance(b.get("system"), list) else 0)),
    mutant("system.first-block", "forwards only the first system block", "system.blocks.several",
           "any_of", loses(keep_first_block)),
    mutant("system.nonsense", "ignores an invalid system prompt", "system.wrong-type", REFUSED,
           forgives("system")),
    mutant("system.crash", "returns a 500 for an empty system prompt", "system.empty", "status",
           crashes(any_of("system", "", []))),
    mutant("cache_control.refused", "rejects cache_control", "cache_control", "status",
           refuses(has("tools", "*", "cache_control"), "cache_control")),
    mutant("null.crash", "returns a 500 for null", "request.null", "status",
           crashes(lambda body: None in body.values())),
    mutant("unknown.crash", "returns a 500 for an unknown field", "request.unknown",
           "status", crashes(has("no_such_field"))),
    mutant("metadata.refused", "rejects metadata", "metadata.user_id", "status",
           refuses(has("metadata"), "metadata")),
    mutant("metadata.crash", "returns a 500 for a user_id outside ASCII", "metadata.user_id.odd",
           "status", crashes(lambda b: not str(b.get("metadata")).isascii())),
    mutant("metadata.nonsense", "ignores invalid metadata", "metadata.wrong-type", REFUSED,
           forgives("metadata")),
    mutant("service_tier.refused", "rejects service tiers", "service_tier", "status",
           refuses(has("service_tier"), "service_tier")),
    mutant("service_tier.nonsense", "ignores an invalid service tier", "service_tier.unknown",
           REFUSED, forgives("service_tier")),
)  # fmt: skip
