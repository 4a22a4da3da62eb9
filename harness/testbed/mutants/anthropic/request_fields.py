"""Mutants of the fields of a Messages request, but for sampling, messages and tools."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from harness.testbed.gateway.errors import RequestError
from harness.testbed.mutants.anthropic.operators import (
    any_of,
    crashes,
    default,
    forgives,
    instead,
    loses,
    misreads,
    mutant,
    reason,
    refuses,
    wrong,
)
from harness.testbed.mutants.openai.operators import Body, has, has_value

TEXT = "body $.content[?@.type=='text'].text"
REFUSED, CRASHED = "rejected.refused", "rejected.status"


def any_model(original: Callable[[str], Body], name: str) -> Body:
    return {"id": name, "type": "model"}


def unnamed(original: Callable[[Body], Any], body: Body) -> None:
    if "max_tokens" not in body:
        raise RequestError(400, "A field is missing.")
    original(body)


def first_block(body: Body) -> None:
    if isinstance(body.get("system"), list):
        body["system"] = body["system"][:1]


def behind(body: Body) -> None:
    """The user says what the system says, and then what the user says."""
    if body.get("system"):
        first = {"role": "user", "content": body.pop("system")}
        body["messages"] = [first, *body["messages"]]


ANTHROPIC_REQUESTS = (
    mutant("model.default", "chooses a model where none is named", "model.missing",
           "required.refused", default("model", "builtin-1")),
    mutant("model.crash", "breaks over a model that is no text", "model.wrong-type", CRASHED,
           crashes(wrong("model"))),
    mutant("model.any", "answers for a model it does not have", "model.unknown", REFUSED,
           {"anthropic.find_model": any_model}),
    mutant("max_tokens.default", "chooses a limit where none is set", "max_tokens.missing",
           "required.refused", default("max_tokens", 4096)),
    mutant("max_tokens.unnamed", "does not say that max_tokens is missing", "max_tokens.missing",
           "body $.error.message", {"anthropic.check": unnamed}),
    mutant("max_tokens.ignored", "does not heed max_tokens", "max_tokens.cuts",
           "body $.stop_reason", {"anthropic.limit": lambda original, body: None}),
    mutant("max_tokens.quiet", "says end_turn where the limit cut", "max_tokens.cuts",
           "body $.stop_reason", reason("length", "end_turn")),
    mutant("max_tokens.over", "exceeds the limit by one", "max_tokens.cuts",
           "body $.usage.output_tokens",
           misreads(limit=lambda request: request.limit and request.limit + 1)),
    mutant("max_tokens.nonsense", "takes a limit that is none for one", "max_tokens.impossible",
           REFUSED, instead("max_tokens", 1024)),
    mutant("max_tokens.crash", "breaks over a limit of 0", "max_tokens.zero", "status",
           crashes(has_value("max_tokens", value=0))),
    mutant("system.lost", "loses the system prompt", "system", "any_of",
           misreads(system=lambda request: "")),
    mutant("system.as-user", "lets the user say what the system says, and then the user",
           "system.obeyed", TEXT, loses(behind)),
    mutant("system.blocks-refused", "refuses a system prompt in blocks", "system.blocks", "status",
           refuses(lambda body: isinstance(body.get("system"), list), "system")),
    mutant("system.blocks-lost", "loses a system prompt in blocks", "system.blocks", "any_of",
           loses(lambda b: b.pop("system", 0) if isinstance(b.get("system"), list) else 0)),
    mutant("system.first-block", "hands on the first system block only", "system.blocks.several",
           "any_of", loses(first_block)),
    mutant("system.nonsense", "drops a system prompt that is none", "system.wrong-type", REFUSED,
           forgives("system")),
    mutant("system.crash", "breaks over an empty system prompt", "system.empty", "status",
           crashes(any_of("system", "", []))),
    mutant("cache_control.refused", "refuses marks for a cache", "cache_control", "status",
           refuses(has("tools", "*", "cache_control"), "cache_control")),
    mutant("null.crash", "breaks over null", "request.null", "status",
           crashes(lambda body: None in body.values())),
    mutant("unknown.crash", "breaks over a field that it does not know", "request.unknown",
           "status", crashes(has("no_such_field"))),
    mutant("metadata.refused", "refuses metadata", "metadata.user_id", "status",
           refuses(has("metadata"), "metadata")),
    mutant("metadata.crash", "breaks over a user_id that is no ASCII", "metadata.user_id.odd",
           "status", crashes(lambda b: not str(b.get("metadata")).isascii())),
    mutant("metadata.nonsense", "drops metadata that are none", "metadata.wrong-type", REFUSED,
           forgives("metadata")),
    mutant("service_tier.refused", "refuses service tiers", "service_tier", "status",
           refuses(has("service_tier"), "service_tier")),
    mutant("service_tier.nonsense", "drops a tier that is none", "service_tier.unknown", REFUSED,
           forgives("service_tier")),
)  # fmt: skip
