"""Mutants of the answer to a Messages request: its keys, blocks, reasons and numbers."""

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
    """Changes plain answers only: in a stream there is no such thing."""

    def message(original: Callable[..., Body], body: Body, *rest: Any) -> Body:
        whole = original(body, *rest)
        change(whole)
        return whole

    return plain_only({"anthropic.message": message})


def shouted(original: Callable[..., Any], *args: Any) -> Any:
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


def in_other_words(whole: Body) -> None:
    """The reasons of the other protocol."""
    words = {"end_turn": "stop", "max_tokens": "length", "tool_use": "tool_calls"}
    whole["stop_reason"] = words.get(whole["stop_reason"], "stop")


def both_words(used: Body) -> None:
    used["prompt_tokens"], used["completion_tokens"] = used["input_tokens"], used["output_tokens"]


def other_words(whole: Body) -> None:
    used = whole["usage"]
    both_words(used)
    del used["input_tokens"], used["output_tokens"]


def more_streamed(whole: Body) -> Body:
    whole["usage"]["input_tokens"] += 7
    return whole


ANTHROPIC_ANSWERS = (
    mutant("answer.html", "calls its answers text/html", "response.shape", "headers content-type",
           {"anthropic.json_reply": shouted}),
    mutant("answer.type", "calls itself a chat.completion", "response.shape", "body $.type",
           answer(sets(type="chat.completion"))),
    mutant("answer.typeless", "does not say that it is a message", "response.type", "always",
           answer(drops("type"))),
    mutant("answer.no-id", "has an empty id", "response.id", PRESENT, answer(sets(id=""))),
    mutant("answer.chat-id", "has an id of the other protocol", "response.id.prefix", PRESENT,
           answer(sets(id="chatcmpl-123"))),
    mutant("answer.one-id", "has one id for all answers", "response.id.unique", "unique $.id",
           answer(sets(id="msg_0"))),
    mutant("answer.role", "speaks as the model", "response.role", "always",
           answer(sets(role="model"))),
    mutant("answer.modelless", "does not name its model", "response.model", PRESENT,
           answer(drops("model"))),
    mutant("answer.string", "answers with a bare string", "response.content", PRESENT,
           plain(as_string)),
    mutant("answer.output_text", "has blocks of an unknown kind", "response.content.known",
           PRESENT, block("text", output_text)),
    mutant("answer.thinks-first", "thinks aloud unasked", "response.content.text",
           "body $.content[0].type", content(thinks_first)),
    mutant("answer.empty-text", "puts an empty text before a call",
           "response.content.no-empty-text", TEXT, content(empty_before_calls)),
    mutant("answer.invented", "calls a tool that nobody offered", "response.content.no-call",
           "body $.content[?@.type=='tool_use']",
           misreads(tools=invents, choice=lambda request: "any")),
    mutant("answer.reasonless", "does not say why it ended", "response.stop_reason", PRESENT,
           answer(sets(stop_reason=None))),
    mutant("answer.other-reasons", "says stop, length and tool_calls",
           "response.stop_reason.known", PRESENT, answer(in_other_words)),
    mutant("answer.stop", "says stop_sequence where the turn ended",
           "response.stop_reason.end_turn", "body $.stop_reason", reason("end", "stop_sequence")),
    mutant("answer.no-sequence", "leaves stop_sequence out", "response.stop_sequence", PRESENT,
           answer(drops("stop_sequence"))),
    mutant("usage.zero", "counts nothing", "response.usage.input_tokens", PRESENT,
           usage(sets(input_tokens=0))),
    mutant("usage.zero-output", "counts nothing that it writes",
           "response.usage.output_tokens", PRESENT, usage(sets(output_tokens=0))),
    mutant("usage.other-words", "counts prompt_tokens and completion_tokens",
           "response.usage.input_tokens", PRESENT, plain(other_words)),
    mutant("usage.both-words", "counts in the words of both protocols", "response.usage.words",
           "body $.usage", usage(both_words)),
    mutant("usage.constant", "counts ten tokens for every prompt",
           "response.usage.input_tokens.grow", "more_than", usage(sets(input_tokens=10))),
    mutant("usage.one", "counts one token for every answer", "response.usage.output_tokens.grow",
           "body $.usage.output_tokens", usage(sets(output_tokens=1))),
    mutant("usage.streamed", "counts more in a stream", "response.usage.streamed", "same_as",
           streamed_only({"anthropic.message": lambda original, *args: more_streamed(
               original(*args))})),
)  # fmt: skip
