"""Mutants of Chat Completions streams, by the stream rule that they violate."""

from __future__ import annotations

from harness.testbed.base import Mutant
from harness.testbed.mutants.openai import stream_operators as s
from harness.testbed.mutation.rows import mutants_in

PLAIN, TEXT, TOOLS = "stream.chunks", "stream.text", "stream.calls"

SHAPE = (
    Mutant("stream.dropped", "closes the connection before the end", TEXT, "transport",
        {"stream_reply": s.drop_connection}),
    Mutant("stream.plain-dropped", "closes the connection before the end", "shape.plain",
           "transport", {"json_reply": s.drop_connection}),
    Mutant("stream.comment", "sends comments as data", PLAIN, "stream.json",
           s.frames(lambda items: [items[0], b"data: : ping\n\n", *items[1:]])),
    Mutant("stream.empty-data", "sends empty data", PLAIN, "stream.json",
           s.frames(lambda items: [items[0], b"data: \n\n", *items[1:]])),
    Mutant("stream.bare", "omits the data: prefix", PLAIN, "stream.framing",
           s.frames(lambda items: [piece.removeprefix(b"data: ") for piece in items])),
    Mutant("stream.named", "sends event names", PLAIN, "stream.framing",
           s.frames(lambda items: [b"event: chunk\n" + piece for piece in items])),
    Mutant("stream.one-line", "ends events with one line end", PLAIN, "stream.framing",
           s.frames(lambda items: [piece[:-1] for piece in items])),
    Mutant("stream.latin", "streams in Latin-1", "messages.unicode", "stream.framing",
           s.frames(lambda items: [p.decode().encode("latin-1", "replace") for p in items])),
    Mutant("stream.ids", "sends a new id in every chunk", PLAIN, "stream.same-id",
           s.events(s.new_ids)),
    Mutant("stream.created", "sends another created in every chunk", PLAIN, "stream.same-id",
           s.events(s.increase_created)),
    Mutant("stream.no-done", "omits [DONE]", PLAIN, "stream.done",
           {"done": lambda original: []}),
    Mutant("stream.done-trailing", "sends an event after [DONE]", PLAIN, "stream.done",
           {"done": lambda original: [b"data: [DONE] \n\n"]}),
    Mutant("stream.done-twice", "sends [DONE] twice", PLAIN, "stream.done",
           {"done": lambda original: original() * 2}),
)  # fmt: skip


CALLS = (
    Mutant("stream.arguments-object", "streams arguments as an object", TOOLS, "stream.chunk",
           {"call_pieces": s.arguments_as_object}),
)  # fmt: skip

OPENAI_STREAMS = (*mutants_in("openai/stream_rules"), *SHAPE, *CALLS)
