"""Mutants of the Anthropic endpoint that change the provider's answer."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Any

from harness.testbed.gateway.model_types import ModelReply, Usage
from harness.testbed.mutants.upstream.operators import (
    TO_OPENAI,
    Body,
    add_prefix,
    changes_headers,
    changes_reply,
    changes_text,
    messages,
    reports_finish_reason,
)
from harness.testbed.mutants.upstream.provider_failures import failures

REASON, FIRST = "body $.stop_reason", "body $.content[0].text"
WORDS = "body $.content[?@.type=='text'].text"
changes_provider_reply = partial(changes_reply, TO_OPENAI)
changes_provider_text = partial(changes_text, TO_OPENAI)


def blocks(change: Callable[[list[Body]], list[Body]]) -> Any:
    return changes_provider_reply(
        lambda reply: replace(reply, blocks=tuple(change(list(reply.blocks or ()))))
    )


def empty_text(content: list[Body]) -> list[Body]:
    """Adds an empty text before a call."""
    called = content and content[0]["type"] == "tool_use"
    return [{"type": "text", "text": ""}, *content] if called else content


def one_call(content: list[Body]) -> list[Body]:
    """Uses the input of the last call for all calls."""
    last = [block for block in content if block["type"] == "tool_use"][-1:]
    return [block for block in content if block["type"] != "tool_use"] + last


def non_empty_array(content: list[Body]) -> list[Body]:
    return [{**b, "input": b["input"] or {"": ""}} if "input" in b else b for b in content]


def drop_text(content: list[Body]) -> list[Body]:
    calls = [block for block in content if block["type"] == "tool_use"]
    return calls or content


def include_thinking(reply: ModelReply) -> ModelReply:
    """Sends text as thinking if thinking is enabled."""
    text = f"<think>Let me see.</think>{reply.text}"
    blocks_with_thinking = tuple(
        {**b, "text": text} if b["type"] == "text" else b for b in reply.blocks or ()
    )
    return replace(reply, text=text, blocks=blocks_with_thinking)


def estimate_usage(original: Callable[[Body], Usage], answer: Body) -> Usage:
    return Usage(12, max(1, len(str(answer.get("choices"))) // 4))


def count_cached_twice(original: Callable[[Body], Usage], answer: Body) -> Usage:
    used = original(answer)
    return replace(used, input_tokens=used.input_tokens + used.cache_read)


def empty_answer(answer: Body) -> Body:
    message = {"role": "assistant", "content": "", "tool_calls": None}
    return {"choices": [{"message": message, "finish_reason": "stop"}], **answer}


def pings_as_text(original: Callable[..., Any], events: list[Body]) -> Any:
    """Adds line ends for events without content."""
    answer, ended = original(events)
    message = answer["choices"][0]["message"]
    message["content"] += "\n" if any(not event.get("choices") for event in events) else ""
    return answer, ended


def reason(name: str, description: str, reason_name: str, word: str) -> Any:
    return messages(f"reason-{name}", description, f"upstream.reason.{name}", REASON,
                    reports_finish_reason(reason_name, word, "anthropic."))  # fmt: skip


REASONS = (
    reason("end_turn", "reports stop", "end", "stop"),
    reason("max_tokens", "reports length", "length", "length"),
    reason("tool_use", "reports tool_calls", "calls", "tool_calls"),
    reason("refusal", "reports content_filter", "refused", "content_filter"),
    messages("reason-stop_sequence", "reports stop for a possible stop sequence",
             "upstream.reason.stop_sequence", REASON, reports_finish_reason("end", "stop",
             "anthropic.")),
    messages("reason-pause_turn", "reports stop for a possible pause",
             "upstream.reason.pause_turn", REASON, reports_finish_reason("end", "stop",
             "anthropic.")),
    messages("reason-call", "reports end_turn with a tool call", "upstream.reason.tool_use",
             REASON, reports_finish_reason("calls", "end_turn", "anthropic.")),
    messages("call-after-nothing", "sends an empty text before a call",
             "upstream.reason.tool_use", "body $.content", blocks(empty_text)),
)  # fmt: skip

TEXTS = (
    messages("thinks-aloud", "sends thinking", "upstream.said.thinking", WORDS,
             changes_provider_reply(include_thinking)),
    messages("latin", "reads the provider's bytes as Latin-1", "upstream.said.letters", FIRST,
             changes_provider_text(lambda text: text.encode().decode("latin-1"))),
    messages("framing", "ends at a text that looks like the end mark", "upstream.said.framing",
             FIRST, changes_provider_text(lambda text: text.partition("[DONE]")[0])),
    messages("strips", "strips white space from the text", "upstream.said.blanks", FIRST,
             changes_provider_text(str.strip)),
    messages("pings", "adds text for events without content", "upstream.said.pings", WORDS,
             {"forward.openai.merge_events": pings_as_text}),
    messages("calls-merged", "merges several calls", "upstream.said.calls",
             "body $.content", blocks(one_call)),
    messages("call-filled", "adds an argument to a call without arguments",
             "upstream.said.call.bare", "body $.content[0].input", blocks(non_empty_array)),
    messages("call-alone", "drops the text next to a call", "upstream.said.text-and-call",
             "body $.content", blocks(drop_text)),
    messages("usage-guessed", "estimates tokens", "upstream.usage",
             "body $.usage.input_tokens", {"forward.openai.usage": estimate_usage}),
    messages("usage-twice", "counts cached tokens twice", "upstream.usage.cached",
             "any_of", {"forward.openai.usage": count_cached_twice}),
)  # fmt: skip

ERRORS = (
    *failures(messages, TO_OPENAI, "anthropic.", "anthropic/error", empty_answer),
    messages("limits-prefixed", "forwards rate limit headers with a prefix",
             "upstream.error.429.limits", "headers anthropic-ratelimit-requests-limit",
             changes_headers(TO_OPENAI, add_prefix)),
)  # fmt: skip

UPSTREAM_REPLIES = (*REASONS, *TEXTS, *ERRORS)
