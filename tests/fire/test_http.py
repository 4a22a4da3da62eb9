"""Each behaviour of a target becomes an exchange; some failed requests are repeated."""

from __future__ import annotations

import asyncio
import gzip
import hashlib
import socket
import tracemalloc
import zlib
from dataclasses import replace
from typing import Any

import pytest

from harness.fire.connection import Limits
from harness.model import Call
from tests.support.raw_server import (
    CHUNKED,
    HELLO,
    OK,
    Handler,
    answer_with,
    closed_port,
    listen,
    read_request,
    send_calls,
    transport_to,
    wait_for_close,
)


def answer(body: bytes, *headers: str, status: str = "200 OK") -> bytes:
    lines = [f"HTTP/1.1 {status}", f"content-length: {len(body)}", *headers]
    return "\r\n".join([*lines, "", ""]).encode("latin-1") + body


def test_exchange_contains_request_and_response() -> None:
    sent_bytes = answer(b'{"a": 1}', "X-Odd: 1", "x-odd: 2", "content-type: application/json")
    with listen(answer_with(sent_bytes)) as url:
        exchange = send_calls(transport_to(f"{url}/v1/")).last
    assert (exchange.method, exchange.url) == ("POST", f"{url}/v1/chat/completions")
    assert exchange.request_body == '{"model": "m", "messages": []}'
    assert ("accept-encoding", "identity") in exchange.request_headers
    assert (exchange.end, exchange.status, exchange.http_version) == ("complete", 200, "HTTP/1.1")
    assert [pair for pair in exchange.headers if pair[0].lower() == "x-odd"] == [
        ("X-Odd", "1"),
        ("x-odd", "2"),
    ]
    assert exchange.body == b'{"a": 1}'
    [attempt] = exchange.attempts
    assert (attempt.end, attempt.status, attempt.reused) == ("complete", 200, False)
    assert exchange.seconds == attempt.seconds >= exchange.chunks[-1][0] >= 0


@pytest.mark.parametrize(
    ("sent_bytes", "end", "status"),
    [
        (b"", "dropped", None),
        (b"HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\n{", "dropped", 200),
        (b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n1\r\n{\r\n", "dropped", 200),
        (b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nzz\r\n{", "malformed", 200),
        (b"hello\r\n\r\n", "malformed", None),
        (b"\x16\x03\x01\x02\x00\x01\x00" * 20, "malformed", None),
        (b"HTTP/1.1 200 OK\r\nno colon here\r\n\r\n", "malformed", None),
        (b"HTTP/1.1 200 OK\r\nx: \xff\x00\r\n\r\n", "malformed", None),
        (b"HTTP/1.1 200 OK\r\nx: " + b"y" * 200_000, "malformed", None),
        (b"HTTP/1.1 200 OK\r\n" + b"x: y\r\n" * 40_000, "malformed", None),
        (b"HTTP/1.1 302 Found\r\nlocation: http://h:x/\r\n\r\n", "malformed", None),
    ],
    ids=[
        "nothing",
        "half a body",
        "half a chunk",
        "invalid chunk",
        "not http",
        "tls",
        "invalid header",
        "nul in header",
        "endless header",
        "endless headers",
        "broken location",
    ],
)
def test_broken_answer_stands_and_a_dropped_one_is_tried_once_more(
    sent_bytes: bytes, end: str, status: int | None
) -> None:
    with listen(answer_with(sent_bytes)) as url:
        responses = send_calls(transport_to(url))
    assert (responses.last.end, responses.last.status) == (end, status)
    assert len(responses.last.attempts) == (2 if end == "dropped" else 1)
    assert responses.last.note


def test_data_before_the_break_is_kept() -> None:
    with listen(answer_with(b"HTTP/1.1 200 OK\r\nx: y\r\ncontent-length: 9\r\n\r\nfirst")) as url:
        exchange = send_calls(transport_to(url)).last
    assert exchange.body == b"first"
    assert ("x", "y") in exchange.headers


def reset(sock: socket.socket) -> None:
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")


@pytest.mark.parametrize("close", ["closed", "reset"])
def test_request_on_a_closed_idle_connection_is_repeated(close: str) -> None:
    def handler(sock: socket.socket, number: int) -> None:
        read_request(sock)
        sock.sendall(OK)
        read_request(sock)
        if number == 0:
            if close == "reset":
                reset(sock)
            return
        sock.sendall(OK)

    with listen(handler) as url:
        responses = send_calls(transport_to(url), [HELLO, HELLO])
    assert [exchange.end for exchange in responses.exchanges] == ["complete", "complete"]
    first, second = responses.last.attempts
    assert (first.end, first.reused, first.status) == ("dropped", True, None)
    assert (second.end, second.reused, second.status) == ("complete", False, 200)
    assert responses.delays == [0.0, 0.0, 0.0]


@pytest.mark.parametrize("sent", [b"", b"HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\n{"])
def test_dropped_request_is_answered_on_a_fresh_connection(sent: bytes) -> None:
    def handler(sock: socket.socket, number: int) -> None:
        read_request(sock)
        sock.sendall(sent if number == 0 else OK)

    with listen(handler) as url:
        responses = send_calls(transport_to(url))
    first, second = responses.last.attempts
    assert (first.end, first.reused) == ("dropped", False)
    assert (second.end, second.reused) == ("complete", False)
    assert (responses.last.end, responses.last.body) == ("complete", b"{}")
    assert responses.delays == [0.0, 0.0]


@pytest.mark.parametrize("change", [{"auth": "limited"}, {"reply": {"fail": {"after": 1}}}])
def test_request_that_is_meant_to_fail_is_sent_again_only_if_it_was_dropped(
    change: dict[str, Any],
) -> None:
    busy = b"HTTP/1.1 503 x\r\ncontent-length: 0\r\n\r\n"
    for answer, attempts in ((b"", 2), (busy, 1)):
        with listen(answer_with(answer)) as url:
            exchange = send_calls(transport_to(url), [replace(HELLO, **change)]).last
        assert len(exchange.attempts) == attempts


def test_request_after_an_answer_with_excess_bytes_is_repeated() -> None:
    def handler(sock: socket.socket, number: int) -> None:
        while read_request(sock):
            sock.sendall(OK + b"excess")

    with listen(handler) as url:
        responses = send_calls(transport_to(url), [HELLO, HELLO])
    assert [exchange.end for exchange in responses.exchanges] == ["complete", "complete"]
    first, second = responses.last.attempts
    assert (first.end, first.reused, first.status) == ("malformed", True, None)
    assert (second.end, second.reused, second.status) == ("complete", False, 200)


LONG = b"HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\n"


@pytest.mark.parametrize(
    ("sent", "end", "note"),
    [
        (LONG + b"{}", "malformed", "content-length is 9, but the answer ends after 2 bytes, and"),
        (CHUNKED + b"2\r\n{}\r\n", "malformed", "transfer-encoding is chunked, but the answer"),
        (CHUNKED + b"18\r\ndata: {}\n\ndata: [DONE]\n\n\r\n", "malformed", "transfer-encoding is"),
        (CHUNKED + b"a\r\ndata: {}\n\n\r\n", "timeout", "no end after 0.3 s"),
        (LONG + b'{"a":', "timeout", "no end after 0.3 s"),
        (LONG, "timeout", "no end after 0.3 s"),
    ],
)
def test_an_end_that_never_comes_is_no_slow_answer(sent: bytes, end: str, note: str) -> None:
    def handler(sock: socket.socket, number: int) -> None:
        read_request(sock)
        sock.sendall(sent)
        wait_for_close(sock)

    with listen(handler) as url:
        exchange = send_calls(transport_to(url, limits=Limits(timeout=0.3, tries=1))).last
    assert exchange.end == end
    assert exchange.note.startswith(note)


def test_number_of_attempts_is_limited() -> None:
    with listen(answer_with(OK)) as url:
        transport = transport_to(url, limits=Limits(timeout=20.0, tries=3))
        assert send_calls(transport).last.end == "complete"
    responses = send_calls(transport)  # the port is closed now
    assert responses.last.end == "unreachable"
    assert len(responses.last.attempts) == 3
    assert responses.delays == [0.0, 0.5, 1.0]


def test_target_that_never_answered_is_tried_once() -> None:
    responses = send_calls(transport_to(f"http://127.0.0.1:{closed_port()}"))
    assert (responses.last.end, len(responses.last.attempts)) == ("unreachable", 1)


def endless(head: bytes, piece: bytes) -> Handler:
    def handler(sock: socket.socket, number: int) -> None:
        read_request(sock)
        sock.sendall(head)
        while True:
            sock.sendall(piece)

    return handler


def test_endless_body_is_cut_at_the_limit() -> None:
    with listen(endless(CHUNKED, b"4\r\nabcd\r\n")) as url:
        exchange = send_calls(transport_to(url, limits=Limits(timeout=20.0, body=1000))).last
    assert (exchange.end, exchange.status, len(exchange.body)) == ("too-large", 200, 1001)
    assert exchange.note == "more than 1000 bytes"


def test_body_of_the_maximum_size_is_complete() -> None:
    with listen(answer_with(answer(b"x" * 1000))) as url:
        exchange = send_calls(transport_to(url, limits=Limits(timeout=20.0, body=1000))).last
    assert (exchange.end, len(exchange.body)) == ("complete", 1000)


@pytest.mark.parametrize("sent_bytes", [b"", b"HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\n{"])
def test_endless_answer_is_a_timeout(sent_bytes: bytes) -> None:
    def handler(sock: socket.socket, number: int) -> None:
        read_request(sock)
        sock.sendall(sent_bytes)
        wait_for_close(sock)

    with listen(handler) as url:
        responses = send_calls(transport_to(url, limits=Limits(timeout=0.05)))
    assert responses.last.end == "timeout"
    assert responses.last.note == "no end after 0.05 s"
    assert len(responses.last.attempts) == 1


def test_endless_interim_answers_are_a_timeout() -> None:
    with listen(endless(b"", b"HTTP/1.1 103 Early Hints\r\nlink: x\r\n\r\n")) as url:
        assert send_calls(transport_to(url, limits=Limits(timeout=0.05))).last.end == "timeout"


def test_redirects_are_not_followed() -> None:
    connections: list[int] = []

    def count_connection(sock: socket.socket, number: int) -> None:
        connections.append(number)

    with (
        listen(count_connection) as other,
        listen(answer_with(answer(b"", f"location: {other}/", status="307 x"))) as u,
    ):
        assert send_calls(transport_to(u)).last.status == 307
    assert connections == []


def test_cookies_are_not_sent_back() -> None:
    requests: list[bytes] = []

    def handler(sock: socket.socket, number: int) -> None:
        for _ in range(2):
            requests.append(read_request(sock))
            sock.sendall(answer(b"", "set-cookie: a=b; path=/"))

    with listen(handler) as url:
        send_calls(transport_to(url), [HELLO, HELLO])
    assert len(requests) == 2
    assert b"cookie" not in requests[1].lower()


@pytest.mark.parametrize(
    ("coding", "body"),
    [
        ("gzip", gzip.compress(b"hello", mtime=0)),
        ("gzip", gzip.compress(b"hel", mtime=0) + gzip.compress(b"lo", mtime=0)),
        ("x-gzip", gzip.compress(b"hello", mtime=0)),
        ("deflate", zlib.compress(b"hello")),
        ("deflate", zlib.compress(b"hello")[2:-4]),
    ],
    ids=["gzip", "two members", "x-gzip", "deflate", "deflate without header"],
)
def test_compressed_body_is_decompressed(coding: str, body: bytes) -> None:
    with listen(answer_with(answer(body, f"content-encoding: {coding}"))) as url:
        exchange = send_calls(transport_to(url)).last
    assert (exchange.end, exchange.body) == ("complete", b"hello")
    assert exchange.note == f"the body came as {coding}"


@pytest.mark.parametrize(
    ("body", "note"),
    [
        (b"hello", "content-encoding is gzip, but the body is not: it begins with 'hello'"),
        (gzip.compress(b"hello", mtime=0)[:-9], "the body ends in the middle of its gzip"),
    ],
)
def test_body_with_broken_compression_is_malformed(body: bytes, note: str) -> None:
    with listen(answer_with(answer(body, "content-encoding: gzip"))) as url:
        exchange = send_calls(transport_to(url)).last
    assert (exchange.end, exchange.note) == ("malformed", note)


@pytest.mark.parametrize("coding", ["br", "gzip, gzip", "identity"])
def test_unknown_content_encoding_is_not_decoded(coding: str) -> None:
    with listen(answer_with(answer(b"\x8b\x02", f"content-encoding: {coding}"))) as url:
        exchange = send_calls(transport_to(url)).last
    assert (exchange.end, exchange.body) == ("complete", b"\x8b\x02")


def test_compression_bomb_takes_little_memory() -> None:
    bomb = gzip.compress(b"\0" * 50_000_000, 1, mtime=0)
    with listen(answer_with(answer(bomb, "content-encoding: gzip"))) as url:
        tracemalloc.start()
        exchange = send_calls(transport_to(url, limits=Limits(timeout=60.0, body=1_000_000))).last
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
    assert (exchange.end, len(exchange.body)) == ("too-large", Limits().kept)
    assert exchange.digest == f"sha256:{hashlib.sha256(bytes(1_000_001)).hexdigest()}"
    assert peak < 20_000_000


def answer_statuses(*statuses: str) -> Handler:
    def handler(sock: socket.socket, number: int) -> None:
        for status in statuses:
            read_request(sock)
            line, *headers = status.split("; ")
            sock.sendall(answer(b"{}", *headers, status=line))

    return handler


def test_retry_after_is_respected() -> None:
    with listen(answer_statuses("429 x; retry-after: 7", "503 x", "200 OK")) as url:
        responses = send_calls(transport_to(url))
    assert [attempt.status for attempt in responses.last.attempts] == [429, 503, 200]
    assert responses.delays == [0.0, 7.0, 1.0]
    assert responses.last.status == 200


def test_number_of_retries_is_limited() -> None:
    with listen(answer_statuses(*["429 x"] * 9)) as url:
        responses = send_calls(transport_to(url))
    assert (responses.last.status, len(responses.last.attempts)) == (429, 4)


@pytest.mark.parametrize("call", [replace(HELLO, auth="limited"), HELLO])
def test_limited_call_and_long_retry_after_are_not_retried(call: Call) -> None:
    """A call with the limited key provokes the 429. A pause of an hour is too long."""
    with listen(answer_statuses("429 x; retry-after: 3600")) as url:
        assert len(send_calls(transport_to(url), [call]).last.attempts) == 1


def test_nothing_is_sent_when_the_run_ends() -> None:
    transport = transport_to(f"http://127.0.0.1:{closed_port()}")

    async def refuse(delay: float) -> bool:
        return False

    async def run() -> None:
        exchange = await transport.send(transport.connection(), "shot", HELLO, refuse)
        assert (exchange.end, exchange.reason, exchange.attempts) == ("not-sent", "stopped", ())
        assert exchange.note == "stopped before it was sent"

    asyncio.run(run())


def test_request_is_sent_byte_for_byte() -> None:
    requests: list[bytes] = []

    def handler(sock: socket.socket, number: int) -> None:
        requests.append(read_request(sock))
        sock.sendall(OK)

    headers = (("X-A", "1"), ("x-a", "2"), ("x-latin", "é"), ("x-far", "世"))
    raw_call = Call("openai", "POST", "/x?a=1", headers=headers, raw="{not json \ud800")
    body = {"text": "世 \ud800"}
    with listen(handler) as url:
        send_calls(transport_to(f"{url}/v1?api-version=7"), [raw_call])
        send_calls(transport_to(url), [replace(HELLO, body=body)])
        send_calls(transport_to(url), [Call("openai", "GET", "/models")])
    first, second, third = requests
    assert first.startswith(b"POST /v1/x?a=1&api-version=7 HTTP/1.1\r\n")
    for line in (b"X-A: 1\r\n", b"x-a: 2\r\n", b"x-latin: \xe9\r\n", b"x-far: \xe4\xb8\x96\r\n"):
        assert line in first
    assert first.endswith(b"{not json \xed\xa0\x80")
    assert second.endswith('{"text": "世 \\ud800"}'.encode())
    assert b"content-type" not in third.lower()


def test_header_that_cannot_be_sent_is_not_sent() -> None:
    with listen(answer_with(OK)) as url:
        exchange = send_calls(transport_to(url), [replace(HELLO, headers=(("x", "a\nb"),))]).last
    assert exchange.end == "not-sent"
