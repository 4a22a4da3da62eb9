"""Streams of the Messages protocol, built event by event."""

from __future__ import annotations

import itertools
import json
from typing import Any

from harness.model import Json

Stream = list[Any]


def start(**more: Json) -> dict[str, Any]:
    message = {"id": "msg_1", "type": "message", "role": "assistant", "model": "m", "content": []}
    usage = {"input_tokens": 3, "output_tokens": 1}
    ends = {"stop_reason": None, "stop_sequence": None}
    return {"type": "message_start", "message": {**message, **ends, "usage": usage, **more}}


def opened(index: int, **block: Json) -> dict[str, Any]:
    return {"type": "content_block_start", "index": index, "content_block": block}


def delta(index: Json, kind: str, **more: Json) -> dict[str, Any]:
    return {"type": "content_block_delta", "index": index, "delta": {"type": kind, **more}}


def closed(index: int) -> dict[str, Any]:
    return {"type": "content_block_stop", "index": index}


def say(text: str, index: int = 0) -> dict[str, Any]:
    return delta(index, "text_delta", text=text)


def text(*pieces: str, index: int = 0) -> Stream:
    told = [say(piece, index) for piece in pieces]
    return [opened(index, type="text", text=""), *told, closed(index)]


def tool(*pieces: str, index: int = 0, **more: Json) -> Stream:
    told = [delta(index, "input_json_delta", partial_json=piece) for piece in pieces]
    block = {"type": "tool_use", "id": f"toolu_{index}", "name": "f", "input": {}, **more}
    return [opened(index, **block), *told, closed(index)]


def thought(*deltas: Json, index: int = 0, **more: Json) -> Stream:
    told = [delta(index, **each) for each in deltas]
    return [opened(index, type="thinking", thinking="", **more), *told, closed(index)]


def tell(reason: Json = "end_turn", tokens: Json = 5, **more: Json) -> dict[str, Any]:
    ends = {"stop_reason": reason, "stop_sequence": None}
    return {"type": "message_delta", "delta": ends, "usage": {"output_tokens": tokens, **more}}


def without(event: dict[str, Any], *path: str) -> dict[str, Any]:
    copy: dict[str, Any] = json.loads(json.dumps(event))
    here = copy
    for key in path[:-1]:
        here = here[key]
    del here[path[-1]]
    return copy


START, STOP, PING = start(), {"type": "message_stop"}, {"type": "ping"}
TEXT: Stream = [START, *text("a", "b"), tell(), STOP]
CITATION = {"type": "char_location", "cited_text": "a", "document_index": 0}
HINT = {"kind": "thinking_delta", "thinking": "h"}
SIGNED = {"kind": "signature_delta", "signature": "EqQ"}
UNSIGNED = {"kind": "signature_delta", "signature": ""}
RESULT = {"type": "web_search_tool_result", "tool_use_id": "s", "content": []}
# Each of them conforms to the protocol.
HARMLESS: dict[str, Stream] = {
    "a text": TEXT,
    "pings anywhere": [PING, START, PING, *text("a", "b"), PING, PING, tell(), PING, STOP, PING],
    "pings between deltas": [START, *itertools.chain(*((e, PING) for e in TEXT[1:]))],
    "no block": [START, tell(), STOP],
    "an empty block": [START, *text(), tell(), STOP],
    "several message_delta": [START, *text("a"), tell(), tell(tokens=7), tell(tokens=7), STOP],
    "a text that begins in the start": [START, opened(0, type="text", text="a"), *TEXT[3:]],
    "thinking, text and tools": [START, *thought(HINT, SIGNED), *text("a", index=1),
                                 *tool("{", "}", index=2), tell("tool_use"), STOP],
    "thinking without a signature": [START, *thought(HINT), tell(), STOP],
    "a signature in the start": [START, *thought(HINT, signature="Eq"), tell(), STOP],
    "an empty signature first": [START, *thought(UNSIGNED, SIGNED), tell(), STOP],
    "parallel calls": [START, *tool('{"a":1}'), *tool('{"b":2}', index=1), tell("tool_use"), STOP],
    "a call without arguments": [START, *tool(), tell("tool_use"), STOP],
    "a call with empty pieces": [START, *tool("", "", ""), tell("tool_use"), STOP],
    "a call whose input is in the start": [START, *tool(input={"a": 1}), tell("tool_use"), STOP],
    "input in the start and in deltas": [START, *tool('{"b":1}', input={"a": 1}), tell("tool_use"),
                                         STOP],
    "no input in the start": [START, without(tool()[0], "content_block", "input"), *tool("{}")[1:],
                              tell("tool_use"), STOP],
    "one character at a time": [START, *tool(*'{"city": "Rome \\ud83d\\ude00"}'), tell("tool_use"),
                                STOP],
    "a call cut short": [START, *tool("{}"), *tool('{"a": "b', index=1), tell("max_tokens"), STOP],
    "usage only at the end": [start(usage={}), *text("a"), tell(input_tokens=3), STOP],
    "usage zero at first": [start(usage={"input_tokens": 0, "output_tokens": 0}), *text("a"),
                            tell(input_tokens=3), STOP],
    "usage null at first": [start(usage={"input_tokens": None, "output_tokens": None}), *text("a"),
                            tell(input_tokens=3), STOP],
    "extra keys": [{**each, "x": {"y": [1]}} for each in TEXT],
    "an index as a whole float": [START, *({**e, "index": 0.0} for e in text("a")), tell(), STOP],
}  # fmt: skip
