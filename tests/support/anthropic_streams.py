"""Builders for the events of a Messages stream, and streams that conform to the protocol."""

from __future__ import annotations

import itertools
import json
from typing import Any

from harness.model import Json

Stream = list[Any]


def message_start(**more: Json) -> dict[str, Any]:
    message = {"id": "msg_1", "type": "message", "role": "assistant", "model": "m", "content": []}
    usage = {"input_tokens": 3, "output_tokens": 1}
    ends = {"stop_reason": None, "stop_sequence": None}
    return {"type": "message_start", "message": {**message, **ends, "usage": usage, **more}}


def block_start(index: int, **block: Json) -> dict[str, Any]:
    return {"type": "content_block_start", "index": index, "content_block": block}


def delta(index: Json, kind: str, **more: Json) -> dict[str, Any]:
    return {"type": "content_block_delta", "index": index, "delta": {"type": kind, **more}}


def block_stop(index: int) -> dict[str, Any]:
    return {"type": "content_block_stop", "index": index}


def text_delta(text: str, index: int = 0) -> dict[str, Any]:
    return delta(index, "text_delta", text=text)


def text_block(*pieces: str, index: int = 0) -> Stream:
    deltas = [text_delta(piece, index) for piece in pieces]
    return [block_start(index, type="text", text=""), *deltas, block_stop(index)]


def tool_block(*pieces: str, index: int = 0, **more: Json) -> Stream:
    deltas = [delta(index, "input_json_delta", partial_json=piece) for piece in pieces]
    block = {"type": "tool_use", "id": f"toolu_{index}", "name": "f", "input": {}, **more}
    return [block_start(index, **block), *deltas, block_stop(index)]


def thinking_block(*deltas: Json, index: int = 0, **more: Json) -> Stream:
    start = block_start(index, type="thinking", thinking="", **more)
    return [start, *(delta(index, **each) for each in deltas), block_stop(index)]


def message_delta(reason: Json = "end_turn", tokens: Json = 5, **more: Json) -> dict[str, Any]:
    ends = {"stop_reason": reason, "stop_sequence": None}
    return {"type": "message_delta", "delta": ends, "usage": {"output_tokens": tokens, **more}}


def without(event: dict[str, Any], *path: str) -> dict[str, Any]:
    copy: dict[str, Any] = json.loads(json.dumps(event))
    here = copy
    for key in path[:-1]:
        here = here[key]
    del here[path[-1]]
    return copy


START, STOP, PING = message_start(), {"type": "message_stop"}, {"type": "ping"}
END, TOOL_END = [message_delta(), STOP], [message_delta("tool_use"), STOP]
TEXT: Stream = [START, *text_block("a", "b"), *END]
CITATION = {"type": "char_location", "cited_text": "a", "document_index": 0}
THINKING = {"kind": "thinking_delta", "thinking": "h"}
SIGNATURE = {"kind": "signature_delta", "signature": "EqQ"}
EMPTY_SIGNATURE = {"kind": "signature_delta", "signature": ""}
RESULT = {"type": "web_search_tool_result", "tool_use_id": "s", "content": []}
CONFORMING: dict[str, Stream] = {
    "a text": TEXT,
    "pings anywhere": [
        PING,
        START,
        PING,
        *text_block("a", "b"),
        PING,
        PING,
        message_delta(),
        PING,
        STOP,
        PING,
    ],
    "pings between deltas": [START, *itertools.chain(*((e, PING) for e in TEXT[1:]))],
    "no block": [START, *END],
    "an empty block": [START, *text_block(), *END],
    "several message_delta": [
        START,
        *text_block("a"),
        message_delta(),
        message_delta(tokens=7),
        message_delta(tokens=7),
        STOP,
    ],
    "a text in the block start": [START, block_start(0, type="text", text="a"), *TEXT[3:]],
    "thinking, text and tools": [
        START,
        *thinking_block(THINKING, SIGNATURE),
        *text_block("a", index=1),
        *tool_block("{", "}", index=2),
        *TOOL_END,
    ],
    "thinking without a signature": [START, *thinking_block(THINKING), *END],
    "a signature in the block start": [START, *thinking_block(THINKING, signature="Eq"), *END],
    "an empty signature first": [START, *thinking_block(EMPTY_SIGNATURE, SIGNATURE), *END],
    "parallel calls": [START, *tool_block('{"a":1}'), *tool_block('{"b":2}', index=1), *TOOL_END],
    "a call without arguments": [START, *tool_block(), *TOOL_END],
    "a call with empty pieces": [START, *tool_block("", "", ""), *TOOL_END],
    "input in the block start": [START, *tool_block(input={"a": 1}), *TOOL_END],
    "input in the block start and in deltas": [
        START,
        *tool_block('{"b":1}', input={"a": 1}),
        *TOOL_END,
    ],
    "no input in the block start": [
        START,
        without(tool_block()[0], "content_block", "input"),
        *tool_block("{}")[1:],
        *TOOL_END,
    ],
    "one character at a time": [START, *tool_block(*'{"city": "Rome \\ud83d\\ude00"}'), *TOOL_END],
    "a truncated call": [
        START,
        *tool_block("{}"),
        *tool_block('{"a": "b', index=1),
        message_delta("max_tokens"),
        STOP,
    ],
    "usage only at the end": [
        message_start(usage={}),
        *text_block("a"),
        message_delta(input_tokens=3),
        STOP,
    ],
    "usage zero in the start": [
        message_start(usage={"input_tokens": 0, "output_tokens": 0}),
        *text_block("a"),
        message_delta(input_tokens=3),
        STOP,
    ],
    "usage null in the start": [
        message_start(usage={"input_tokens": None, "output_tokens": None}),
        *text_block("a"),
        message_delta(input_tokens=3),
        STOP,
    ],
    "extra keys": [{**each, "x": {"y": [1]}} for each in TEXT],
    "an index as an integral float": [START, *({**e, "index": 0.0} for e in text_block("a")), *END],
}
