"""Mutants of the Chat Completions endpoint that drop fields which an Anthropic provider lacks."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from harness.testbed.base import Mutant
from harness.testbed.forward import chat_only
from harness.testbed.gateway.gateway import Overrides
from harness.testbed.gateway.model_types import ModelRequest
from harness.testbed.mutants.openai.operators import repairs
from harness.testbed.mutants.openai.reference_fields import UNSEEN, without_parts
from harness.testbed.mutants.upstream.operators import (
    TO_ANTHROPIC,
    Body,
    changes_request,
    drops,
    mutant_factory,
)
from harness.testbed.mutants.upstream.same_openai import CONTENT, FILE, RULE, without_member

chat = mutant_factory("openai-chat", "chat.other")


def forgives(change: Callable[[Body], object]) -> Overrides:
    """Refuses a request only if it would still be refused after the change."""

    def check(original: Callable[[ModelRequest], None], request: ModelRequest) -> None:
        options = {**request.options, "messages": [dict(m) for m in request.body["messages"]]}
        change(options)
        original(replace(request, options=options))

    return {f"{TO_ANTHROPIC}.check_translatable": check}


def dropped(name: str, case: str, override: Overrides) -> Mutant:
    description = f"answers requests with {name} without it, which the provider lacks"
    return chat(f"{name}-dropped", description, case, RULE, override)


def part_dropped(name: str, kind: str, case: str, rule: str) -> Mutant:
    description = f"answers requests with a {name} without it, which the provider lacks"
    return chat(f"{name}-dropped", description, case, rule, repairs(without_parts(kind)))


OTHER_PROTOCOL: tuple[Mutant, ...] = (
    *(dropped(name, UNSEEN[name], forgives(drops(name))) for name in chat_only.FIELDS),
    *(dropped(name, UNSEEN[name], changes_request(TO_ANTHROPIC, drops("metadata")))
      for name in ("user", "safety_identifier")),
    *(dropped(f"{role}-name", f"messages.{role}.name", forgives(without_member("name")))
      for role in ("system", "developer", "user", "assistant")),
    dropped("detail", "images.detail", forgives(without_member("detail"))),
    dropped("past-audio", "messages.assistant.audio", forgives(without_member("audio"))),
    dropped("past-refusal", "messages.assistant.refusal",
            {"chat.refusal": lambda original, message: ()}),
    part_dropped("sound", "input_audio", "messages.input_audio", CONTENT),
    part_dropped("file", "file", "messages.file", FILE),
    dropped("strict", "tools.strict", changes_request(TO_ANTHROPIC, without_member("strict"))),
)  # fmt: skip
