"""Mutants of Messages streams by the law they break. May not say how: see `anthropic_events`."""

from __future__ import annotations

import json

from harness.testbed.base import Mutant
from harness.testbed.gateway.gateway import Overrides
from harness.testbed.mutants.anthropic import stream_operators as s
from harness.testbed.mutants.anthropic.operators import anthropic
from harness.testbed.mutants.openai import stream_operators
from harness.testbed.mutants.openai.operators import drops, sets

EVENTS, TEXT, TOOL, TOOLS = "events", "text", "tool", "tools"
START, END, THOUGHT = "message_start", "message_delta", "thinking"


def law(name: str, says: str, case: str, rule: str, wrong: Overrides) -> Mutant:
    return Mutant(
        f"anthropic.stream.{name}", says, f"anthropic-messages/stream.{case}", rule, wrong
    )


WIRE = (
    law("type", "streams with another content type", EVENTS, "stream.content-type",
        anthropic({"stream_reply": stream_operators.shouted})),
    law("type-header", "streams with another content type", "true", "headers content-type",
        anthropic({"stream_reply": stream_operators.shouted})),
    law("plain", "answers stream requests without a stream", EVENTS, "headers content-type",
        {"anthropic.wants_stream": stream_operators.never}),
    law("always", "streams whenever the stream field is present", "false", "headers content-type",
        anthropic({"wants_stream": stream_operators.always})),
    law("dropped", "closes the connection before the end", TEXT, "transport",
        anthropic({"stream_reply": stream_operators.dropped})),
    law("comment", "sends comments as data", EVENTS, "stream.json",
        s.frames(lambda found: [found[0], b"data: : ping\n\n", *found[1:]])),
    law("empty-data", "sends empty data", EVENTS, "stream.json",
        s.frames(lambda found: [found[0], b"event: content_block_delta\ndata: \n\n", *found[1:]])),
    law("bare", "omits the data: prefix", EVENTS, "stream.framing",
        s.frames(lambda found: [piece.replace(b"data: ", b"", 1) for piece in found])),
    law("one-line", "ends events with one line end", EVENTS, "stream.framing",
        s.frames(lambda found: [piece[:-1] for piece in found])),
    law("chunks", "streams in the other protocol", EVENTS, "stream.start",
        {"anthropic.frames": s.as_chunks}),
    law("nameless", "omits event lines", EVENTS, "stream.event-name", s.named(lambda _: b"")),
    law("one-name", "uses the event name message for every event", EVENTS, "stream.event-name",
        s.named(lambda _: b"event: message\n")),
    law("other-name", "uses the event names of an older version", EVENTS, "stream.event-name",
        s.named(s.of_old)),
    law("untyped", "omits the type in the data", EVENTS, "stream.chunk",
        {"anthropic.dumps": s.untyped}),
    law("error", "continues after an error event", EVENTS, "stream.error", s.events(s.broken_off)),
    law("error-lost", "ends normally instead of sending an error", EVENTS, "stream.stop-reason",
        s.events(s.unfinished)),
    law("cut", "ends early without an error", EVENTS, "stream.stop", s.events(s.cut)),
    law("done", "ends with [DONE]", "message_stop", "stream.done",
        s.frames(lambda found: [*found, b"data: [DONE]\n\n"])),
    law("done-named", "ends with a named [DONE] event", "message_stop", "stream.done",
        s.frames(lambda found: [*found, b"event: done\ndata: [DONE]\n\n"])),
)  # fmt: skip

STARTS = (
    law("no-start", "omits message_start", EVENTS, "stream.start", s.without(START)),
    law("start-twice", "sends message_start twice", EVENTS, "stream.start", s.twice(START)),
    law("start-late", "sends message_start after the first block", EVENTS, "stream.start",
        s.events(s.moved)),
    law("start-bare", "omits usage in message_start", EVENTS, "stream.chunk",
        s.started(drops("usage"))),
    law("start-no-content", "omits content in message_start", START,
        "events $[?@.type=='message_start'].message.content", s.started(drops("content"))),
    law("start-filled", "sends the content in message_start", START,
        "events $[?@.type=='message_start'].message.content",
        s.started(sets(content=[{"type": "text", "text": "Well, "}]))),
    law("start-nameless", "omits the id in message_start", START,
        "events $[?@.type=='message_start'].message.id", s.started(drops("id"))),
    law("start-flat", "sends message_start without the message object", START,
        "events $[?@.type=='message_start'].message.type",
        s.each(START, lambda event: event.update(event.pop("message"), type=START))),
    law("start-role", "omits the role in message_start", START,
        "events $[?@.type=='message_start'].message.role", s.started(drops("role"))),
    law("start-ended", "sends the stop reason in message_start", START,
        "events $[?@.type=='message_start'].message.stop_reason",
        s.started(sets(stop_reason="end_turn"))),
    law("start-uncounted", "reports zero input tokens in message_start", START,
        "events $[?@.type=='message_start'].message.usage.input_tokens",
        s.started(lambda message: message["usage"].pop("input_tokens"))),
)  # fmt: skip

BLOCKS = (
    law("index-zero", "sends the index 0 for every block", TOOLS, "stream.block-index",
        s.block_events(lambda _, found: [{**e, "index": 0} for e in found])),
    law("index-one", "numbers blocks from 1", TOOLS, "stream.block-index",
        s.block_events(lambda n, found: [{**e, "index": n + 1} for e in found])),
    law("index-missing", "omits the index", TOOLS, "stream.chunk",
        s.block_events(s.unnumbered)),
    law("interleaved", "starts a block before the previous one ends", TOOLS, "stream.block-open",
        s.events(s.parallel(s.interleaved))),
    law("stray", "sends a delta before its block", EVENTS, "stream.block-open",
        s.block_events(s.strayed)),
    law("belated", "sends a delta after its block", EVENTS, "stream.block-open",
        s.block_events(s.belated)),
    law("no-block-start", "omits content_block_start", EVENTS, "stream.block-open",
        s.without("content_block_start")),
    law("no-block-stop", "omits content_block_stop", EVENTS, "stream.block-open",
        s.without("content_block_stop")),
    law("stop-again", "sends content_block_stop twice", EVENTS, "stream.block-open",
        s.twice("content_block_stop")),
    law("text-whole", "sends the text in content_block_start", TEXT,
        "events $[?@.content_block.type=='text'].content_block.text",
        s.opened("text", sets(text="1 "))),
    law("text-missing", "omits the text in content_block_start", EVENTS, "stream.chunk",
        s.opened("text", drops("text"))),
    law("text-renamed", "sends the text under the name content", TEXT,
        "events $[?@.delta.type=='text_delta'].delta.text",
        s.delta("text_delta", s.renamed("text", "content"))),
    law("text-parts", "streams content as parts", TEXT, "stream.chunk",
        s.delta("text_delta", lambda d: d.update(text=[d["text"]]))),
    law("text-lost", "streams text blocks without text", TEXT,
        "body $.content[?@.type=='text'].text", {"anthropic.text_pieces": lambda *_: []}),
    Mutant("anthropic.stream.letters", "splits multi-byte characters",
           "anthropic-messages/messages.unicode",
           "body $.content[?@.type=='text'].text", {"anthropic.text_pieces": s.cut_letters}),
)  # fmt: skip

KINDS = (
    law("input-as-text", "streams arguments as text", TOOL, "stream.delta-kind",
        s.delta("input_json_delta", lambda d: d.update(type="text_delta",
                                                       text=d.pop("partial_json")))),
    law("text-as-thought", "streams text as thinking", EVENTS, "stream.delta-kind",
        s.delta("text_delta", lambda d: d.update(type="thinking_delta", thinking=d.pop("text")))),
    law("thought-as-text", "streams thinking as text", THOUGHT, "stream.delta-kind",
        s.delta("thinking_delta", lambda d: d.update(type="text_delta", text=d.pop("thinking")))),
    law("unsigned", "omits the signature of thinking", THOUGHT,
        "when",
        s.events(lambda found: [e for e in found if "signature" not in e.get("delta", ())])),
    law("arguments-cut", "drops the last piece of the arguments", TOOL, "stream.tool-arguments",
        {"anthropic.json_pieces": s.last_lost}),
    law("arguments-list", "streams the arguments in a list", TOOL, "stream.tool-arguments",
        {"anthropic.json_pieces": lambda original, value: original([value])}),
    law("arguments-text", "streams the arguments as a JSON text", TOOL, "stream.tool-arguments",
        {"anthropic.json_pieces": lambda original, value: original(json.dumps(value))}),
    law("arguments-object", "streams the arguments as an object", TOOL, "stream.chunk",
        {"anthropic.json_pieces": lambda original, value: [value]}),
    law("arguments-lost", "streams calls without their arguments", TOOL,
        "body $.content[?@.type=='tool_use'].input.city",
        {"anthropic.json_pieces": lambda original, value: [""]}),
    law("input-whole", "sends the arguments in content_block_start", TOOL,
        "events $[?@.content_block.type=='tool_use'].content_block.input",
        s.opened("tool_use", sets(input={"city": "Paris"}))),
    law("call-id", "starts a call without an id", TOOL,
        "events $[?@.content_block.type=='tool_use'].content_block.id",
        s.opened("tool_use", drops("id"))),
    law("call-name", "starts a call without its name", TOOL,
        "events $[?@.content_block.type=='tool_use'].content_block.name",
        s.opened("tool_use", drops("name"))),
    law("call-ids", "uses one id for all streamed calls", TOOLS,
        "unique $.content[?@.type=='tool_use'].id", s.opened("tool_use", sets(id="toolu_1"))),
)  # fmt: skip

ENDS = (
    law("no-end", "omits message_delta", EVENTS, "stream.stop-reason", s.without(END)),
    law("end-early", "sends message_delta before the last content_block_stop", EVENTS,
        "stream.message-delta", s.events(s.early_end)),
    law("end-first", "sends message_delta before the first block", EVENTS, "stream.message-delta",
        s.events(s.before_blocks)),
    law("end-unreasoned", "omits the finish reason", EVENTS, "stream.stop-reason",
        s.ended(lambda event: event["delta"].update(stop_reason=None))),
    law("end-taken-back", "sends a second message_delta without a stop reason", EVENTS,
        "stream.stop-reason", s.events(s.taken_back)),
    law("end-uncounted", "omits usage in message_delta", END,
        "events $[?@.type=='message_delta'].usage.output_tokens", s.ended(drops("usage"))),
    law("end-flat", "sends message_delta without the delta object", END,
        "events $[?@.type=='message_delta'].delta",
        s.ended(lambda event: event.update(event.pop("delta")))),
    law("end-sequence", "omits stop_sequence", END,
        "events $[?@.type=='message_delta'].delta.stop_sequence",
        s.ended(lambda event: event["delta"].pop("stop_sequence"))),
    law("end-always", "reports end_turn at the token limit", "message_delta.max_tokens",
        "body $.stop_reason", s.ended(lambda event: event["delta"].update(stop_reason="end_turn"))),
    law("end-called", "reports end_turn with tool calls", "message_delta.tool_use",
        "body $.stop_reason", s.ended(lambda event: event["delta"].update(stop_reason="end_turn"))),
    law("no-stop", "omits message_stop", "message_stop", "stream.stop",
        s.without("message_stop")),
    law("stop-twice", "sends message_stop twice", "message_stop", "stream.stop",
        s.twice("message_stop")),
    law("stop-early", "sends an event after message_stop", "message_stop", "stream.stop",
        s.events(lambda found: [*found[:-2], found[-1], found[-2]])),
    law("usage-zero", "reports zero tokens in streams", END, "body $.usage.output_tokens",
        s.ended(lambda event: event["usage"].update(output_tokens=0))),
    law("usage-falls", "counts each event of a stream separately", EVENTS, "stream.usage",
        s.events(s.falling)),
    law("usage-lost", "always reports zero input tokens", EVENTS, "stream.usage",
        s.started(lambda message: message["usage"].pop("input_tokens"))),
    law("usage-words", "sends usage with the names of the other protocol", END,
        "events $[?@.type=='message_delta'].usage.output_tokens",
        s.ended(lambda event: s.renamed("output_tokens", "completion_tokens")(event["usage"]))),
)  # fmt: skip

ANTHROPIC_STREAMS = (*WIRE, *STARTS, *BLOCKS, *KINDS, *ENDS)
