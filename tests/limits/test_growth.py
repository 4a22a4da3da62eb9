"""The time for an answer grows with its size and not faster, whatever the target sends."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable
from typing import Any

import pytest

from harness.decode.response import read
from harness.decode.sse import Parser
from harness.fire.redaction.text import TextRedactor
from harness.fire.response_buffer import ResponseBuffer
from harness.language import checks
from harness.model import Answer, Exchange
from harness.report.exchange_views import response_view
from harness.report.text import one_line
from harness.run.transcript_lines import decode, encode
from harness.util import json_schema, strict_json
from harness.util.format_value import format_value
from tests.support.growth import growth

LIMIT = 2.3
KEY = "sk-growth-0123456789abcdef"
JSON, STREAM = "application/json", "text/event-stream"


def exchange(body: bytes, kind: str, pieces: int = 1) -> Exchange:
    size = max(1, len(body) // pieces)
    chunks = tuple((0.0, body[at : at + size]) for at in range(0, len(body), size))
    headers = (("content-type", kind),)
    return Exchange("shot", "POST", "/", (), "", "complete", 200, "HTTP/1.1", headers, chunks)


def openai_chunk(number: int, choices: list[Any]) -> str:
    chunk = {"id": "c", "object": "chat.completion.chunk", "created": 1, "model": "m"}
    return f"data: {json.dumps({**chunk, 'choices': choices, 'n': number})}\n\n"


def openai_stream(choices: Callable[[int], list[Any]]) -> Callable[[int], Exchange]:
    return lambda n: exchange(
        "".join(openai_chunk(number, choices(number)) for number in range(n)).encode(), STREAM, 50
    )


def delta(number: int) -> list[Any]:
    return [{"index": 0, "delta": {"content": "x"}, "finish_reason": None}]


def tool_calls(number: int) -> list[Any]:
    calls = [{"index": i, "id": f"c{i}", "type": "function"} for i in range(number)]
    return [{"index": 0, "delta": {"tool_calls": calls}, "finish_reason": None}]


def lines(line: str, kind: str = STREAM) -> Callable[[int], Exchange]:
    return lambda n: exchange(line.encode() * n, kind, 100)


def block(number: int) -> str:
    start = {"type": "content_block_start", "index": number}
    content = {"content_block": {"type": "text", "text": ""}}
    return f"event: content_block_start\ndata: {json.dumps({**start, **content})}\n\n"


def object_of(n: int) -> str:
    return "{" + ",".join(f'"k{i}":1' for i in range(n)) + ',"k0":2}'


def read_as(protocol: str, mode: Any = "stream") -> Callable[[Exchange], object]:
    return lambda each: read(each, protocol, mode, None)


def answer(body: Any) -> Answer:
    return Answer("shot", "plain", "complete", 200, (), "", body)


def feed(pieces: list[bytes]) -> None:
    buffer = ResponseBuffer(2**30)
    buffer.set_head(200, "HTTP/1.1", (("content-encoding", "gzip"),))
    for piece in pieces:
        buffer.feed(0.0, piece)
    buffer.chunks()


def gzip_pieces(n: int) -> list[bytes]:
    data = gzip.compress(json.dumps(list(range(n))).encode())
    return [data[at : at + 100] for at in range(0, len(data), 100)]


def feed_parser(data: bytes) -> None:
    parser = Parser()
    for at in range(len(data)):
        parser.feed(data[at : at + 1])
    parser.close()


def check(name: str, args: Any) -> Callable[[Any], object]:
    return lambda body: list(checks.BY_ID[name].run(args, [answer(body)], []))


def several(run: Callable[[Any], object]) -> Callable[[Any], object]:
    """Return what runs 256 times: an input that does not fit into the cache takes longer."""
    return lambda value: [run(value) for _ in range(256)]


REDACTOR = TextRedactor({"caller": KEY})
# name -> (makes an input of a size, what reads it, the first size)
READERS: dict[str, tuple[Callable[[int], Any], Callable[[Any], object], int]] = {
    "JSON: keys, one twice": (object_of, several(strict_json.parse), 250),
    "JSON: each key twice": (
        lambda n: "[" + ",".join(f'{{"k{i}":1,"k{i}":2}}' for i in range(n)) + "]",
        strict_json.parse,
        2_000,
    ),
    "JSON: numbers": (lambda n: f"[{'1,' * n}1]", strict_json.parse, 20_000),
    "JSON: escapes": (lambda n: '["' + r"\ud800\"" * n + '"]', strict_json.parse, 20_000),
    "JSON: too many values": (lambda n: f"[{'1,' * (n + 200_000)}1]", strict_json.parse, 200_000),
    "JSON: an open text": (lambda n: "," * 200_001 + '"' + "\\a" * n, strict_json.parse, 20_000),
    "HTTP: small pieces": (gzip_pieces, feed, 20_000),
    "SSE: single bytes": (lambda n: b"data: x\n" * n, feed_parser, 1_000),
    "SSE: blank lines": (lines("\n"), read_as("openai"), 5_000),
    "SSE: comments": (lines(":\n"), read_as("openai"), 5_000),
    "SSE: unknown lines": (lines("x y\n"), read_as("openai"), 5_000),
    "SSE: names without data": (lines("event: x\n\n"), read_as("openai"), 5_000),
    "SSE: lines of one event": (lines("data: x\n"), read_as("openai"), 5_000),
    "openai: deltas": (openai_stream(delta), read_as("openai"), 300),
    "openai: wrong events": (lines('data: {"a":1}\n\n'), read_as("openai"), 1_000),
    "openai: no JSON": (lines("data: x\n\n"), read_as("openai"), 1_000),
    "openai: tool calls": (
        lambda n: exchange(openai_chunk(0, tool_calls(n)).encode(), STREAM),
        read_as("openai"),
        500,
    ),
    "openai: choices": (
        openai_stream(lambda i: [{"index": i, "delta": {}}]),
        read_as("openai"),
        300,
    ),
    "anthropic: blocks": (
        lambda n: exchange("".join(map(block, range(n))).encode(), STREAM),
        read_as("anthropic"),
        300,
    ),
    "anthropic: wrong events": (lines('data: {"a":1}\n\n'), read_as("anthropic"), 1_000),
    "schema: unknown keys": (
        lambda n: {f"key{i}": i for i in range(n)},
        lambda body: json_schema.errors("openai/error", {"error": body}),
        300,
    ),
    "schema: a wrong list": (
        lambda n: {"object": "list", "data": [{"id": i} for i in range(n)]},
        lambda body: json_schema.errors("openai/models", body),
        300,
    ),
    "check: unique": (lambda n: [1] * n, check("unique", "$[*]"), 2_000),
    "check: body": (
        lambda n: {"a": [1] * n},
        check("body", {"$.a[*]": {"type": "string"}}),
        1_000,
    ),
    "findings: a large value": (lambda n: [[i] for i in range(n)], format_value, 20_000),
    "findings: one line": (lambda n: "x \n" * n, one_line, 20_000),
    "redaction: escapes": (lambda n: r"\u0073%6b\\" * n, REDACTOR.text, 10_000),
    "redaction: parts of a key": (lambda n: KEY[:-1] * n, REDACTOR.text, 40_000),
    "redaction: keys": (lambda n: KEY * n, several(REDACTOR.text), 600),
    "transcript": (
        lambda n: exchange(b"\xff" * n, JSON, n),
        lambda each: decode(json.loads(json.dumps(encode(each)))),
        2_000,
    ),
    "report: events": (lines("data: x\n\n"), response_view, 2_000),
    "report: a nested body": (
        lambda n: exchange(b"[" * 100 + b"1," * n + b"1" + b"]" * 100, JSON),
        response_view,
        20_000,
    ),
}


@pytest.mark.parametrize("name", READERS)
def test_twice_the_input_takes_at_most_about_twice_the_time(name: str) -> None:
    make, run, size = READERS[name]
    assert growth(make, run, size, LIMIT) <= LIMIT
