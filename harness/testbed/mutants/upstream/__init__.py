"""Mutants of the reference gateway in front of a provider.

Most of them differ from the original only when a provider is behind the gateway. Each endpoint
forwards to a provider of the other protocol.
"""

from __future__ import annotations

from harness.testbed.base import Mutant
from harness.testbed.mutants.upstream.answers import CHANGED_ANSWERS
from harness.testbed.mutants.upstream.embeddings import EMBEDDINGS_UPSTREAM
from harness.testbed.mutants.upstream.model_checks import MODEL_CHECKS
from harness.testbed.mutants.upstream.requests import CHANGED_REQUESTS
from harness.testbed.mutants.upstream.responses import BEFORE_MESSAGES
from harness.testbed.mutants.upstream.same_protocol import SAME_PROTOCOL
from harness.testbed.mutants.upstream.secrets import SECRETS
from harness.testbed.mutation.rows import mutants_in

__all__ = ["NEEDED", "UPSTREAM_MUTANTS"]

SAME_OPENAI = mutants_in("upstream/same_openai")
BEFORE_CHAT = mutants_in("upstream/responses_as_chat")
BEFORE_RESPONSES = mutants_in("upstream/same_responses")
# The protocols of the provider that a mutant needs, by its id; others need those of all chats.
NEEDED: dict[str, tuple[str, ...]] = {
    **dict.fromkeys((mutant.id for mutant in SAME_PROTOCOL), ("anthropic",)),
    **dict.fromkeys((mutant.id for mutant in (*SAME_OPENAI, *BEFORE_CHAT)), ("openai",)),
    **dict.fromkeys((mutant.id for mutant in BEFORE_RESPONSES), ("openai", "responses")),
}

UPSTREAM_MUTANTS: tuple[Mutant, ...] = (
    *mutants_in("upstream/openai_requests"),
    *mutants_in("upstream/openai_tools"),
    *mutants_in("upstream/openai_responses"),
    *mutants_in("upstream/anthropic_requests"),
    *mutants_in("upstream/anthropic_tools"),
    *mutants_in("upstream/anthropic_responses"),
    *mutants_in("upstream/chat_rules"),
    *mutants_in("upstream/messages_rules"),
    *mutants_in("upstream/messages_translation"),
    *mutants_in("upstream/other_protocol"),
    *mutants_in("upstream/integrity"),
    *mutants_in("upstream/chat_answers"),
    *CHANGED_REQUESTS,
    *CHANGED_ANSWERS,
    *SAME_PROTOCOL,
    *SAME_OPENAI,
    *SECRETS,
    *MODEL_CHECKS,
    *EMBEDDINGS_UPSTREAM,
    *BEFORE_MESSAGES,
    *BEFORE_CHAT,
    *BEFORE_RESPONSES,
)
