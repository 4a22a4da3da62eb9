"""Gateways that drop fields silently before models whose answers look as if they had not.

A model that always answers with JSON seems to obey `response_format`, and one that always calls a
tool seems to be forced. The rows of the dropped fields can fail; they must never be credited.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any, Final

from harness.testbed.base import Variant
from harness.testbed.gateway import tokenizer
from harness.testbed.gateway.gateway import Overrides
from harness.testbed.gateway.model_provider import truncate
from harness.testbed.gateway.model_types import ModelReply, ModelRequest

Body = dict[str, Any]
Provider = Callable[[ModelRequest], ModelReply]
DROPPED: Final = (
    "response_format", "n", "logprobs", "top_logprobs", "parallel_tool_calls", "tool_choice",
    "stop", "stop_sequences", "thinking", "max_completion_tokens", "top_k", "seed", "metadata",
    "output_config", "context_management", "inference_geo", "speed", "fallbacks", "diagnostics",
    "cache_control", "container", "mcp_servers",
)  # fmt: skip
# The rows of the newer fields of Messages that are dropped.
NEWER: Final = (
    *("output_config.*", "context_management", "inference_geo", "speed", "fallbacks", "container"),
    *("diagnostics", "cache_control.automatic", "mcp_servers", "thinking.*"),
)
NOT_CREDITED: Final = (
    *(f"openai-chat/request.{name}" for name in DROPPED),
    *(f"*/tool.choice.{choice}" for choice in ("required", "named", "none")),
    *(f"anthropic-messages/{name}" for name in ("stop_sequences", "thinking", "top_k")),
    *(f"anthropic-messages/tool_choice.{choice}" for choice in ("any", "tool", "none")),
    *(f"anthropic-messages/{row}" for row in NEWER),
    *("anthropic-messages/response.content.thinking", "anthropic-messages/message.thinking"),
    *("openai-compat/thinking", "openai-compat/tool_choice", "openai-compat/stop"),
    "openai-compat/parallel_tool_calls",
    *(f"openai-responses/request.{name}" for name in ("top_logprobs", "metadata")),
    "openai-responses/request.parallel_tool_calls",
)


def drops_fields(original: Callable[[Any], Body], request: Any) -> Body:
    body = original(request)
    return {name: value for name, value in body.items() if name not in DROPPED}


def always(text: str) -> Overrides:
    """Answers everything with the same text, and with a call if tools are offered."""

    def provider(original: Provider, request: ModelRequest) -> ModelReply:
        called = original(replace(request, choice="any")) if request.tools else None
        if called and called.calls:
            return called
        cut, finish, sequence = truncate(text, request.limit, request.stop)
        plain = original(replace(request, tools=(), choice="auto"))
        count = tokenizer.count(cut)
        return replace(
            plain, text=cut, calls=(), finish=finish, stop_sequence=sequence, output_tokens=count
        )

    return {"both.parse": drops_fields, "both.provider": provider}


def never_calls(original: Provider, request: ModelRequest) -> ModelReply:
    plain = original(replace(request, tools=(), choice="auto"))
    return replace(plain, input_tokens=original(request).input_tokens)


AFFECTED: Final = (
    *("openai-chat/request.*", "openai-chat/role.*tool*", "*tool*", "cross-*/finish.*"),
    *(f"openai-compat/{name}*" for name in ("max_completion_tokens", "response_format", "stop")),
    *("openai-compat/functions*", "openai-compat/n", "anthropic-messages/error.table"),
    *(f"anthropic-messages/{name}" for name in ("top_k", "stop_sequences", "thinking")),
    "anthropic-messages/metadata.user_id",
    *("openai-responses/answer.settings", "openai-responses/request.text.format"),
    *("openai-responses/request.top_logprobs", "openai-responses/item.function_call"),
    "cross-responses/format",
    *(f"anthropic-messages/{row}" for row in (*NEWER, "response.context_management")),
)
CAUSES: Final = ("signal", "model", "blocked")

COINCIDENCES = (
    Variant("coincidence.json", "drops fields and answers with JSON, or with a call",
            always('{"capital_city": "Paris"}'), AFFECTED, CAUSES, NOT_CREDITED),
    Variant("coincidence.silent", "drops fields and never calls a tool",
            {"both.parse": drops_fields, "both.provider": never_calls}, AFFECTED, CAUSES,
            NOT_CREDITED),
)  # fmt: skip
