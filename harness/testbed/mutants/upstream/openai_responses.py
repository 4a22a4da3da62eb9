"""Mutants of the OpenAI endpoint that change the provider's answer."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Any

from harness.testbed.gateway.endpoint import Headers
from harness.testbed.gateway.model_types import ModelReply, ModelRequest, Usage
from harness.testbed.mutants.openai.operators import Body, message, sets, usage
from harness.testbed.mutants.openai.operators import answers as changes_answer
from harness.testbed.mutants.upstream.operators import (
    TO_ANTHROPIC,
    add_prefix,
    changes_headers,
    changes_reply,
    changes_text,
    compat,
    reports_finish_reason,
)
from harness.testbed.mutants.upstream.provider_failures import failures

FINISH = "body $.choices[0].finish_reason"
CONTENT = "body $.choices[0].message.content"
CALLS = "body $.choices[0].message.tool_calls"
ARGUMENTS = f"{CALLS}[0].function.arguments"
changes_provider_reply = partial(changes_reply, TO_ANTHROPIC)
changes_provider_text = partial(changes_text, TO_ANTHROPIC)


def thinking_as_text(original: Callable[[list[Body]], str], content: list[Body]) -> str:
    """Includes thinking in the text."""
    thought = "".join(b["thinking"] for b in content if b.get("type") == "thinking")
    return (f"<think>{thought}</think>" if thought else "") + original(content)


def pings_as_text(original: Callable[..., Any], events: list[Body]) -> Any:
    """Adds line ends for pings."""
    answer, ended = original(events)
    for block in answer["content"]:
        if block.get("type") == "text":
            block["text"] += "\n" * sum(event.get("type") == "ping" for event in events)
    return answer, ended


def merge_calls(reply: ModelReply) -> ModelReply:
    """Merges all calls into one."""
    names, arguments = zip(*reply.calls, strict=True) if reply.calls else ((), ())
    return replace(reply, calls=((names[0], "".join(arguments)),) if names else ())


def drop_text(reply: ModelReply) -> ModelReply:
    return replace(reply, text="") if reply.calls else reply


def null_arguments(reply: ModelReply) -> ModelReply:
    return replace(reply, calls=tuple((n, "null" if a == "{}" else a) for n, a in reply.calls))


def estimate_usage(original: Callable[[Body], Usage], answer: Body) -> Usage:
    return Usage(12, max(1, len(str(answer.get("content"))) // 4))


def drop_cached(reply: ModelReply) -> ModelReply:
    return replace(
        reply, input_tokens=reply.usage.input_tokens if reply.usage else reply.input_tokens
    )


def add_cached_tokens(original: Callable[[ModelReply], Body], reply: ModelReply) -> Body:
    read = reply.usage.cache_read if reply.usage else 0
    return {**original(reply), "prompt_tokens_details": {"cached_tokens": read}}


def empty_answer(answer: Body) -> Body:
    return {"content": [], "stop_reason": "end_turn", **answer}


def with_time(headers: Headers) -> Headers:
    return [*headers, ("openai-processing-ms", "12")]


def with_version(headers: Headers) -> Headers:
    return [*headers, ("openai-version", "2031-01-01")]


def lost_limits(
    original: Callable[[ModelRequest], ModelReply], request: ModelRequest
) -> ModelReply:
    return replace(original(request), headers=())


def reason(name: str, description: str, reason_name: str, word: str, rule: str = FINISH) -> Any:
    return compat(
        name, description, f"upstream.reason.{name}", rule, reports_finish_reason(reason_name, word)
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

TEXTS = (
    compat("thinks-aloud", "includes thinking in the text", "upstream.said.thinking", CONTENT,
           {f"{TO_ANTHROPIC}.text": thinking_as_text}),
    compat("latin", "reads the provider's bytes as Latin-1", "upstream.said.letters", CONTENT,
           changes_provider_text(lambda text: text.encode().decode("latin-1"))),
    compat("framing", "ends at a text that looks like the end mark", "upstream.said.framing",
           CONTENT, changes_provider_text(lambda text: text.partition("[DONE]")[0])),
    compat("strips", "strips white space from the text", "upstream.said.blanks", CONTENT,
           changes_provider_text(str.strip)),
    compat("pings", "adds line ends for pings", "upstream.said.pings", CONTENT,
           {f"{TO_ANTHROPIC}.merge_events": pings_as_text}),
    compat("calls-merged", "merges several calls", "upstream.said.calls", CALLS,
           changes_provider_reply(merge_calls)),
    compat("call-null", "sends null for a call without arguments", "upstream.said.call.bare",
           ARGUMENTS, changes_provider_reply(null_arguments)),
    compat("call-alone", "drops the text next to a call", "upstream.said.text-and-call",
           CONTENT, changes_provider_reply(drop_text)),
    compat("usage-guessed", "estimates tokens", "upstream.usage",
           "body $.usage.prompt_tokens", {f"{TO_ANTHROPIC}.usage": estimate_usage}),
    compat("usage-cached", "reports cached tokens", "upstream.usage.cached",
           "body $.usage.prompt_tokens_details", {"usage": add_cached_tokens}),
    compat("usage-uncached", "omits cached tokens from the prompt tokens", "upstream.usage.cached",
           "body $.usage.prompt_tokens", changes_provider_reply(drop_cached)),
    compat("usage-total", "reports prompt tokens as the total", "upstream.usage",
           "body $.usage.total_tokens",
           usage(lambda usage: usage.update(total_tokens=usage["prompt_tokens"]))),
    compat("fingerprint", "forwards a system_fingerprint", "upstream.empty",
           "body $.system_fingerprint",
           changes_answer(lambda _, answer: answer.update(system_fingerprint="fp_50cad350e4"))),
    compat("tier-shown", "forwards a service tier", "upstream.empty.service_tier",
           "body $.service_tier",
           changes_answer(lambda _, answer: answer.update(service_tier="priority"))),
    compat("refusal-shown", "fills in refusal", "upstream.empty.message",
           "body $.choices[0].message['refusal','audio']", message(sets(refusal="no"))),
    compat("processing", "forwards openai-processing-ms", "upstream.empty.header",
           "headers openai-processing-ms", changes_headers(TO_ANTHROPIC, with_time)),
    compat("version-newer", "forwards the provider's version", "upstream.version",
           "headers openai-version", changes_headers(TO_ANTHROPIC, with_version)),
)  # fmt: skip

ERRORS = (
    *failures(compat, TO_ANTHROPIC, "", "openai/error", empty_answer),
    compat("limits-prefixed", "forwards rate limit headers with a prefix",
           "upstream.error.429.limits", "headers x-ratelimit-limit-requests",
           changes_headers(TO_ANTHROPIC, add_prefix)),
    compat("limits-lost", "drops rate limit headers", "upstream.limits",
           "headers x-ratelimit-limit-requests", {f"{TO_ANTHROPIC}.complete": lost_limits}),
)  # fmt: skip

UPSTREAM_ANSWERS = (*REASONS, *TEXTS, *ERRORS)
