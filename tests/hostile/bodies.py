"""Targets that answer with bodies of a wrong size, coding, JSON or event stream."""

from __future__ import annotations

import gzip
import json
import zlib
from typing import Any

from tests.hostile.row import Row
from tests.support.hostile_server import (
    CHUNKED,
    JSON,
    STREAM,
    change,
    models,
    send,
    send_forever,
    send_json,
    send_stream,
)

CLOSE = b"connection: close\r\n\r\n"
MB = 2**20
CHUNK: dict[str, Any] = {
    "id": "c-1",
    "object": "chat.completion.chunk",
    "created": 1,
    "model": "builtin-1",
    "choices": [{"index": 0, "delta": {"content": "x"}, "finish_reason": None}],
}


def event(**values: Any) -> bytes:
    """Return an event with a chunk."""
    return b"data: " + json.dumps({**CHUNK, **values}).encode() + b"\n\n"


def choice(**values: Any) -> bytes:
    """Return an event with a chunk whose choice has other members."""
    return event(choices=[{**CHUNK["choices"][0], **values}])


def calls(count: int) -> bytes:
    """Return an event with many tool calls."""
    return choice(delta={"tool_calls": [{"index": n, "id": f"c{n}"} for n in range(count)]})


def bomb(size: int, times: int = 1) -> bytes:
    """Return zeros, compressed so many times."""
    data = bytes(size)
    for _ in range(times):
        data = gzip.compress(data)
    return data


def many(count: int) -> bytes:
    """Return an object with many members."""
    return json.dumps({f"k{n}": n for n in range(count)}).encode()


GZIP = b"content-encoding: gzip"
LONG_ERROR = b'{"error": {"message": "' + b"x" * MB + b'"}}'

SIZES = (
    Row("large body", send_json(b'{"x": "' + b"y" * (9 * MB) + b'"}')),
    Row("endless body", send_forever(JSON + CLOSE, b" " * 65536)),
    Row("endless array", send_forever(JSON + CLOSE + b"[1", b",1" * 9999)),
    Row("endless event", send_forever(STREAM + CLOSE + b"data: ", b"x" * 65536)),
    Row("endless comments", send_forever(STREAM + CLOSE, b": keep-alive\n\n" * 999)),
    Row("many members", send_json(many(30_000))),
    Row("endless stream", send_forever(STREAM + CLOSE, event() * 99)),
    Row("endless blank lines", send_forever(STREAM + CLOSE, b"\n" * 65536)),
    Row("many blank lines", send_stream(b"\n" * MB)),
    Row("compressed zeros", send_json(bomb(64 * MB), GZIP)),
    Row("twice compressed zeros", send_json(bomb(64 * MB, 2), GZIP + b", gzip")),
    Row("a hundred codings", send_json(b"x", GZIP + b", gzip" * 99)),
    Row("one member many times", send_json(b'{"a": 1' + b',"a": 1' * 30_000 + b"}")),
    Row("many choices", send_json(b'{"choices": [{}' + b",{}" * 30_000 + b"]}")),
    Row("many tool calls", send_stream(calls(5_000), b"data: [DONE]\n\n")),
    Row("many small wrong events", send_stream(b"data: {}\n\n" * 20_000)),
    Row("many values", send_json(b"[1" + b",1" * (MB // 2) + b"]")),
    Row("deep array", send_json(b"[" * 100_000 + b"]" * 100_000)),
    Row("deep object", send_json(b'{"a":' * 50_000 + b"1" + b"}" * 50_000)),
    Row("open arrays", send_json(b"[" * MB)),
    Row("long number", send_json(b'{"created": ' + b"9" * 100_000 + b"}")),
    Row("long error", send_json(LONG_ERROR, status=b"400 x")),
    Row("many headers", send_json(b"{}", *(b"x-%d: y" % n for n in range(90)))),
)

MANY_MODELS = Row(
    "many models",
    send_json(
        b'{"object": "list", "data": ['
        + b",".join(b'{"id": "m%d"}' % n for n in range(50_000))
        + b"]}"
    ),
    when=models,
    outcome=("pass", ""),
    code=0,
)

ENCODINGS = (
    Row("utf-16", send_json('{"choices": []}'.encode("utf-16"))),
    Row("byte order mark", send_json(b'\xef\xbb\xbf{"choices": []}')),
    Row("no utf-8", send_json(b'{"choices": "\xff\xfe\xed\xa0\x80"}')),
    Row("half a surrogate pair", send_json(b'{"id": "\\ud800", "model": "\\udfff"}')),
    Row("nul bytes", send_json(b"\0" * 1000)),
    Row("not compressed", send_json(b"{}", GZIP)),
    Row("half compressed", send_json(gzip.compress(b"{}" * 99)[:20], GZIP)),
    Row("compressed in another way", send_json(zlib.compress(b"{}"), GZIP)),
    Row("unknown coding", send_json(b"{}", b"content-encoding: \x01snappy")),
    Row("wrong charset", send_json(b"{}", b"content-type: application/json; charset=utf-7")),
)

VALUES = (
    Row("no number", send_json(b'{"choices": NaN, "created": Infinity, "usage": -Infinity}')),
    Row("huge exponent", send_json(b'{"created": 1e999999999, "usage": {"total_tokens": -1e400}}')),
    Row("text after the end", send_json(b'{"choices": []} {"choices": []}')),
    Row("null", send_json(b"null")),
    Row("nothing", send_json(b"")),
    Row("all wrong types", send_json(b'{"choices": {"0": 7}, "id": [], "model": {}}')),
    Row("odd names", send_json(b'{"": 1, "__proto__": {"a": 1}, "constructor": 2, "choices": 0}')),
    Row("choices of texts", send_json(b'{"choices": ["x", null, 7, []], "usage": []}')),
    Row("an error with 200", send_json(b'{"error": {"message": ["x"], "type": {}, "code": NaN}}')),
    Row("an error of lists", send_json(b'{"error": [[["x"]]]}', status=b"400 x")),
)

STREAMS = (
    Row("no end", send_stream(event())),
    Row("events after the end", send_stream(b"data: [DONE]\n\n", event())),
    Row("an error in the stream", send_stream(event(), b'event: error\ndata: {"error": {}}\n\n')),
    Row("no json in an event", send_stream(event(), b"data: {oops\n\n", b"data: [DONE]\n\n")),
    Row("an event of another type", send_stream(event(), b"data: [1, 2]\n\n", b"data: 7\n\n")),
    Row("huge index", send_stream(choice(index=10**18), b"data: [DONE]\n\n")),
    Row("negative index", send_stream(choice(index=-1), choice(index="0"), b"data: [DONE]\n\n")),
    Row("call of no index", send_stream(choice(delta={"tool_calls": [{}, 7, None]}))),
    Row("call of huge index", send_stream(choice(delta={"tool_calls": [{"index": 2**63}]}))),
    Row("odd fields", send_stream(b"id: a\0b\nretry: 999999999999999\nevent: \xff\ndata: {}\n\n")),
    Row("line ends of old", send_stream(b"data: {}\r\rdata: [DONE]\r\r")),
    Row("a page as a stream", send_stream(b"<html>\n\n<p>data: {}\n\n")),
    Row("a stream of nul", send(STREAM, CHUNKED, b"3\r\n\0\0\0\r\n0\r\n\r\n")),
    Row("two streams in one", send_stream(event(id="a"), event(id="b"), event(id="c"))),
    Row("other model in each event", send_stream(*(event(model=f"m{n}") for n in range(99)))),
    Row(
        "right, of unknown members",
        change(lambda body: body.update({"x_new": [1]})),
        "",
        ("warn", ""),
        0,
    ),
)
