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
from harness.testbed.mutation.rows import mutants_below, mutants_in

__all__ = ["NEEDED", "UPSTREAM_MUTANTS"]

# Files of mutants that need a provider of these protocols.
PROVIDERS: dict[str, tuple[str, ...]] = {
    "same_protocol": ("anthropic",),
    "messages_features": ("anthropic",),
    "same_openai": ("openai",),
    "responses_as_chat": ("openai",),
    "same_responses": ("openai", "responses"),
}
# The protocols of the provider that a mutant needs, by its id; others need those of all chats.
NEEDED: dict[str, tuple[str, ...]] = {
    **dict.fromkeys((mutant.id for mutant in SAME_PROTOCOL), ("anthropic",)),
    **{
        mutant.id: protocols
        for name, protocols in PROVIDERS.items()
        for mutant in mutants_in(f"upstream/{name}")
    },
}

UPSTREAM_MUTANTS: tuple[Mutant, ...] = (
    *mutants_below("upstream"),
    *CHANGED_REQUESTS,
    *CHANGED_ANSWERS,
    *SAME_PROTOCOL,
    *SECRETS,
    *MODEL_CHECKS,
    *EMBEDDINGS_UPSTREAM,
    *BEFORE_MESSAGES,
)
