"""Mutants of the OpenAI endpoint that change the provider's answer."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Any

from harness.testbed.gateway.endpoint import Headers
from harness.testbed.gateway.model_types import ModelReply, ModelRequest, Usage
from harness.testbed.mutants.openai.operators import Body, message, sets, usage
from harness.testbed.mutants.openai.operators import answers as answered
from harness.testbed.mutants.upstream.operators import (
    TO_ANTHROPIC,
    changes_answer,
    changes_headers,
    compat,
    prefixed,
    reports_finish_reason,
    speaks,
)
from harness.testbed.mutants.upstream.provider_failures import failures

FINISH = "body $.choices[0].finish_reason"
CONTENT = "body $.choices[0].message.content"
CALLS = "body $.choices[0].message.tool_calls"
ARGUMENTS = f"{CALLS}[0].function.arguments"
heard = partial(changes_answer, TO_ANTHROPIC)
spoken = partial(speaks, TO_ANTHROPIC)


def thinking_as_text(original: Callable[[list[Body]], str], content: list[Body]) -> str:
    """Includes thinking in the text."""
    thought = "".join(b["thinking"] for b in content if b.get("type") == "thinking")
    return (f"<think>{thought}</think>" if thought else "") + original(content)


def pings_as_text(original: Callable[..., Any], events: list[Body]) -> Any:
    """Adds line ends for pings."""
    found, ended = original(events)
    for block in found["content"]:
        if block.get("type") == "text":
            block["text"] += "\n" * sum(event.get("type") == "ping" for event in events)
    return found, ended


def merge_calls(reply: ModelReply) -> ModelReply:
    """Merges all calls into one."""
    names, arguments = zip(*reply.calls, strict=True) if reply.calls else ((), ())
    return replace(reply, calls=((names[0], "".join(arguments)),) if names else ())


def drop_text(reply: ModelReply) -> ModelReply:
    return replace(reply, text="") if reply.calls else reply


def null_arguments(reply: ModelReply) -> ModelReply:
    return replace(reply, calls=tuple((n, "null" if a == "{}" else a) for n, a in reply.calls))


def estimate_usage(original: Callable[[Body], Usage], found: Body) -> Usage:
    return Usage(12, max(1, len(str(found.get("content"))) // 4))


def uncached(reply: ModelReply) -> ModelReply:
    return replace(
        reply, input_tokens=reply.usage.input_tokens if reply.usage else reply.input_tokens
    )


def cached(original: Callable[[ModelReply], Body], reply: ModelReply) -> Body:
    read = reply.usage.cache_read if reply.usage else 0
    return {**original(reply), "prompt_tokens_details": {"cached_tokens": read}}


def empty(found: Body) -> Body:
    return {"content": [], "stop_reason": "end_turn", **found}


def with_time(headers: Headers) -> Headers:
    return [*headers, ("openai-processing-ms", "12")]


def with_version(headers: Headers) -> Headers:
    return [*headers, ("openai-version", "2031-01-01")]


def lost_limits(
    original: Callable[[ModelRequest], ModelReply], request: ModelRequest
) -> ModelReply:
    return replace(original(request), headers=())


def reason(name: str, description: str, why: str, word: str, rule: str = FINISH) -> Any:
    return compat(
        name, description, f"upstream.reason.{name}", rule, reports_finish_reason(why, word)
    )


REASONS = (
    reason("end_turn", "reports end_turn", "end", "end_turn"),
    reason("max_tokens", "reports max_tokens", "length", "max_tokens"),
    compat("max_tokens-stop", "reports stop for max_tokens", "upstream.reason.max_tokens",
           FINISH, reports_finish_reason("length", "stop")),
    reason("stop_sequence", "reports stop_sequence", "stop", "stop_sequence"),
    reason("tool_use", "reports tool_use", "calls", "tool_use"),
    reason("refusal", "reports refusal", "refused", "refusal"),
    reason("pause_turn", "reports pause_turn", "paused", "pause_turn"),
    reason("unknown", "reports model_context_window_exceeded", "length",
           "model_context_window_exceeded"),
)  # fmt: skip

SAID = (
    compat("thinks-aloud", "includes thinking in the text", "upstream.said.thinking", CONTENT,
           {f"{TO_ANTHROPIC}.text": thinking_as_text}),
    compat("latin", "reads the provider's bytes as Latin-1", "upstream.said.letters", CONTENT,
           spoken(lambda text: text.encode().decode("latin-1"))),
    compat("framing", "ends at a text that looks like the end mark", "upstream.said.framing",
           CONTENT, spoken(lambda text: text.partition("[DONE]")[0])),
    compat("strips", "strips white space from the text", "upstream.said.blanks", CONTENT,
           spoken(str.strip)),
    compat("pings", "adds line ends for pings", "upstream.said.pings", CONTENT,
           {f"{TO_ANTHROPIC}.merge_events": pings_as_text}),
    compat("calls-merged", "merges several calls", "upstream.said.calls", CALLS,
           heard(merge_calls)),
    compat("call-null", "sends null for a call without arguments", "upstream.said.call.bare",
           ARGUMENTS, heard(null_arguments)),
    compat("call-alone", "drops the text next to a call", "upstream.said.text-and-call",
           CONTENT, heard(drop_text)),
    compat("usage-guessed", "estimates tokens", "upstream.usage",
           "body $.usage.prompt_tokens", {f"{TO_ANTHROPIC}.usage": estimate_usage}),
    compat("usage-cached", "reports cached tokens", "upstream.usage.cached",
           "body $.usage.prompt_tokens_details", {"usage": cached}),
    compat("usage-uncached", "omits cached tokens from the prompt tokens", "upstream.usage.cached",
           "body $.usage.prompt_tokens", heard(uncached)),
    compat("usage-total", "reports prompt tokens as the total", "upstream.usage",
           "body $.usage.total_tokens",
           usage(lambda told: told.update(total_tokens=told["prompt_tokens"]))),
    compat("fingerprint", "forwards a system_fingerprint", "upstream.empty",
           "body $.system_fingerprint",
           answered(lambda _, told: told.update(system_fingerprint="fp_50cad350e4"))),
    compat("tier-shown", "forwards a service tier", "upstream.empty.service_tier",
           "body $.service_tier", answered(lambda _, told: told.update(service_tier="priority"))),
    compat("refusal-shown", "fills in refusal", "upstream.empty.message",
           "body $.choices[0].message['refusal','audio']", message(sets(refusal="no"))),
    compat("processing", "forwards openai-processing-ms", "upstream.empty.header",
           "headers openai-processing-ms", changes_headers(TO_ANTHROPIC, with_time)),
    compat("version-newer", "forwards the provider's version", "upstream.version",
           "headers openai-version", changes_headers(TO_ANTHROPIC, with_version)),
)  # fmt: skip

ERRORS = (
    *failures(compat, TO_ANTHROPIC, "", "openai/error", empty),
    compat("limits-prefixed", "forwards rate limit headers with a prefix",
           "upstream.error.429.limits", "headers x-ratelimit-limit-requests",
           changes_headers(TO_ANTHROPIC, prefixed)),
    compat("limits-lost", "drops rate limit headers", "upstream.limits",
           "headers x-ratelimit-limit-requests", {f"{TO_ANTHROPIC}.complete": lost_limits}),
)  # fmt: skip

UPSTREAM_ANSWERS = (*REASONS, *SAID, *ERRORS)
