"""Mutants of the Chat Completions endpoint in front of a provider of the same protocol."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from harness.testbed.base import Mutant
from harness.testbed.gateway.model_types import Json
from harness.testbed.mutants.openai.reference_fields import UNSEEN
from harness.testbed.mutants.upstream.operators import (
    TO_OPENAI,
    Body,
    changes_request,
    drops,
    mutant_factory,
    sets,
)

chat = mutant_factory("openai-chat", "chat.same")
RULE = "honoured_or_refused.forwarded"


def without_member(name: str) -> Callable[[Body], None]:
    """Drops all members with a name, at any depth."""

    def objects(value: Json) -> Iterator[Body]:
        if isinstance(value, dict):
            yield value
        for inner in value.values() if isinstance(value, dict) else value:
            if isinstance(inner, dict | list):
                yield from objects(inner)

    def change(body: Body) -> None:
        for each in list(objects(body)):
            each.pop(name, None)

    return change


def lost(name: str, case: str) -> Mutant:
    override = changes_request(TO_OPENAI, drops(name))
    return chat(f"{name}-lost", f"answers requests with {name} without forwarding it",
                case, RULE, override)  # fmt: skip


def member_lost(name: str, case: str) -> Mutant:
    override = changes_request(TO_OPENAI, without_member(name))
    return chat(f"{name}-lost", f"drops each {name} on the way to the provider",
                case, RULE, override)  # fmt: skip


SAME_OPENAI: tuple[Mutant, ...] = (
    *(lost(name, case) for name, case in UNSEEN.items()),
    lost("response_format", "options.json_object"),
    member_lost("detail", "images.detail"),
    member_lost("strict", "tools.strict"),
    member_lost("refusal", "messages.assistant.refusal"),
    *(
        chat(f"{role}-name-lost", "drops the names of messages", f"messages.{role}.name", RULE,
             changes_request(TO_OPENAI, lambda body: [m.pop("name", 0) for m in body["messages"]]))
        for role in ("system", "developer", "user", "assistant")
    ),
    chat("seed-changed", "forwards another seed", "options.unseen", RULE,
         changes_request(TO_OPENAI, sets(seed=1), lambda body: "seed" in body)),
    chat("user-changed", "forwards a user of its own", "options.unseen.user", RULE,
         changes_request(TO_OPENAI, sets(user="gateway"), lambda body: "user" in body)),
)  # fmt: skip
