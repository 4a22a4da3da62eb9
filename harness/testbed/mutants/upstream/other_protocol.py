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


def dropped(name: str, what: str, case: str, override: Overrides, rule: str = RULE) -> Mutant:
    description = f"drops {what} before a provider of the other protocol"
    return chat(f"{name}-dropped", description, case, rule, override)


def unrefused(name: str, what: str, case: str, change: Change) -> Mutant:
    """Creates a mutant that does not refuse what the provider lacks."""
    return dropped(name, what, case, forgives(TO_ANTHROPIC, change))


OTHER_PROTOCOL: tuple[Mutant, ...] = (
    *(unrefused(name, name, UNSEEN[name], drops(name)) for name in chat_only.FIELDS),
    *(dropped(name, name, UNSEEN[name], changes_request(TO_ANTHROPIC, drops("metadata")))
      for name in ("user", "safety_identifier")),
    *(unrefused(f"{role}-name", f"the name of {role} messages", f"messages.{role}.name",
                without_member("name"))
      for role in ("system", "developer", "user", "assistant")),
    unrefused("detail", "the detail of images", "images.detail", without_member("detail")),
    unrefused("past-audio", "the id of an earlier sound", "messages.assistant.audio",
              without_member("audio")),
    dropped("past-refusal", "earlier refusals", "messages.assistant.refusal",
            {"chat.refusal": lambda original, message: ()}),
    dropped("sound", "sound", "messages.input_audio", repairs(without_parts("input_audio")),
            CONTENT),
    dropped("file", "files", "messages.file", repairs(without_parts("file")), FILE),
    dropped("strict", "strict of tools", "tools.strict",
            changes_request(TO_ANTHROPIC, without_member("strict"))),
)  # fmt: skip
