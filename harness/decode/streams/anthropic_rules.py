"""The laws of a stream of the Messages protocol, to hold against the reference. Data.

What the SDKs do was seen by feeding them streams with one fault each: Python 0.69 and 2.12,
TypeScript 1.12. The order of events is in the tables.
"""

from __future__ import annotations

from typing import Final

from harness.decode.streams.rule import StreamRule

NAME: Final = StreamRule(
    "stream.event-name",
    "must",
    "event: {} above its data",
    "the SDKs pass over data without a name, and 0.69 over every name it does not know",
)
NAME_IDLE: Final = StreamRule(
    "stream.event-name",
    "should",
    "event: {} above its data",
    "the reference says so; of these events the SDKs read the name alone, or nothing",
)
NAME_ONLY: Final = StreamRule(
    "stream.event-name",
    "should",
    "a type in the data of event: {}",
    "the reference says so; nobody knows this event, so nothing is lost",
)
PING: Final = StreamRule(
    "stream.json", "should", "JSON in the data of a ping", "the SDKs do not read its data"
)
UNKNOWN: Final = StreamRule("stream.unknown", "may", "events of known types", "new ones may come")
UNKNOWN_DELTA: Final = StreamRule(
    "stream.unknown", "may", "deltas of known types", "new ones may come"
)

START_FIRST: Final = StreamRule(
    "stream.start",
    "must",
    "message_start before all else",
    "Python raises; TypeScript passes over what comes before it",
)
START_MISSING: Final = StreamRule(
    "stream.start", "must", "message_start", "Python and TypeScript raise at the end"
)
START_ONCE: Final = StreamRule(
    "stream.start", "must", "one message_start", "TypeScript raises at the second"
)
START_NULL: Final = StreamRule(
    "stream.stop-reason",
    "should",
    "stop_reason null in message_start",
    "the reference says so; the SDKs overwrite it",
)

INDEX: Final = StreamRule(
    "stream.block-index",
    "must",
    "the next block at index {}",
    "the SDKs count the blocks themselves, and find a delta's block by its index",
)
OUTSIDE: Final = StreamRule(
    "stream.block-open",
    "must",
    "deltas and stops of an open block only",
    "Python raises where the block is unknown",
)
OTHER: Final = StreamRule(
    "stream.block-open",
    "must",
    "deltas and stops of the open block {} only",
    "TypeScript's events speak of the latest block; its texts are lost or told of another",
)
UNCLOSED: Final = StreamRule(
    "stream.block-open",
    "must",
    "content_block_stop of block {} before anything else begins",
    "helpers hand a block over at its stop, and tool calls are run then",
)
DELTA_KIND: Final = StreamRule(
    "stream.delta-kind",
    "must",
    "no {} in a block of type {}",
    "the SDKs pass over it: what it brings is lost",
)
SIGNED_TWICE: Final = StreamRule(
    "stream.delta-kind",
    "should",
    "one signature_delta in a block",
    "the SDKs keep the last; the reference sends one",
)
ARGUMENTS_JSON: Final = StreamRule(
    "stream.tool-arguments",
    "must",
    "partial_json that joins to JSON",
    "the SDKs raise, or keep the first of two values",
)
ARGUMENTS_OBJECT: Final = StreamRule(
    "stream.tool-arguments",
    "must",
    "partial_json that joins to a JSON object",
    "the SDKs' type of input; no tool can be called with anything else",
)

DELTA_MISSING: Final = StreamRule(
    "stream.message-delta",
    "should",
    "message_delta before message_stop",
    "the reference says so; the SDKs fail only over the stop_reason that it brings",
)
DELTA_LAST: Final = StreamRule(
    "stream.message-delta",
    "must",
    "nothing of a block after message_delta",
    "clients that act on the stop_reason have lost it",
)
REASON: Final = StreamRule(
    "stream.stop-reason",
    "must",
    "a stop_reason in message_delta",
    "a cut answer cannot be told from a whole one, nor a tool call from either",
)
REASON_LOST: Final = StreamRule(
    "stream.stop-reason",
    "must",
    "the stop_reason in the last message_delta",
    "the SDKs overwrite it with the null of a later one",
)
STOP_MISSING: Final = StreamRule(
    "stream.stop",
    "must",
    "message_stop at the end",
    "TypeScript raises; a cut stream cannot be told from a whole one",
)
STOP_LAST: Final = StreamRule(
    "stream.stop",
    "must",
    "nothing after message_stop",
    "TypeScript has handed the message over, and a second stop hands it over twice",
)
DONE: Final = StreamRule(
    "stream.done",
    "should",
    "no [DONE]",
    "it is no event of this protocol; the SDKs pass over it, as it has no name",
)
DONE_NAMED: Final = StreamRule(
    "stream.done", "must", "no [DONE]", "with a name above it the SDKs raise, as it is no JSON"
)

INPUT: Final = StreamRule(
    "stream.usage", "must", "input_tokens in message_start or message_delta", "the number is lost"
)
COUNTED: Final = StreamRule(
    "stream.usage",
    "must",
    "output_tokens that never fall, as they are cumulative",
    "the SDKs keep the last: it would be the count of a part",
)
ESTIMATED: Final = StreamRule(
    "stream.usage",
    "should",
    "{} not below those of message_start, as they are cumulative",
    "the reference says so; nothing is lost where the last is right",
)
