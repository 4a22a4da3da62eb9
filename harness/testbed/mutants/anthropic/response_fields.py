"""Mutants of the fields of Messages answers."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from harness.testbed.gateway.gateway import Overrides
from harness.testbed.gateway.model_types import ModelRequest, Tool
from harness.testbed.mutants.anthropic.operators import (
    Blocks,
    answer,
    content,
    misreads,
    mutant,
    plain_only,
    streamed_only,
)
from harness.testbed.mutants.openai.operators import Body
from harness.testbed.mutation.rows import mutants_in

PRESENT = "present"
TEXT = "body $.content[?@.type=='text'].text"


def plain(change: Callable[[Body], Any]) -> Overrides:
    """Changes plain answers only, since streams have no equivalent."""

    def message(original: Callable[..., Body], body: Body, *rest: Any) -> Body:
        whole = original(body, *rest)
        change(whole)
        return whole

    return plain_only({"anthropic.message": message})


def as_plain_text(original: Callable[..., Any], *args: Any) -> Any:
    reply = original(*args)
    pairs = [(k, "text/html" if k == "content-type" else v) for k, v in reply["headers"]]
    return {**reply, "headers": pairs}


def as_string(whole: Body) -> None:
    whole["content"] = "".join(item.get("text", "") for item in whole["content"])


def thinks_first(blocks: Blocks) -> Blocks:
    thought = {"type": "thinking", "thinking": "Well.", "signature": "c2ln"}
    return [thought, *blocks]


def empty_before_calls(blocks: Blocks) -> Blocks:
    calls = any(item["type"] == "tool_use" for item in blocks)
    return [{"type": "text", "text": ""}, *blocks] if calls else blocks


def invents(request: ModelRequest) -> tuple[Tool, ...]:
    return request.tools or (Tool("ready", "", {"type": "object", "properties": {}}),)


def rename_stop_reason(whole: Body) -> None:
    """Returns the finish reason of the other protocol."""
    words = {"end_turn": "stop", "max_tokens": "length", "tool_use": "tool_calls"}
    whole["stop_reason"] = words.get(whole["stop_reason"], "stop")


def add_openai_usage(usage_data: Body) -> None:
    usage_data["prompt_tokens"], usage_data["completion_tokens"] = (
        usage_data["input_tokens"],
        usage_data["output_tokens"],
    )


def other_words(whole: Body) -> None:
    usage_data = whole["usage"]
    add_openai_usage(usage_data)
    del usage_data["input_tokens"], usage_data["output_tokens"]


def add_input_tokens(whole: Body) -> Body:
    whole["usage"]["input_tokens"] += 7
    return whole


ANTHROPIC_ANSWERS = (
    *mutants_in("anthropic/response_fields"),
    mutant("answer.html", "sends answers as text/html", "response.shape", "headers content-type",
           {"anthropic.json_reply": as_plain_text}),
    mutant("answer.string", "sends the content as a string", "response.content", PRESENT,
           plain(as_string)),
    mutant("answer.thinks-first", "sends thinking without a request for it",
           "response.content.text", "body $.content[0].type", content(thinks_first)),
    mutant("answer.empty-text", "puts an empty text before a call",
           "response.content.no-empty-text", TEXT, content(empty_before_calls)),
    mutant("answer.invented", "calls a tool that was not offered", "response.content.no-call",
           "body $.content[?@.type=='tool_use']",
           misreads(tools=invents, choice=lambda request: "any")),
    mutant("answer.other-reasons", "sends the finish reasons of the other protocol",
           "response.stop_reason.known", PRESENT, answer(rename_stop_reason)),
    mutant("usage.other-words", "sends prompt_tokens and completion_tokens",
           "response.usage.input_tokens", PRESENT, plain(other_words)),
    mutant("usage.streamed", "reports more tokens in a stream", "response.usage.streamed",
           "same_as", streamed_only({"anthropic.message": lambda original, *args: add_input_tokens(
               original(*args))})),
)  # fmt: skip
