"""Mutants of the end of Messages streams: message_delta, message_stop and usage."""

from __future__ import annotations

from harness.testbed.mutants.anthropic import stream_operators as s
from harness.testbed.mutants.anthropic.stream_rules import END, EVENTS, stream
from harness.testbed.mutation.rows import mutants_in

ENDS = (
    *mutants_in("anthropic/stream_ends"),
    stream("end-early", "sends message_delta before the last content_block_stop", EVENTS,
        "stream.message-delta", s.events(s.end_before_stop)),
    stream("end-flat", "sends message_delta without the delta object", END,
        "events $[?@.type=='message_delta'].delta",
        s.message_end(lambda event: event.update(event.pop("delta")))),
    stream("usage-falls", "counts each event of a stream separately", EVENTS, "stream.usage",
        s.events(s.split_usage)),
)  # fmt: skip
