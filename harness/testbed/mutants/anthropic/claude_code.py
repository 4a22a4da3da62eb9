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
    crashes,
    loses,
    misreads,
    mutant,
    refuses,
)
from harness.testbed.mutants.anthropic.request_operators import (
    at,
    both_of,
    changes_json,
    header_contains,
    rejects_with,
    replies_with,
)
from harness.testbed.mutants.anthropic.tool_results import results
from harness.testbed.mutants.openai.operators import Body, has, has_value, sets, values_at
from harness.testbed.mutants.upstream.operators import (
    TO_OPENAI,
    messages,
)

ANY_OF = "any_of"


def claude_code(
    case: str, name: str, description: str, override: Overrides, rule: str = "status"
) -> Mutant:
    case = f"client.claude-code.{case}"
    return mutant(f"{case}-{name}", description, case, rule, override)


def upstream(case: str, name: str, description: str, rule: str, override: Overrides) -> Mutant:
    case = f"client.claude-code.{case}"
    return messages(f"{case}-{name}", description, case, rule, override)


def has_long_user_id(body: Body) -> bool:
    return any(len(value) > 64 for value in values_at(body, "metadata", "user_id") if value)


def has_several_system_blocks(body: Body) -> bool:
    return isinstance(body.get("system"), list) and len(body["system"]) > 1


def merge_underscores(request: ModelRequest) -> tuple[Tool, ...]:
    return tuple(replace(tool, name=tool.name.replace("__", "_")) for tool in request.tools)


def lose_last_instruction(body: Body) -> None:
    """Drops a system message at the end of the conversation."""
    if body["messages"][-1]["role"] == "system":
        del body["messages"][-1]


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


def has_late_system_message(body: Body) -> bool:
    return bool(body["messages"][-1]["role"] == "system")


def with_detail(data: Body, refusal: RequestError) -> Body:
    return {"detail": [{"loc": ["body", refusal.param], "msg": refusal.message}]}


CLAUDE_CODE: tuple[Mutant, ...] = (
    claude_code("turn", "crash", "crashes on effort beside tools",
        crashes(lambda body: has("output_config")(body) and has("tools")(body))),
    claude_code("headers", "beta", "refuses beta values that it does not know",
        rejects_with(header_contains("anthropic-beta", "advisor-tool"), 400)),
    claude_code("quota", "limit", "refuses a limit of under 16 tokens",
        refuses(lambda body: body["max_tokens"] < 16, "max_tokens")),
    claude_code("system", "blocks", "refuses a system prompt of several blocks",
        refuses(has_several_system_blocks, "system")),
    claude_code("context-management", "extra", "refuses context_management",
        refuses(has("context_management"), "context_management"), ANY_OF),
    claude_code("effort", "extra", "refuses output_config",
        refuses(has("output_config"), "output_config")),
    claude_code("thinking", "crash", "crashes on adaptive thinking",
        crashes(has_value("thinking", "type", value="adaptive")), "honoured_or_refused.status"),
    claude_code("thinking", "unnamed", "refuses adaptive thinking without naming it",
        refuses(has_value("thinking", "type", value="adaptive"), "request"),
        "honoured_or_refused.named"),
    claude_code("metadata", "length", "refuses a user id of over 64 characters",
        refuses(has_long_user_id, "metadata")),
    claude_code("tools", "renamed", "merges underscores in the names of tools",
        misreads(tools=merge_underscores), "body $.content[?@.type=='tool_use'].name"),
    claude_code("tool-results", "cached", "refuses cache_control in a tool result",
        refuses(has("messages", "*", "content", {"type": "tool_result"}, "cache_control"),
            "cache_control")),
    claude_code("tool-results", "lost", "drops tool results",
        results(sets(content="")), ANY_OF),
    claude_code("tool-fields", "strict", "refuses strict in a tool",
        refuses(has("tools", "*", "strict"), "strict")),
    claude_code("system-message", "lost", "drops a system message at the end",
        loses(lose_last_instruction), ANY_OF),
    claude_code("system-message", "words", "refuses a late system message in other words",
        refuses(has_late_system_message, "messages"), ANY_OF),
    claude_code("title", "format", "crashes on the format of a title",
        crashes(has("output_config", "format"))),
    claude_code("fallback", "stream", "streams every answer to tools",
        {"anthropic.wants_stream": lambda original, body: is_turn(body) or original(body)},
        "stream.content-type"),
    claude_code("cache-scope", "extra", "refuses a scope in cache_control",
        refuses(has("system", "*", "cache_control", "scope"), "system")),
    claude_code("subagent", "unknown", "refuses headers that it does not know",
        rejects_with(header_contains("x-claude-code-agent-id", ""), 400)),
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
