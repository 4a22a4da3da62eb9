"""Mutants of the Chat Completions endpoint in front of a provider of the same protocol."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from harness.testbed.base import Mutant
from harness.testbed.gateway.model_types import Json
from harness.testbed.mutants.openai.reference_fields import UNSEEN, without_parts
from harness.testbed.mutants.upstream.operators import (
    TO_OPENAI,
    Body,
    blocks,
    changes_request,
    drops,
    mutant_factory,
    sets,
)

chat = mutant_factory("openai-chat", "chat.same")
CONTENT = "forwarded $.messages[-1:].content"
FILE = "forwarded $..[?search(@, 'JVBERi0xLjQK|pineapple|image/')]"
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


def part_lost(name: str, kind: str, case: str, rule: str) -> Mutant:
    override = changes_request(TO_OPENAI, without_parts(kind))
    return chat(f"{name}-lost", f"drops each {name} on the way to the provider",
                case, rule, override)  # fmt: skip


def behead_sound(body: Body) -> None:
    for part in blocks(body, "input_audio"):
        part["input_audio"] = {**part["input_audio"], "data": part["input_audio"]["data"][8:]}


SAME_OPENAI: tuple[Mutant, ...] = (
    *(lost(name, case) for name, case in UNSEEN.items()),
    lost("response_format", "options.json_object"),
    member_lost("detail", "images.detail"),
    member_lost("strict", "tools.strict"),
    member_lost("refusal", "messages.assistant.refusal"),
    part_lost("sound", "input_audio", "messages.input_audio", CONTENT),
    part_lost("file", "file", "messages.file", FILE),
    chat("sound-cut", "forwards the beginning of a sound without its head", "messages.input_audio",
         "forwarded $..input_audio", changes_request(TO_OPENAI, behead_sound)),
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
