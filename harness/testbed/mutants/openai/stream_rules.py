"""Mutants of Chat Completions streams, by the stream rule that they violate."""

from __future__ import annotations

from harness.testbed.base import Mutant
from harness.testbed.mutants.openai import stream_operators as s

PLAIN = "stream.chunks"

OPENAI_STREAMS = (
    Mutant("stream.dropped", "closes the connection before the end", "stream.text", "transport",
        {"stream_reply": s.drop_connection}),
    Mutant("stream.plain-dropped", "closes the connection before the end", "shape.plain",
           "transport", {"json_reply": s.drop_connection}),
    Mutant("stream.latin", "streams in Latin-1", "messages.unicode", "stream.framing",
           s.frames(lambda items: [p.decode().encode("latin-1", "replace") for p in items])),
    Mutant("stream.ids", "sends a new id in every chunk", PLAIN, "stream.same-id",
           s.events(s.new_ids)),
    Mutant("stream.created", "sends another created in every chunk", PLAIN, "stream.same-id",
           s.events(s.increase_created)),
    Mutant("stream.arguments-object", "streams arguments as an object", "stream.calls",
           "stream.chunk", {"call_pieces": s.arguments_as_object}),
)  # fmt: skip
