"""Mutants of the Chat Completions endpoint in front of a provider of the same protocol."""

from __future__ import annotations

from collections.abc import Iterator

from harness.testbed.base import Mutant
from harness.testbed.gateway.model_types import Json
from harness.testbed.mutants.openai.reference_fields import UNSEEN, without_parts
from harness.testbed.mutants.upstream.operators import (
    TO_OPENAI,
    Body,
    Change,
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


def without_member(name: str) -> Change:
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


def lost(name: str, what: str, case: str, change: Change, rule: str = RULE) -> Mutant:
    """Creates a mutant that answers requests with something that it does not forward."""
    override = changes_request(TO_OPENAI, change)
    return chat(f"{name}-lost", f"drops {what} on the way to the provider", case, rule, override)


def drop_names(body: Body) -> None:
    for message in body["messages"]:
        message.pop("name", None)


def cut_sound(body: Body) -> None:
    for part in blocks(body, "input_audio"):
        part["input_audio"] = {**part["input_audio"], "data": part["input_audio"]["data"][8:]}


SAME_OPENAI: tuple[Mutant, ...] = (
    *(lost(name, name, case, drops(name)) for name, case in UNSEEN.items()),
    lost("response_format", "response_format", "options.json_object", drops("response_format")),
    lost("detail", "the detail of images", "images.detail", without_member("detail")),
    lost("strict", "strict of tools", "tools.strict", without_member("strict")),
    lost("refusal", "earlier refusals", "messages.assistant.refusal", without_member("refusal")),
    lost("sound", "sound", "messages.input_audio", without_parts("input_audio"), CONTENT),
    lost("file", "files", "messages.file", without_parts("file"), FILE),
    chat("sound-cut", "forwards a sound without its first bytes", "messages.input_audio",
         "forwarded $..input_audio", changes_request(TO_OPENAI, cut_sound)),
    *(lost(f"{role}-name", "the names of messages", f"messages.{role}.name", drop_names)
      for role in ("system", "developer", "user", "assistant")),
    chat("seed-changed", "forwards another seed", "options.unseen", RULE,
         changes_request(TO_OPENAI, sets(seed=1), lambda body: "seed" in body)),
    chat("user-changed", "forwards a user of its own", "options.unseen.user", RULE,
         changes_request(TO_OPENAI, sets(user="gateway"), lambda body: "user" in body)),
)  # fmt: skip
