"""Mutants that fail the requests of Claude Code."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from harness.testbed.base import Mutant
from harness.testbed.gateway.endpoint import Request
from harness.testbed.gateway.errors import RequestError
from harness.testbed.gateway.gateway import Overrides
from harness.testbed.gateway.model_types import ModelRequest, Tool
from harness.testbed.mutants.anthropic.error_operators import error
from harness.testbed.mutants.anthropic.operators import (
    misreads,
    mutant,
)
from harness.testbed.mutants.anthropic.request_operators import (
    at,
    both_of,
    changes_json,
    replies_with,
)
from harness.testbed.mutants.openai.operators import Body, has
from harness.testbed.mutants.upstream.operators import (
    TO_OPENAI,
    messages,
)
from harness.testbed.mutation.rows import mutants_in

ANY_OF = "any_of"


def claude_code(
    case: str, name: str, description: str, override: Overrides, rule: str = "status"
) -> Mutant:
    case = f"client.claude-code.{case}"
    return mutant(f"{case}-{name}", description, case, rule, override)


def upstream(case: str, name: str, description: str, rule: str, override: Overrides) -> Mutant:
    case = f"client.claude-code.{case}"
    return messages(f"{case}-{name}", description, case, rule, override)


def merge_underscores(request: ModelRequest) -> tuple[Tool, ...]:
    return tuple(replace(tool, name=tool.name.replace("__", "_")) for tool in request.tools)


def lists_all_models(request: Request) -> bool:
    return str(request["path"]).endswith("/models?limit=1000")


def own_words(side: str) -> Overrides:
    """Replaces the words of a provider's refusal by the gateway's own."""

    def provider_error(original: Callable[..., RequestError], *args: Any) -> RequestError:
        refusal = original(*args)
        return RequestError(refusal.status, "All target providers failed.", kind=refusal.kind)

    return {f"{side}.provider_error": provider_error}


def drops_advice(side: str) -> Overrides:
    """Keeps only the time to wait of the headers of a provider's refusal."""

    def provider_error(original: Callable[..., RequestError], *args: Any) -> RequestError:
        refusal = original(*args)
        headers = tuple(pair for pair in refusal.headers if pair[0] != "x-should-retry")
        return RequestError(refusal.status, refusal.message, kind=refusal.kind, headers=headers)

    return {f"{side}.provider_error": provider_error}


def is_turn(body: Body) -> bool:
    return has("tools")(body) and has("metadata", "user_id")(body)


def with_detail(data: Body, refusal: RequestError) -> Body:
    return {"detail": [{"loc": ["body", refusal.param], "msg": refusal.message}]}


CLAUDE_CODE: tuple[Mutant, ...] = (
    *mutants_in("anthropic/claude_code"),
    claude_code("tools", "renamed", "merges underscores in the names of tools",
        misreads(tools=merge_underscores), "body $.content[?@.type=='tool_use'].name"),
    claude_code("fallback", "stream", "streams every answer to tools",
        {"anthropic.wants_stream": lambda original, body: is_turn(body) or original(body)},
        "stream.content-type"),
    claude_code("tool-search", "dropped", "drops all tools that are loaded later",
        {"anthropic.named_tools": lambda original, messages: set()}, ANY_OF),
    claude_code("count-tokens", "text", "counts tokens in a string",
        changes_json(at("/v1/messages/count_tokens"),
            lambda data: {name: str(value) for name, value in data.items()}), ANY_OF),
    claude_code("models", "redirect", "redirects a request for all models",
        replies_with(both_of(lists_all_models, at("/v1/models")), 308, "text/plain", b"")),
    claude_code("error", "detail", "sends errors as a list of details",
        error(with_detail), "schema anthropic/error"),
    upstream("too-long", "own-words", "replaces the words of a provider's refusal",
        "body $.error.message", own_words(TO_OPENAI)),
    upstream("signature", "own-words", "replaces the words of a refused signature",
        "body $.error.message", own_words(TO_OPENAI)),
    upstream("should-retry", "lost", "drops the provider's advice about a retry",
        "headers x-should-retry", drops_advice(TO_OPENAI)),
)  # fmt: skip
