"""Mutants of the reference gateway in front of a provider.

Most of them differ from the original only when a provider is behind the gateway. Each endpoint
forwards to a provider of the other protocol.
"""

from __future__ import annotations

from harness.testbed.base import Mutant
from harness.testbed.mutants.upstream.anthropic_requests import UPSTREAM_MESSAGES
from harness.testbed.mutants.upstream.anthropic_responses import UPSTREAM_REPLIES
from harness.testbed.mutants.upstream.anthropic_tools import UPSTREAM_RESULTS
from harness.testbed.mutants.upstream.chat_answers import CHAT_ANSWERS
from harness.testbed.mutants.upstream.embeddings import EMBEDDINGS_UPSTREAM
from harness.testbed.mutants.upstream.integrity import INTEGRITY
from harness.testbed.mutants.upstream.messages_features import LOST_FEATURES
from harness.testbed.mutants.upstream.messages_translation import TRANSLATED_FEATURES
from harness.testbed.mutants.upstream.model_checks import MODEL_CHECKS
from harness.testbed.mutants.upstream.openai_chat import for_openai_chat
from harness.testbed.mutants.upstream.openai_requests import UPSTREAM_REQUESTS
from harness.testbed.mutants.upstream.openai_responses import UPSTREAM_ANSWERS
from harness.testbed.mutants.upstream.openai_tools import UPSTREAM_CALLS
from harness.testbed.mutants.upstream.other_protocol import OTHER_PROTOCOL
from harness.testbed.mutants.upstream.responses import BEFORE_MESSAGES
from harness.testbed.mutants.upstream.responses_as_chat import BEFORE_CHAT
from harness.testbed.mutants.upstream.rules import RULES
from harness.testbed.mutants.upstream.same_openai import SAME_OPENAI
from harness.testbed.mutants.upstream.same_protocol import SAME_PROTOCOL as SAME
from harness.testbed.mutants.upstream.same_responses import BEFORE_RESPONSES
from harness.testbed.mutants.upstream.secrets import SECRETS

__all__ = ["NEEDED", "UPSTREAM_MUTANTS"]

# Mutants that need a provider of the caller's protocol.
SAME_PROTOCOL: tuple[Mutant, ...] = (*SAME, *LOST_FEATURES)
# The protocols of the provider that a mutant needs, by its id; others need those of all chats.
NEEDED: dict[str, tuple[str, ...]] = {
    **dict.fromkeys((mutant.id for mutant in SAME_PROTOCOL), ("anthropic",)),
    **dict.fromkeys((mutant.id for mutant in (*SAME_OPENAI, *BEFORE_CHAT)), ("openai",)),
    **dict.fromkeys((mutant.id for mutant in BEFORE_RESPONSES), ("openai", "responses")),
}

UPSTREAM_MUTANTS: tuple[Mutant, ...] = (
    *UPSTREAM_REQUESTS,
    *UPSTREAM_CALLS,
    *UPSTREAM_ANSWERS,
    *UPSTREAM_MESSAGES,
    *UPSTREAM_RESULTS,
    *UPSTREAM_REPLIES,
    *RULES,
    *SAME_PROTOCOL,
    *SAME_OPENAI,
    *OTHER_PROTOCOL,
    *TRANSLATED_FEATURES,
    *SECRETS,
    *INTEGRITY,
    *CHAT_ANSWERS,
    *MODEL_CHECKS,
    *EMBEDDINGS_UPSTREAM,
    *BEFORE_MESSAGES,
    *BEFORE_CHAT,
    *BEFORE_RESPONSES,
    *for_openai_chat(UPSTREAM_REQUESTS, UPSTREAM_CALLS, UPSTREAM_ANSWERS),
)
