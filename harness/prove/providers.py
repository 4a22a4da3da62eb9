"""The right gateways and providers that cases about forwarding run before, by id."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from harness.prove.matrix import Kill
from harness.testbed.mock_provider.variants import PROVIDER_VARIANTS
from harness.testbed.variants.forwarded_embeddings import FORWARDED_EMBEDDINGS
from harness.testbed.variants.forwarded_responses import FORWARDED_RESPONSES
from harness.testbed.variants.forwarding import FORWARDING
from harness.testbed.variants.refusing_providers import REFUSING_PROVIDERS
from harness.testbed.variants.upstream import UPSTREAM_VARIANTS
from harness.testbed.variants.usage import USAGE

ACROSS: Final = ("anthropic", "openai")
WAYS: Final = (*FORWARDING, *FORWARDED_EMBEDDINGS, *FORWARDED_RESPONSES)
# Behind every gateway, whatever the protocol of its chats.
ALWAYS: Final = ("embeddings",)
# Behind a gateway that does not translate Responses.
SAME_RESPONSES: Final = ("openai", "responses")
# Right gateways on which all cases run, since every forwarded request is checked.
WITH_ALL_CASES: Final = (
    *("provider", *(f"provider.{protocol}" for protocol in ACROSS), "provider.responses"),
    "upstream.newest",
)
# The ways to forward that are also tried before a provider of the caller's protocol.
ONE_PROVIDER: Final[Mapping[str, Sequence[str]]] = {
    "forwarding.lists": ACROSS,
    "forwarding.texts": ACROSS,
    "forwarding.results-apart": ("anthropic",),
    "forwarding.cache-marks": ("anthropic",),
    "forwarding.stop-text": ("openai",),
    "forwarding.thinking-budget": ("anthropic",),
}
PROVIDERS: Final[dict[str, dict[str, Any]]] = {
    "provider": {},
    **{f"provider.{protocol}": {"providers": (protocol,)} for protocol in ACROSS},
    "provider.responses": {"providers": SAME_RESPONSES},
    **{f"played.{usual.id}": {"usual": usual.script} for usual in PROVIDER_VARIANTS},
    **{one.id: {"other": one.overrides} for one in (*UPSTREAM_VARIANTS, *REFUSING_PROVIDERS)},
    **{f"provider.{variant.id}": {"variant": variant} for variant in USAGE},
    **{variant.id: {"overrides": variant.overrides} for variant in WAYS},
    **{
        variant.id: {"overrides": variant.overrides, "providers": SAME_RESPONSES}
        for variant in FORWARDED_RESPONSES
    },
    **{
        f"{variant.id}.{protocol}": {"overrides": variant.overrides, "providers": (protocol,)}
        for variant in FORWARDING
        for protocol in ONE_PROVIDER.get(variant.id, ())
    },
}
# What these state about their verdicts, by id.
STATED: Final = {
    **{one.id: one for one in (*UPSTREAM_VARIANTS, *REFUSING_PROVIDERS, *WAYS)},
    **{f"{one.id}.{protocol}": one for one in FORWARDING for protocol in ACROSS},
}


# OpenAI's protocol has no field for these, so that no gateway can forward them to such a provider.
# The cases rightly warn there, or are undecided: the caller does not get what the field promises.
NOT_FORWARDABLE: Final = {
    "anthropic-messages/thinking",
    "anthropic-messages/thinking.adaptive",  # inconclusive: the answer does not show the thinking
    "anthropic-messages/integrity.thinking.loop",  # nor is there a turn to send back
    "anthropic-messages/messages.thinking.replayed",
    "anthropic-messages/thinking.display.omitted",
    "anthropic-messages/thinking.display.summarized",
    "cross-protocol/cross.stop",
    "openai-responses/reasoning.encrypted",  # undecided: there is nothing to encrypt
}


# Blocked where a gateway refuses log probabilities or summaries of what a model thought, as the
# reference gateway does if it forwards.
BLOCKED: Final = {"openai-chat/options.top_logprobs.range", "openai-responses/input.reasoning"}

# Other protocols have no equivalent of these parts of Codex' requests, and the reference gateway
# refuses what it cannot forward: the cases rightly state that Codex does not work with it.
NEEDS_OF_CODEX: Final = tuple(
    f"openai-responses/client.codex.{name}"
    for name in (
        *("turn", "reasoning", "loop", "thoughts", "custom", "custom-results", "namespace"),
        "web-search",
    )
)


def blocked(kill: Kill) -> bool:
    """Whether a right gateway permits no conclusion in a case, because of what it refuses."""
    return kill.case in BLOCKED and kill.level == "blocked"


def excused(kill: Kill, options: Mapping[str, Any]) -> bool:
    """Whether a problem is expected of a right gateway, because of what its provider lacks."""
    if blocked(kill) or kill.case in NEEDS_OF_CODEX:
        return True
    speaks_openai = "openai" in options.get("providers", ACROSS)
    return speaks_openai and kill.case in NOT_FORWARDABLE and kill.level in ("should", "model")
