"""The rules of a Messages stream, to compare with the reference.

The behaviour of the SDKs was observed by sending them streams with one violation each: Python 0.69
and 2.12, TypeScript 1.12. The tables in `anthropic_transitions` define the order of events.
"""

from __future__ import annotations

from typing import Final

from harness.decode.streams.rule import StreamRule

NAME: Final = StreamRule(
    "stream.event-name",
    "must",
    "event: {} above its data",
    "the SDKs ignore data without a name, and Python 0.69 ignores unknown names",
)
NAME_UNUSED: Final = StreamRule(
    "stream.event-name",
    "should",
    "event: {} above its data",
    "the reference says so; the SDKs use only the name of these events, or ignore them",
)
TYPE_MISSING: Final = StreamRule(
    "stream.event-name",
    "should",
    "a type in the data of event: {}",
    "the reference says so; the event is unknown, so no data is lost",
)
PING_JSON: Final = StreamRule(
    "stream.json", "should", "JSON in the data of a ping", "the SDKs do not read its data"
)
UNKNOWN_EVENT: Final = StreamRule(
    "stream.unknown", "may", "events of known types", "new types can be added at any time"
)
UNKNOWN_DELTA: Final = StreamRule(
    "stream.unknown", "may", "deltas of known types", "new types can be added at any time"
)

START_FIRST: Final = StreamRule(
    "stream.start",
    "must",
    "message_start before all other events",
    "Python raises; TypeScript ignores the events before it",
)
START_MISSING: Final = StreamRule(
    "stream.start", "must", "message_start", "Python and TypeScript raise at the end"
)
START_ONCE: Final = StreamRule(
    "stream.start", "must", "one message_start", "TypeScript raises at the second one"
)
START_NULL: Final = StreamRule(
    "stream.stop-reason",
    "should",
    "stop_reason null in message_start",
    "the reference says so; the SDKs overwrite it",
)

BLOCK_INDEX: Final = StreamRule(
    "stream.block-index",
    "must",
    "the next block at index {}",
    "the SDKs count the blocks themselves, and assign a delta to its block by index",
)
NO_OPEN_BLOCK: Final = StreamRule(
    "stream.block-open",
    "must",
    "deltas and stops of an open block only",
    "Python raises if the block is unknown",
)
OTHER_BLOCK: Final = StreamRule(
    "stream.block-open",
    "must",
    "deltas and stops of the open block {} only",
    "TypeScript applies them to the latest block, so texts are lost or misplaced",
)
BLOCK_NOT_CLOSED: Final = StreamRule(
    "stream.block-open",
    "must",
    "content_block_stop of block {} before any other event",
    "the SDKs' helpers deliver a block at its stop, and then tool calls are run",
)
DELTA_KIND: Final = StreamRule(
    "stream.delta-kind",
    "must",
    "no {} in a block of type {}",
    "the SDKs ignore it, so its data is lost",
)
SIGNATURE_ONCE: Final = StreamRule(
    "stream.delta-kind",
    "should",
    "one signature_delta in a block",
    "the SDKs keep the last one; the reference sends one",
)
ARGUMENTS_JSON: Final = StreamRule(
    "stream.tool-arguments",
    "must",
    "partial_json that concatenates to JSON",
    "the SDKs raise, or keep the first of two values",
)
ARGUMENTS_OBJECT: Final = StreamRule(
    "stream.tool-arguments",
    "must",
    "partial_json that concatenates to a JSON object",
    "the SDKs define input as an object; a tool cannot be called with anything else",
)

DELTA_MISSING: Final = StreamRule(
    "stream.message-delta",
    "should",
    "message_delta before message_stop",
    "the reference says so; the SDKs only need its stop_reason, which has its own rule",
)
DELTA_LAST: Final = StreamRule(
    "stream.message-delta",
    "must",
    "no block events after message_delta",
    "clients that act on the stop_reason miss them",
)
STOP_REASON: Final = StreamRule(
    "stream.stop-reason",
    "must",
    "a stop_reason in message_delta",
    "without it a truncated answer or a tool call looks like a complete answer",
)
STOP_REASON_LOST: Final = StreamRule(
    "stream.stop-reason",
    "must",
    "the stop_reason in the last message_delta",
    "the SDKs overwrite it with the null of a later one",
)
STOP_MISSING: Final = StreamRule(
    "stream.stop",
    "must",
    "message_stop at the end",
    "TypeScript raises; without it a truncated stream looks complete",
)
STOP_LAST: Final = StreamRule(
    "stream.stop",
    "must",
    "nothing after message_stop",
    "TypeScript delivers the message at the stop, and again at a second one",
)
DONE: Final = StreamRule(
    "stream.done",
    "should",
    "no [DONE]",
    "it is not part of this protocol; the SDKs ignore it because it has no name",
)
DONE_NAMED: Final = StreamRule(
    "stream.done", "must", "no [DONE]", "the SDKs raise if it has a name, because it is not JSON"
)

INPUT_TOKENS: Final = StreamRule(
    "stream.usage", "must", "input_tokens in message_start or message_delta", "the count is lost"
)
COUNT_FALLS: Final = StreamRule(
    "stream.usage",
    "must",
    "output_tokens that never fall, as they are cumulative",
    "the SDKs keep the last number, which would cover only a part",
)
COUNT_BELOW_START: Final = StreamRule(
    "stream.usage",
    "should",
    "{} not below those of message_start, as they are cumulative",
    "the reference says so; no data is lost if the last number is right",
)
