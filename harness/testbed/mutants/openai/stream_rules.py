"""Mutants of Chat Completions streams, by the stream rule that they violate."""

from __future__ import annotations

from functools import partial

from harness.testbed.base import Mutant
from harness.testbed.mutants.openai import stream_operators as s
from harness.testbed.mutation.rows import mutants_in

PLAIN, TEXT, TOOLS = "stream.chunks", "stream.text", "stream.calls"

SHAPE = (
    Mutant("stream.type", "streams with another content type", "stream.true",
           "headers content-type", {"stream_reply": s.as_plain_text}),
    Mutant("stream.type-law", "streams with another content type", PLAIN, "stream.content-type",
           {"stream_reply": s.as_plain_text}),
    Mutant("stream.always", "streams whenever the stream field is present", "stream.false",
           "headers content-type", {"wants_stream": s.always}),
    Mutant("stream.off-ignored", "streams whenever the stream field is present", "stream.off",
           "headers content-type", {"wants_stream": s.always}),
    Mutant("stream.never", "does not stream", PLAIN, "headers content-type",
        {"wants_stream": s.never}),
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
    Mutant("stream.error", "continues after an error event", PLAIN, "stream.error",
           s.events(s.continues_after_error)),
    Mutant("stream.cut", "ends early without an error", PLAIN, "stream.finish-once",
           s.events(s.ends_early)),
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

DELTAS = (
    Mutant("stream.finish-twice", "sends the finish reason twice", PLAIN, "stream.finish-once",
           s.events(s.early_finish)),
    Mutant("stream.after-finish", "sends content after the finish reason", PLAIN,
           "stream.after-finish", s.events(s.finish_before_last)),
    Mutant("stream.content-parts", "streams content as parts", "response.content",
           "events $[*].choices[*].delta.content", s.deltas(s.content_as_parts)),
)  # fmt: skip

USAGE = (
    Mutant("stream.usage-beside", "sends the usage in the chunk of the last choice",
           "stream_options.include_usage", "events $[-1:].choices",
           {"with_usage": s.usage_with_last_choice}),
    Mutant("stream.usage-false", "sends the usage although include_usage is false",
           "stream_options.include_usage.false", s.EVERY, {"wants_usage": s.wants_usage}),
    Mutant("stream.usage-unasked", "sends the usage without a request for it",
           "stream_options.absent", s.EVERY, {"wants_usage": lambda original, body: True}),
    Mutant("stream.usage-not-asked", "sends the usage without a request for it",
           "stream.usage.not-asked", s.EVERY, {"wants_usage": lambda original, body: True}),
)  # fmt: skip

CALLS = (
    Mutant("stream.id-again", "repeats the id in every piece", TOOLS, "stream.tool-index",
           {"call_pieces": partial(s.repeat_key, "id")}),
    Mutant("stream.arguments-object", "streams arguments as an object", TOOLS, "stream.chunk",
           {"call_pieces": s.arguments_as_object}),
    Mutant("stream.arguments-cut", "drops the last piece of the arguments", TOOLS,
           "stream.tool-arguments", {"call_pieces": s.drop_last_piece}),
)  # fmt: skip

OPENAI_STREAMS = (*mutants_in("openai/stream_rules"), *SHAPE, *DELTAS, *USAGE, *CALLS)
