"""Mutants of the fields of Messages answers."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from harness.testbed.gateway.gateway import Overrides
from harness.testbed.gateway.model_types import ModelRequest, Tool
from harness.testbed.mutants.anthropic.operators import (
    Blocks,
    answer,
    block,
    content,
    misreads,
    mutant,
    plain_only,
    reason,
    streamed_only,
    usage,
)
from harness.testbed.mutants.openai.operators import Body, drops, sets

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


def output_text(item: Body) -> None:
    item["type"] = "output_text"


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
    mutant("answer.html", "sends answers as text/html", "response.shape", "headers content-type",
           {"anthropic.json_reply": as_plain_text}),
    mutant("answer.type", "sends the type chat.completion", "response.shape", "body $.type",
           answer(sets(type="chat.completion"))),
    mutant("answer.typeless", "omits the type", "response.type", "always",
           answer(drops("type"))),
    mutant("answer.no-id", "sends an empty id", "response.id", PRESENT, answer(sets(id=""))),
    mutant("answer.chat-id", "sends an id in the form of the other protocol",
           "response.id.prefix", PRESENT, answer(sets(id="chatcmpl-123"))),
    mutant("answer.one-id", "uses one id for all answers", "response.id.unique", "unique $.id",
           answer(sets(id="msg_0"))),
    mutant("answer.role", "uses the role model", "response.role", "always",
           answer(sets(role="model"))),
    mutant("answer.modelless", "omits the model", "response.model", PRESENT,
           answer(drops("model"))),
    mutant("answer.model-null", "sends the text null as the model", "response.model.name",
           "body $.model", answer(sets(model="null"))),
    mutant("answer.string", "sends the content as a string", "response.content", PRESENT,
           plain(as_string)),
    mutant("answer.output_text", "sends blocks of an unknown type", "response.content.known",
           PRESENT, block("text", output_text)),
    mutant("answer.thinks-first", "sends thinking without a request for it",
           "response.content.text", "body $.content[0].type", content(thinks_first)),
    mutant("answer.empty-text", "puts an empty text before a call",
           "response.content.no-empty-text", TEXT, content(empty_before_calls)),
    mutant("answer.invented", "calls a tool that was not offered", "response.content.no-call",
           "body $.content[?@.type=='tool_use']",
           misreads(tools=invents, choice=lambda request: "any")),
    mutant("answer.reasonless", "omits the finish reason", "response.stop_reason", PRESENT,
           answer(sets(stop_reason=None))),
    mutant("answer.other-reasons", "sends the finish reasons of the other protocol",
           "response.stop_reason.known", PRESENT, answer(rename_stop_reason)),
    mutant("answer.stop", "reports stop_sequence at the end of a turn",
           "response.stop_reason.end_turn", "body $.stop_reason", reason("end", "stop_sequence")),
    mutant("answer.no-sequence", "omits stop_sequence", "response.stop_sequence", PRESENT,
           answer(drops("stop_sequence"))),
    mutant("usage.zero", "reports zero tokens", "response.usage.input_tokens", PRESENT,
           usage(sets(input_tokens=0))),
    mutant("usage.zero-output", "reports zero output tokens",
           "response.usage.output_tokens", PRESENT, usage(sets(output_tokens=0))),
    mutant("usage.other-words", "sends prompt_tokens and completion_tokens",
           "response.usage.input_tokens", PRESENT, plain(other_words)),
    mutant("usage.both-words", "sends usage with the names of both protocols",
           "response.usage.words", "body $.usage", usage(add_openai_usage)),
    mutant("usage.constant", "reports ten input tokens for every prompt",
           "response.usage.input_tokens.grow", "more_than", usage(sets(input_tokens=10))),
    mutant("usage.one", "reports one output token for every answer",
           "response.usage.output_tokens.grow",
           "body $.usage.output_tokens", usage(sets(output_tokens=1))),
    mutant("usage.streamed", "reports more tokens in a stream", "response.usage.streamed",
           "same_as", streamed_only({"anthropic.message": lambda original, *args: add_input_tokens(
               original(*args))})),
)  # fmt: skip
