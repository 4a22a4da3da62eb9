"""Mutants of the end of Messages streams: message_delta, message_stop and usage."""

from __future__ import annotations

from harness.testbed.mutants.anthropic import stream_operators as s
from harness.testbed.mutants.anthropic.stream_rules import END, EVENTS, stream
from harness.testbed.mutants.openai.operators import drops

ENDS = (
    stream("no-end", "omits message_delta", EVENTS, "stream.stop-reason", s.without(END)),
    stream("end-early", "sends message_delta before the last content_block_stop", EVENTS,
        "stream.message-delta", s.events(s.end_before_stop)),
    stream("end-first", "sends message_delta before the first block", EVENTS,
           "stream.message-delta", s.events(s.end_before_blocks)),
    stream("end-unreasoned", "omits the finish reason", EVENTS, "stream.stop-reason",
        s.message_end(lambda event: event["delta"].update(stop_reason=None))),
    stream("end-taken-back", "sends a second message_delta without a stop reason", EVENTS,
        "stream.stop-reason", s.events(s.end_twice)),
    stream("end-uncounted", "omits usage in message_delta", END,
        "events $[?@.type=='message_delta'].usage.output_tokens", s.message_end(drops("usage"))),
    stream("end-flat", "sends message_delta without the delta object", END,
        "events $[?@.type=='message_delta'].delta",
        s.message_end(lambda event: event.update(event.pop("delta")))),
    stream("end-sequence", "omits stop_sequence", END,
        "events $[?@.type=='message_delta'].delta.stop_sequence",
        s.message_end(lambda event: event["delta"].pop("stop_sequence"))),
    stream("end-always", "reports end_turn at the token limit", "message_delta.max_tokens",
        "body $.stop_reason",
        s.message_end(lambda event: event["delta"].update(stop_reason="end_turn"))),
    stream("end-called", "reports end_turn with tool calls", "message_delta.tool_use",
        "body $.stop_reason",
        s.message_end(lambda event: event["delta"].update(stop_reason="end_turn"))),
    stream("no-stop", "omits message_stop", "message_stop", "stream.stop",
        s.without("message_stop")),
    stream("stop-twice", "sends message_stop twice", "message_stop", "stream.stop",
        s.repeat_event("message_stop")),
    stream("stop-early", "sends an event after message_stop", "message_stop", "stream.stop",
        s.events(lambda items: [*items[:-2], items[-1], items[-2]])),
    stream("usage-zero", "reports zero tokens in streams", END, "body $.usage.output_tokens",
        s.message_end(lambda event: event["usage"].update(output_tokens=0))),
    stream("usage-falls", "counts each event of a stream separately", EVENTS, "stream.usage",
        s.events(s.split_usage)),
    stream("usage-lost", "always reports zero input tokens", EVENTS, "stream.usage",
        s.message_start(lambda message: message["usage"].pop("input_tokens"))),
    stream("usage-words", "sends usage with the names of the other protocol", END,
        "events $[?@.type=='message_delta'].usage.output_tokens",
        s.message_end(lambda event: s.rename_key("output_tokens",
                "completion_tokens")(event["usage"]))),
)  # fmt: skip
