"""Mutants that change answers of the provider in ways that rows of a file cannot express."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from harness.testbed.base import Mutant
from harness.testbed.gateway.endpoint import Headers
from harness.testbed.gateway.gateway import Overrides
from harness.testbed.gateway.model_types import ModelReply, ModelRequest, Usage
from harness.testbed.mutants.upstream.operators import (
    TO_ANTHROPIC,
    TO_OPENAI,
    Body,
    changes_headers,
    changes_reply,
    chat,
    compat,
    messages,
)

CONTENT = "body $.choices[0].message.content"
CALLS = "body $.choices[0].message.tool_calls"
PROMPT_TOKENS = "body $.usage.prompt_tokens"


def read_as_latin_1(reply: ModelReply) -> ModelReply:
    """Reads the bytes of texts as Latin-1."""
    blocks = reply.blocks and tuple(
        {**block, "text": block["text"].encode().decode("latin-1")}
        if block["type"] == "text"
        else block
        for block in reply.blocks
    )
    return replace(reply, text=reply.text.encode().decode("latin-1"), blocks=blocks)


def reports_pause(original: Callable[[ModelReply], Any], reply: ModelReply) -> Any:
    return "pause_turn" if reply.finish == "paused" else original(reply)


def line_ends_for_pings(original: Callable[..., Any], events: list[Body]) -> Any:
    """Adds line ends for pings, in answers of a provider of Messages."""
    answer, ended = original(events)
    for block in answer["content"]:
        if block.get("type") == "text":
            block["text"] += "\n" * sum(event.get("type") == "ping" for event in events)
    return answer, ended


def line_end_for_empty_events(original: Callable[..., Any], events: list[Body]) -> Any:
    """Adds a line end for events without content, in those of Chat Completions."""
    answer, ended = original(events)
    message = answer["choices"][0]["message"]
    message["content"] += "\n" if any(not event.get("choices") for event in events) else ""
    return answer, ended


def merge_calls(reply: ModelReply) -> ModelReply:
    """Merges all calls into one."""
    names, arguments = zip(*reply.calls, strict=True) if reply.calls else ((), ())
    return replace(reply, calls=((names[0], "".join(arguments)),) if names else ())


def estimates_usage(side: str, content: str) -> Overrides:
    """Estimates tokens by the length of a member of the answer."""

    def usage(original: Callable[[Body], Usage], answer: Body) -> Usage:
        return Usage(12, max(1, len(str(answer.get(content))) // 4))

    return {f"{side}.usage": usage}


def add_cached_tokens(original: Callable[[ModelReply], Body], reply: ModelReply) -> Body:
    read = reply.usage.cache_read if reply.usage else 0
    return {**original(reply), "prompt_tokens_details": {"cached_tokens": read}}


def counts_twice(part: str) -> Overrides:
    """Counts the tokens that were read from a cache, or written to it, twice."""

    def usage(original: Callable[[Body], Usage], answer: Body) -> Usage:
        used = original(answer)
        return replace(used, input_tokens=used.input_tokens + getattr(used, part))

    return {f"{TO_OPENAI}.usage": usage}


def misshapes_error(prefix: str) -> Overrides:
    """Sends a text in the place of the error object in a stream."""

    def error_frames(
        original: Callable[..., list[bytes]], events: list[Body], error: Body
    ) -> list[bytes]:
        return original(events, {**error, "error": "The provider failed."})

    return {f"{prefix}error_frames": error_frames}


def add_prefix(headers: Headers) -> Headers:
    return [(f"llm_provider-{name}", value) for name, value in headers]


def lost_limits(
    original: Callable[[ModelRequest], ModelReply], request: ModelRequest
) -> ModelReply:
    return replace(original(request), headers=())


CHANGED_ANSWERS: tuple[Mutant, ...] = (
    compat("pause_turn", "reports pause_turn", "upstream.reason.pause_turn",
           "body $.choices[0].finish_reason", {"finish_reason": reports_pause}),
    compat("latin", "reads the provider's bytes as Latin-1", "upstream.said.letters", CONTENT,
           changes_reply(TO_ANTHROPIC, read_as_latin_1)),
    chat("latin", "reads the provider's bytes as Latin-1", "upstream.answer.text", CONTENT,
         changes_reply(TO_ANTHROPIC, read_as_latin_1)),
    messages("latin", "reads the provider's bytes as Latin-1", "upstream.said.letters",
             "body $.content[0].text", changes_reply(TO_OPENAI, read_as_latin_1)),
    compat("pings", "adds line ends for pings", "upstream.said.pings", CONTENT,
           {f"{TO_ANTHROPIC}.merge_events": line_ends_for_pings}),
    messages("pings", "adds text for events without content", "upstream.said.pings",
             "body $.content[?@.type=='text'].text",
             {f"{TO_OPENAI}.merge_events": line_end_for_empty_events}),
    compat("calls-merged", "merges several calls", "upstream.said.calls", CALLS,
           changes_reply(TO_ANTHROPIC, merge_calls)),
    chat("calls-merged", "merges several calls", "upstream.answer.calls", CALLS,
         changes_reply(TO_ANTHROPIC, merge_calls)),
    compat("usage-guessed", "estimates tokens", "upstream.usage", PROMPT_TOKENS,
           estimates_usage(TO_ANTHROPIC, "content")),
    chat("usage-guessed", "estimates tokens", "upstream.answer.usage", PROMPT_TOKENS,
         estimates_usage(TO_ANTHROPIC, "content")),
    messages("usage-guessed", "estimates tokens", "upstream.usage", "body $.usage.input_tokens",
             estimates_usage(TO_OPENAI, "choices")),
    compat("usage-cached", "reports cached tokens", "upstream.usage.cached",
           "body $.usage.prompt_tokens_details", {"usage": add_cached_tokens}),
    messages("usage-twice", "counts cached tokens twice", "upstream.usage.cached", "any_of",
             counts_twice("cache_read")),
    messages("written-twice", "counts tokens written to the cache twice",
             "upstream.usage.written", "any_of", counts_twice("cache_write")),
    compat("error-shape", "sends an error in a stream in a shape of its own",
           "upstream.broken.error", "stream.error-shape", misshapes_error("")),
    messages("error-shape", "sends an error in a stream in a shape of its own",
             "upstream.broken.error", "stream.error-shape", misshapes_error("anthropic.")),
    compat("limits-prefixed", "forwards rate limit headers with a prefix",
           "upstream.error.429.limits", "headers x-ratelimit-limit-requests",
           changes_headers(TO_ANTHROPIC, add_prefix)),
    messages("limits-prefixed", "forwards rate limit headers with a prefix",
             "upstream.error.429.limits", "headers anthropic-ratelimit-requests-limit",
             changes_headers(TO_OPENAI, add_prefix)),
    compat("limits-lost", "drops rate limit headers", "upstream.limits",
           "headers x-ratelimit-limit-requests", {f"{TO_ANTHROPIC}.complete": lost_limits}),
)  # fmt: skip
