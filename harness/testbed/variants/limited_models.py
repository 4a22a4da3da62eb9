"""Right gateways whose model has a small context, calls tools wherever it may, or is silent."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Final

from harness.testbed.base import Variant
from harness.testbed.gateway.errors import RequestError
from harness.testbed.gateway.gateway import Overrides
from harness.testbed.gateway.model_provider import count_input_tokens
from harness.testbed.gateway.model_types import ModelReply, ModelRequest

SPENT: Final = 512  # tokens; the limit of a server
Provider = Callable[[ModelRequest], ModelReply]


def context_of(tokens: int) -> Overrides:
    """Refuses longer prompts as OpenAI does, and cuts answers at the end of the context."""

    def provider(original: Provider, request: ModelRequest) -> ModelReply:
        count = count_input_tokens(request)
        if count >= tokens:
            text = (
                f"This model's maximum context length is {tokens} tokens. "
                f"However, your messages resulted in {count} tokens."
            )
            raise RequestError(400, text, param="messages", code="context_length_exceeded")
        rest = tokens - count
        return original(replace(request, limit=min(request.limit or rest, rest)))

    return {"both.provider": provider}


def calls_again(original: Provider, request: ModelRequest) -> ModelReply:
    """Calls the first tool instead of a text, also if its result is there already."""
    reply = original(request)
    if request.choice != "auto" or not request.tools or reply.calls:
        return reply
    return original(replace(request, choice="any"))


def ends_at_once(original: Provider, request: ModelRequest) -> ModelReply:
    """Answers without a single word, unless it has to call a tool or to write JSON."""
    reply = original(request)
    if reply.calls or request.choice in ("any", "only") or request.json_schema is not None:
        return reply
    return replace(reply, text="", finish="end", stop_sequence="", output_tokens=0)


def spends_all_on_thinking(original: Provider, request: ModelRequest) -> ModelReply:
    """Reaches the limit of the server before the first word, unless the request has a lower one."""
    reply = original(request)
    if reply.calls or (request.limit or SPENT) < SPENT:
        return reply
    return replace(reply, text="", finish="length", stop_sequence="", output_tokens=SPENT)


def breaks_json_off(original: Provider, request: ModelRequest) -> ModelReply:
    """Reaches the limit of the server within a JSON object that is its answer."""
    reply = original(request)
    if not reply.text.startswith("{") or reply.finish == "length":
        return reply
    return replace(reply, text=reply.text[:-2], finish="length", output_tokens=SPENT)


LIMITED_MODELS: tuple[Variant, ...] = (
    Variant("model.context.small", "has a model with a context of 400 tokens", context_of(400),
            causes=("model", "signal", "blocked")),
    Variant("model.context.tiny", "has a model with a context of 150 tokens", context_of(150),
            causes=("model", "signal", "blocked")),
    Variant("model.eager", "has a model that calls a tool wherever it may",
            {"both.provider": calls_again}, causes=("model", "blocked")),
    Variant("model.silent", "has a model that ends each answer at once",
            {"both.provider": ends_at_once}, affects=("*/*content*", "cross-*/text"),
            causes=("model", "signal", "blocked")),
    Variant("model.spent", "has a model that thinks until the limit of the server",
            {"both.provider": spends_all_on_thinking}, causes=("model", "signal", "blocked")),
    Variant("model.unfinished", "has a model whose JSON reaches the limit of the server",
            {"both.provider": breaks_json_off}, causes=("model", "signal", "blocked")),
)  # fmt: skip
