"""Mutants of Messages streams, by the stream rule that they violate."""

from __future__ import annotations

import json

from harness.testbed.base import Mutant
from harness.testbed.gateway.gateway import Overrides
from harness.testbed.mutants.anthropic import stream_operators as s
from harness.testbed.mutants.anthropic.operators import anthropic, mutant
from harness.testbed.mutants.openai import stream_operators
from harness.testbed.mutants.openai.content import split_characters

EVENTS, TEXT, TOOL, TOOLS = "events", "text", "tool", "tools"
START, END, THOUGHT = "message_start", "message_delta", "thinking"


def stream(name: str, description: str, case: str, rule: str, override: Overrides) -> Mutant:
    return mutant(f"stream.{name}", description, f"stream.{case}", rule, override)


WIRE = (
    stream("dropped", "closes the connection before the end", TEXT, "transport",
        anthropic({"stream_reply": stream_operators.drop_connection})),
    stream("comment", "sends comments as data", EVENTS, "stream.json",
        s.frames(lambda items: [items[0], b"data: : ping\n\n", *items[1:]])),
    stream("empty-data", "sends empty data", EVENTS, "stream.json",
        s.frames(lambda items: [items[0], b"event: content_block_delta\ndata: \n\n", *items[1:]])),
    stream("bare", "omits the data: prefix", EVENTS, "stream.framing",
        s.frames(lambda items: [piece.replace(b"data: ", b"", 1) for piece in items])),
    stream("one-line", "ends events with one line end", EVENTS, "stream.framing",
        s.frames(lambda items: [piece[:-1] for piece in items])),
    stream("chunks", "streams in the other protocol", EVENTS, "stream.start",
        {"anthropic.frames": s.as_chunks}),
    stream("nameless", "omits event lines", EVENTS, "stream.event-name",
           s.event_line(lambda _: b"")),
    stream("one-name", "uses the event name message for every event", EVENTS, "stream.event-name",
        s.event_line(lambda _: b"event: message\n")),
    stream("other-name", "uses the event names of an older version", EVENTS, "stream.event-name",
        s.event_line(s.old_event_line)),
    stream("untyped", "omits the type in the data", EVENTS, "stream.chunk",
        {"anthropic.dumps": s.without_type}),
    stream("cut", "ends early without an error", EVENTS, "stream.stop", s.events(s.end_early)),
    stream("done", "ends with [DONE]", "message_stop", "stream.done",
        s.frames(lambda items: [*items, b"data: [DONE]\n\n"])),
    stream("done-named", "ends with a named [DONE] event", "message_stop", "stream.done",
        s.frames(lambda items: [*items, b"event: done\ndata: [DONE]\n\n"])),
)  # fmt: skip

STARTS = (
    stream("start-flat", "sends message_start without the message object", START,
        "events $[?@.type=='message_start'].message.type",
        s.each(START, lambda event: event.update(event.pop("message"), type=START))),
)  # fmt: skip

BLOCKS = (
    stream("text-parts", "streams content as parts", TEXT, "body $.content[?@.type=='text'].text",
        s.delta("text_delta", lambda d: d.update(text=[d["text"]]))),
    Mutant("anthropic.stream.letters", "splits multi-byte characters",
           "anthropic-messages/messages.unicode",
           "body $.content[?@.type=='text'].text", {"anthropic.text_pieces": split_characters}),
)  # fmt: skip

KINDS = (
    stream("arguments-list", "streams the arguments in a list", TOOL, "stream.tool-arguments",
        {"anthropic.json_pieces": lambda original, value: original([value])}),
    stream("arguments-text", "streams the arguments as a JSON text", TOOL, "stream.tool-arguments",
        {"anthropic.json_pieces": lambda original, value: original(json.dumps(value))}),
    stream("arguments-object", "streams the arguments as an object", TOOL, "stream.chunk",
        {"anthropic.json_pieces": lambda original, value: [value]}),
)  # fmt: skip

ANTHROPIC_STREAMS = (*WIRE, *STARTS, *BLOCKS, *KINDS)
