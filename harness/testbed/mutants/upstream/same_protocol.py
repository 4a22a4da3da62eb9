"""Mutants of the Anthropic endpoint in front of a provider of the same protocol."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from harness.testbed.base import Mutant
from harness.testbed.gateway.endpoint import Headers
from harness.testbed.gateway.gateway import Overrides
from harness.testbed.gateway.model_types import Json, ModelRequest
from harness.testbed.mutants.upstream.operators import (
    TO_ANTHROPIC,
    Body,
    changes_request,
    drops,
    messages,
)

THINKING = "body $.content[?@.type=='thinking'].thinking"


def without_cache_control(value: Json) -> Json:
    """Returns the value without `cache_control`, at any depth."""
    if isinstance(value, dict):
        kept = {key: item for key, item in value.items() if key != "cache_control"}
        return {key: without_cache_control(item) for key, item in kept.items()}
    return [without_cache_control(item) for item in value] if isinstance(value, list) else value


def changes_thinking(change: Callable[[list[str]], list[str]]) -> Overrides:
    """Changes the pieces of streamed thinking."""

    def deltas(original: Callable[[Body], Iterable[Body]], block: Body) -> list[Body]:
        own = list(original(block))
        pieces = [delta["thinking"] for delta in own if delta["type"] == "thinking_delta"]
        others = [delta for delta in own if delta["type"] != "thinking_delta"]
        changed = change(pieces) if pieces else []
        return [*({"type": "thinking_delta", "thinking": each} for each in changed), *others]

    return {"anthropic.deltas": deltas}


def strip_pieces(pieces: list[str]) -> list[str]:
    return [piece.strip() for piece in pieces]


def without_effort(original: Callable[[ModelRequest], Headers], request: ModelRequest) -> Headers:
    """Drops a beta value that this gateway does not know."""
    return [(name, value.replace(",effort-2025-11-24", "")) for name, value in original(request)]


def version_only(original: Callable[[ModelRequest], Headers], request: ModelRequest) -> Headers:
    return [pair for pair in original(request) if pair[0] != "anthropic-beta"]


SAME_PROTOCOL: tuple[Mutant, ...] = (
    messages("cache-lost", "drops cache_control", "upstream.cache_control",
             "forwarded $.messages[*].content[*].cache_control.type",
             changes_request(
                 TO_ANTHROPIC, lambda body: body.update(without_cache_control(body)))),
    messages("thinking-stripped", "strips white space from pieces of thinking",
             "upstream.said.thinking", THINKING, changes_thinking(strip_pieces)),
    messages("thinking-twice", "sends the last piece of thinking twice",
             "upstream.said.thinking", THINKING, changes_thinking(lambda own: [*own, own[-1]])),
    messages("beta-lost", "drops anthropic-beta", "upstream.beta",
             "forwarded header anthropic-beta", {f"{TO_ANTHROPIC}.version": version_only}),
    messages("context-lost", "drops context_management", "client.claude-code.forwarded",
             "forwarded $.context_management.edits[0].type",
             changes_request(TO_ANTHROPIC, drops("context_management"))),
    messages("betas-listed", "forwards only the beta values that it knows",
             "client.claude-code.forwarded", "forwarded header anthropic-beta",
             {f"{TO_ANTHROPIC}.version": without_effort}),
)  # fmt: skip
