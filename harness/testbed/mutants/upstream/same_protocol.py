"""Mutants of the Anthropic endpoint in front of a provider of the same protocol."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from harness.testbed.base import Mutant
from harness.testbed.gateway.endpoint import Headers
from harness.testbed.gateway.gateway import Overrides
from harness.testbed.gateway.model_types import ModelRequest
from harness.testbed.mutants.upstream.operators import (
    TO_ANTHROPIC,
    Body,
    changes_request,
    messages,
)

THINKING = "body $.content[?@.type=='thinking'].thinking"


def drop_late_system(body: Body) -> None:
    body["messages"] = [m for m in body["messages"] if m["role"] != "system"]


def hoist_to_parameter(body: Body) -> None:
    """Moves instructions within the conversation to the system prompt."""
    late = [m["content"] for m in body["messages"] if m["role"] == "system"]
    if late:
        drop_late_system(body)
        body["system"] = "\n".join([body.get("system") or "", *map(str, late)]).strip()


def accept_all(original: Callable[..., None], *args: object) -> None:
    """Accepts everything."""


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


SAME_PROTOCOL: tuple[Mutant, ...] = (
    messages("late-system.hoisted", "hoists instructions within the conversation",
             "upstream.system.late", "forwarded $.messages[1].role",
             changes_request(TO_ANTHROPIC, hoist_to_parameter)),
    messages("version.unchecked", "forwards what the version of a request does not have",
             "upstream.version.newer", "any_of",
             {"anthropic.check_against_version": accept_all}),
    messages("thinking-stripped", "strips white space from pieces of thinking",
             "upstream.said.thinking", THINKING, changes_thinking(strip_pieces)),
    messages("thinking-twice", "sends the last piece of thinking twice",
             "upstream.said.thinking", THINKING, changes_thinking(lambda own: [*own, own[-1]])),
    messages("betas-listed", "forwards only the beta values that it knows",
             "client.claude-code.forwarded", "forwarded header anthropic-beta",
             {f"{TO_ANTHROPIC}.version": without_effort}),
)  # fmt: skip
