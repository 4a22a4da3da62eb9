"""Mutants of the Chat Completions endpoint that drop fields which an Anthropic provider lacks."""

from __future__ import annotations

from harness.testbed.base import Mutant
from harness.testbed.forward import chat_only
from harness.testbed.gateway.gateway import Overrides
from harness.testbed.mutants.openai.operators import repairs
from harness.testbed.mutants.openai.reference_fields import UNSEEN, without_parts
from harness.testbed.mutants.upstream.operators import (
    TO_ANTHROPIC,
    Change,
    changes_request,
    drops,
    mutant_factory,
)
from harness.testbed.mutants.upstream.refusal_operators import forgives
from harness.testbed.mutants.upstream.same_openai import CONTENT, FILE, RULE, without_member

chat = mutant_factory("openai-chat", "chat.other")


def dropped(name: str, case: str, override: Overrides) -> Mutant:
    description = f"answers requests with {name} without it, which the provider lacks"
    return chat(f"{name}-dropped", description, case, RULE, override)


def unrefused(name: str, case: str, change: Change) -> Mutant:
    """Creates a mutant that does not refuse what the provider lacks."""
    return dropped(name, case, forgives(TO_ANTHROPIC, change))


def part_dropped(name: str, kind: str, case: str, rule: str) -> Mutant:
    description = f"answers requests with a {name} without it, which the provider lacks"
    return chat(f"{name}-dropped", description, case, rule, repairs(without_parts(kind)))


OTHER_PROTOCOL: tuple[Mutant, ...] = (
    *(unrefused(name, UNSEEN[name], drops(name)) for name in chat_only.FIELDS),
    *(dropped(name, UNSEEN[name], changes_request(TO_ANTHROPIC, drops("metadata")))
      for name in ("user", "safety_identifier")),
    *(unrefused(f"{role}-name", f"messages.{role}.name", without_member("name"))
      for role in ("system", "developer", "user", "assistant")),
    unrefused("detail", "images.detail", without_member("detail")),
    unrefused("past-audio", "messages.assistant.audio", without_member("audio")),
    dropped("past-refusal", "messages.assistant.refusal",
            {"chat.refusal": lambda original, message: ()}),
    part_dropped("sound", "input_audio", "messages.input_audio", CONTENT),
    part_dropped("file", "file", "messages.file", FILE),
    dropped("strict", "tools.strict", changes_request(TO_ANTHROPIC, without_member("strict"))),
)  # fmt: skip
