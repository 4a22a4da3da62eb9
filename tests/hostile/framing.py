"""Targets that break the framing of HTTP, and targets that are slow, busy or gone."""

from __future__ import annotations

import socket
import threading
from collections.abc import Mapping
from typing import Any

from tests.hostile.row import Row, few, slow
from tests.support import pack_on_disk
from tests.support.hostile_server import (
    CHUNKED,
    HEAD,
    JSON,
    STREAM,
    Misbehave,
    after,
    between,
    keep_silent,
    reset,
    send,
    send_forever,
    send_json,
)
from tests.support.raw_server import encode_reply

CLOSE = b"connection: close\r\n\r\n"
OK = b"HTTP/1.1 200 OK\r\n"
LONG = b"x" * 65536
ONE = ("--concurrency", "1")
STOPPED = "the target stopped answering after"
REFUSE, GARBAGE = send_json(b"{}", status=b"500 x"), send(HEAD, b"\r\n\r\n\0\xff")

FRAMING = (
    Row("no answer", send()),
    Row("reset", reset),
    Row("half a body", send(JSON, b"content-length: 999\r\n\r\n{")),
    Row("half a chunk", send(STREAM, CHUNKED, b"40\r\ndata: {")),
    Row("no http", send(b"<html><h1>It works!</h1>\r\n\r\n")),
    Row("http 0.9", send(b'{"choices": []}')),
    Row("http 2 preface", send(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n")),
    Row("no status", send(b"HTTP/1.1 OK\r\n\r\n")),
    Row("status 999", send(b"HTTP/1.1 999 x\r\ncontent-length: 2\r\n\r\n{}")),
    Row("status 101", send(b"HTTP/1.1 101 x\r\nupgrade: x\r\nconnection: upgrade\r\n\r\n\0\1")),
    Row("header without colon", send(OK, b"nonsense\r\n\r\n{}")),
    Row("nul in a header", send(OK, b"x: a\0b\r\ncontent-length: 2\r\n\r\n{}")),
    Row("two lengths", send(OK, b"content-length: 2\r\ncontent-length: 3\r\n\r\n{} ")),
    Row("negative length", send(OK, b"content-length: -1\r\n\r\n{}")),
    Row("endless length", send(OK, b"content-length: " + b"9" * 5000 + b"\r\n\r\n{}")),
    Row("length and chunks", send(OK, b"content-length: 2\r\n", CHUNKED, b"0\r\n\r\n")),
    Row("chunk size in words", send(JSON, CHUNKED, b"many\r\n{}\r\n0\r\n\r\n")),
    Row("huge chunk size", send(JSON, CHUNKED, b"F" * 200 + b"\r\n{}\r\n")),
    Row("endless chunk extension", send_forever(JSON + CHUNKED + b"2;", LONG)),
    Row("endless trailers", send_forever(JSON + CHUNKED + b"2\r\n{}\r\n0\r\n", b"x: y\r\n" * 999)),
    Row("endless header line", send_forever(OK + b"x: ", LONG)),
    Row("endless headers", send_forever(OK, b"x: y\r\n" * 9999)),
    Row("endless status line", send_forever(b"HTTP/1.1 200 ", LONG)),
    Row("an answer to no request", send(OK, b"content-length: 2\r\n\r\n{}", OK, CLOSE)),
)

SLOW = (
    slow("endless interim answers", send_forever(b"", b"HTTP/1.1 103 x\r\n\r\n" * 999)),
    slow("silence", keep_silent),
    slow("slow headers", send_forever(OK, b"x: y\r\n", 0.2)),
    slow("slow body", send_forever(JSON + CLOSE, b" ", 0.2)),
    slow("slow stream", send_forever(STREAM + CLOSE, b": x\n\n", 0.2)),
)

TIME = (
    few("always busy", send_json(b"{}", b"retry-after: 0", status=b"429 x")),
    few("busy for ages", send_json(b"{}", b"retry-after: 99999999999", status=b"429 x")),
    few("busy until the past", send_json(b"{}", b"retry-after: -5", status=b"503 x")),
    few("busy in words", send_json(b"{}", b"retry-after: 1e309 \xff soon", status=b"429 x")),
    Row(
        "limits in nonsense",
        send_json(
            b"{}",
            b"x-ratelimit-limit-requests: NaN",
            b"x-ratelimit-remaining-requests: -1e999",
            b"x-ratelimit-reset-requests: 9999999h",
            b"anthropic-ratelimit-requests-reset: 9999-99-99T99:99:99Z",
        ),
    ),
    Row(
        "dead from the first request on",
        send(),
        when=after(0),
        code=4,
        line="closes the connection",
    ),
    Row("dead from the fifth request on", send(), when=after(5), code=4, line=STOPPED),
    Row("dead near the end", reset, STOPPED, when=after(25), outcome=None, others=None, words=ONE),
    Row("gone for a moment", send(), when=between(8, 9), outcome=("pass", ""), code=0),
    Row("refuses near the end", REFUSE, when=after(25), outcome=None, others=None, words=ONE),
    Row(
        "sends garbage near the end", GARBAGE, when=after(25), outcome=None, others=None, words=ONE
    ),
)


def once(value: bytes, status: bytes = b"429 x") -> Misbehave:
    """Refuse the first request with this `retry-after`, and answer the others as one should."""
    right, refused = pack_on_disk.correct_gateway(), threading.Event()

    def misbehave(sock: socket.socket, request: Mapping[str, Any]) -> None:
        if refused.is_set():
            sock.sendall(encode_reply(right(request)))
        else:
            refused.set()
            send_json(b"{}", b"retry-after: " + value, status=status)(sock, request)

    return misbehave


PASS = ("pass", "")
WAITS = (
    b"0",
    b"-0",
    b"0.05",
    b"00000000000000",
    b"-5",
    b"NaN",
    b"inf",
    b"1e-309",
    b"0x1",
    b"0, 0",
    b"",
    b"\xc2\xb2",
    b"soon",
    b"Thu, 01 Jan 1970 00:00:00 GMT",
    b"Thu, 01 Jan 0000 00:00:00 GMT",
    b"Sun, 99 Nov 2026 99:99:99 GMT",
    b"Sunday, 06-Nov-94 08:49:37 GMT",
    b"1994-11-06T08:49:37Z",
    b"1" * 5_000 + b" x",
)
RETRIES = [
    Row(f"wait {number}", once(value), outcome=PASS, code=0) for number, value in enumerate(WAITS)
]
