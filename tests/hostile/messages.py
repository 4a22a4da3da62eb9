"""Targets that answer wrongly in the Messages protocol."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from tests.hostile.row import Row
from tests.support.hostile_server import Misbehave, change, change_events, send_json, send_stream

MB = 2**20
Events = list[bytes]
PASS, FAIL = ("pass", ""), ("fail", "")
TEXT = {"type": "text", "text": "x"}


def event(kind: str, **values: Any) -> bytes:
    """Return an event without the blank line after it."""
    return b"event: %b\ndata: %b" % (
        kind.encode(),
        json.dumps({"type": kind, **values}).encode(),
    )


def delta(index: Any = 0, **values: Any) -> bytes:
    return event("content_block_delta", index=index, delta=values)


def text(words: Any, index: Any = 0) -> bytes:
    return delta(index, type="text_delta", text=words)


def block(index: Any, **values: Any) -> bytes:
    return event("content_block_start", index=index, content_block=values)


def stop(index: Any) -> bytes:
    return event("content_block_stop", index=index)


def inserted(*events: bytes, where: int = 2) -> Misbehave:
    """Send the right stream with further events; the first two open the message and a block."""
    return change_events(lambda right: [*right[:where], *events, *right[where:]])


def without(kind: bytes) -> Misbehave:
    """Send the right stream without the events of a kind."""
    return change_events(lambda right: [each for each in right if b"event: " + kind not in each])


def replaced(old: bytes, new: bytes) -> Misbehave:
    """Send the right stream with other text in it."""
    return change_events(lambda right: [each.replace(old, new) for each in right])


def call(pieces: Iterable[str], index: int = 1) -> Events:
    """Return a block with a tool call whose input comes in pieces."""
    start = block(index, type="tool_use", id="toolu_1", name="f", input={})
    inputs = [delta(index, type="input_json_delta", partial_json=piece) for piece in pieces]
    return [start, *inputs, stop(index)]


def before_end(events: Events) -> Misbehave:
    """Send the right stream with further events before the message ends."""
    return change_events(lambda right: [*right[:-2], *events, *right[-2:]])


STREAMS = (
    Row("no message start", without(b"message_start")),
    Row("no block start", without(b"content_block_start")),
    Row("no block stop", without(b"content_block_stop")),
    Row("no message delta", without(b"message_delta")),
    Row("no message stop", without(b"message_stop")),
    Row("two message starts", change_events(lambda right: [right[0], *right])),
    Row("two message stops", change_events(lambda right: [*right, right[-1]])),
    Row("the whole twice", change_events(lambda right: [*right, *right])),
    Row("the wrong order", change_events(lambda right: right[::-1])),
    Row("huge block index", inserted(text("x", 10**18))),
    Row("negative block index", inserted(text("x", -1))),
    Row("block index of text", inserted(text("x", "0"))),
    Row("block index of a list", inserted(text("x", [[0]]))),
    Row("a block in a block", inserted(block(0, type="text", text=""))),
    Row("many open blocks", inserted(*(block(n, type="text", text="") for n in range(1, 3000)))),
    Row("a stop of no block", inserted(stop(7), stop(None), stop({}))),
    Row("text of a number", inserted(text(7), text(None), text(["x"]))),
    Row("another delta", inserted(delta(type="input_json_delta", partial_json="{"))),
    Row("deltas of no type", inserted(delta(), event("content_block_delta", index=0, delta=None))),
    Row("signature of a text", inserted(delta(type="signature_delta", signature="x" * MB))),
    Row("names of other events", replaced(b"event: content_block_delta", b"event: ping")),
    Row("events of no name", replaced(b"event: ", b": ")),
    Row("no type in the data", replaced(b'"type"', b'"kind"')),
    Row("input of no end", before_end(call(['{"a": ']))),
    Row("input of garbage", before_end(call(["\0", "]]}}", "NaN"]))),
    Row("deep input", before_end(call(["[" * 50_000, "]" * 50_000]))),
    Row("huge number as input", before_end(call(['{"a": ' + "9" * 100_000 + "}"]))),
    Row("many small inputs", before_end(call(["{"] + [" "] * 5000 + ["}"])), outcome=PASS),
    Row("many pings", inserted(*[event("ping")] * 20_000), outcome=PASS),
    Row("many unknown events", inserted(*[event("new_kind", x=1)] * 10_000), outcome=PASS),
    Row("error in between", inserted(event("error", error={"type": "overloaded_error"}))),
    Row("error of a text", inserted(event("error", error="x" * MB))),
    Row("error of no form", inserted(b"event: error\ndata: [[[]]]")),
    Row("no json in the data", inserted(b"event: content_block_delta\ndata: {oops")),
    Row("text after the end", change_events(lambda right: [*right, text("late")])),
    Row("stream of the other protocol", send_stream(b'data: {"choices": []}\n\ndata: [DONE]\n\n')),
)


def edit(**values: Any) -> Misbehave:
    """Send the right message with other members."""
    return change(lambda body: body.update(values))


def usage(value: Any) -> Misbehave:
    """Send the right answer with another number of tokens, wherever it stands."""

    def edit_usage(body: dict[str, Any]) -> None:
        for holder in (body, body.get("message", {})):
            if "usage" in holder:
                holder["usage"]["output_tokens"] = value

    return change(edit_usage)


NESTED: Any = []
for _ in range(100):
    NESTED = [NESTED]

MESSAGES = (
    Row("content of a text", edit(content="ready")),
    Row("content of an object", edit(content={"type": "text", "text": "ready"})),
    Row("content of many blocks", edit(content=[TEXT] * 5_000), outcome=PASS),
    Row("content of unknown blocks", edit(content=[{"type": "x" * 999}, 7, None, []])),
    Row("content of nothing", edit(content=None)),
    Row("input of a list", edit(content=[{"type": "tool_use", "input": NESTED, "id": 7}])),
    Row("role of a list", edit(role=["assistant"])),
    Row("stop reason of a megabyte", edit(stop_reason="x" * MB), outcome=PASS),
    Row("stop reason of an object", edit(stop_reason={"a": 1}, stop_sequence=[])),
    Row("usage of nothing", edit(usage=None)),
    Row("negative usage", usage(-(10**30))),
    Row("endless usage", usage(float("inf"))),
    Row("usage of a text", usage("12")),
    Row("usage of a truth", usage(True)),
    Row("type of another", edit(type="error")),
)


def error(body: Any, status: bytes = b"400 x", *headers: bytes) -> Misbehave:
    return send_json(json.dumps(body).encode(), *headers, status=status)


ERRORS = (
    Row("error of no error", error({"type": "error"})),
    Row("error as a text", error({"type": "error", "error": "no"})),
    Row("error as a list", error([{"type": "error"}])),
    Row("error of a long type", error({"type": "error", "error": {"type": "x" * MB}}, b"400 x")),
    Row("error of a number", error({"type": "error", "error": {"type": 7, "message": NESTED}})),
    Row("error of a request id", error({"type": "error", "request_id": "\x1b[2J"}, b"500 x")),
    Row("error as 200", error({"type": "error", "error": {"type": "api_error"}}, b"200 OK")),
    Row("error as 600", error({"type": "error", "error": {"type": "api_error"}}, b"600 x")),
    Row("error as 418", error({}, b"418 \xff\xfe", b"request-id: \xff")),
)
COUNT = (
    "request: {{path: /v1/messages/count_tokens, omit: [max_tokens], headers: {{x-row: {mark}}}}}, "
    "why: Tokens are counted., modes: [plain], "
    "expect: {{status: ok, schema: anthropic/count_tokens, "
    "more_than: {{control: {{body: {{messages: [{{role: user, content: Hi}}]}}}}, "
    "paths: [$.input_tokens]}}}}"
)
MODELS = (
    "request: {{method: GET, path: /v1/models, headers: {{x-row: {mark}}}}}, "
    "why: Models are listed., modes: [plain], "
    "expect: {{status: ok, schema: anthropic/models}}, "
    'should: {{unique: ["$.data[*].id"]}}'
)


def count(name: str, value: str) -> Row:
    """Return a target that counts tokens so."""
    return Row(name, send_json(b'{"input_tokens": %b}' % value.encode()), case=COUNT)


def models(name: str, document: str, outcome: tuple[str, str] = FAIL) -> Row:
    """Return a target with such a list of models."""
    return Row(name, send_json(document.encode()), outcome=outcome, case=MODELS)


COUNTS = (
    count("count of infinity", "1e400"),
    count("count below zero", "-1"),
    count("count of a text", '"12"'),
    count("count of a fraction", "1.5"),
    count("count of a truth", "true"),
    count("count of many digits", "9" * 100_000),
    count("count of a deep array", "[" * 9_000 + "]" * 9_000),
    count("count of nothing", "null"),
)
LISTS = (
    models("models of a text", '{"data": "x"}'),
    models("models of nothing", '{"data": [null, 7, "x", []], "has_more": true}'),
    models("models without end", '{"data": [], "has_more": true, "last_id": "x"}', PASS),
    models("models of one id", '{"data": [' + ",".join(['{"id": "m"}'] * 20_000) + "]}"),
    models("models of lists", '{"data": [' + ",".join(['{"id": [[1]]}'] * 5_000) + "]}"),
    models("models of long ids", '{"data": [{"id": "' + "m" * MB + '"}]}'),
)
