"""A target may do anything: it becomes an exchange, and only what says nothing is asked again."""

from __future__ import annotations

import asyncio
import gzip
import socket
import tracemalloc
import zlib
from dataclasses import replace

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


def test_an_exchange_holds_what_was_sent_and_what_came() -> None:
    said = answer(b'{"a": 1}', "X-Odd: 1", "x-odd: 2", "content-type: application/json")
    with listen(answer_with(said)) as url:
        seen = send_calls(transport_to(f"{url}/v1/")).last
    assert (seen.method, seen.url) == ("POST", f"{url}/v1/chat/completions")
    assert seen.request_body == '{"model": "m", "messages": []}'
    assert ("accept-encoding", "identity") in seen.request_headers
    assert (seen.end, seen.status, seen.http_version) == ("complete", 200, "HTTP/1.1")
    assert [pair for pair in seen.headers if pair[0].lower() == "x-odd"] == [
        ("X-Odd", "1"),
        ("x-odd", "2"),
    ]
    assert seen.body == b'{"a": 1}'
    [attempt] = seen.attempts
    assert (attempt.end, attempt.status, attempt.reused) == ("complete", 200, False)
    assert seen.seconds == attempt.seconds >= seen.chunks[-1][0] >= 0


@pytest.mark.parametrize(
    ("said", "end", "status"),
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
        "no chunk",
        "words",
        "tls",
        "no header",
        "nul in header",
        "endless header",
        "endless headers",
        "broken location",
    ],
)
def test_a_broken_answer_on_a_fresh_connection_is_the_targets(
    said: bytes, end: str, status: int | None
) -> None:
    with listen(answer_with(said)) as url:
        asked = send_calls(transport_to(url))
    assert (asked.last.end, asked.last.status) == (end, status)
    assert len(asked.last.attempts) == 1
    assert asked.last.note


def test_what_came_before_the_break_is_kept() -> None:
    with listen(answer_with(b"HTTP/1.1 200 OK\r\nx: y\r\ncontent-length: 9\r\n\r\nfirst")) as url:
        seen = send_calls(transport_to(url)).last
    assert seen.body == b"first"
    assert ("x", "y") in seen.headers


def reset(sock: socket.socket) -> None:
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")


@pytest.mark.parametrize("how", ["closed", "reset"])
def test_a_break_on_a_reused_connection_is_asked_again_on_a_fresh_one(how: str) -> None:
    def talk(sock: socket.socket, number: int) -> None:
        read_request(sock)
        sock.sendall(OK)
        read_request(sock)
        if number == 0:
            if how == "reset":
                reset(sock)
            return
        sock.sendall(OK)

    with listen(talk) as url:
        asked = send_calls(transport_to(url), [HELLO, HELLO])
    assert [seen.end for seen in asked.exchanges] == ["complete", "complete"]
    first, second = asked.last.attempts
    assert (first.end, first.reused, first.status) == ("dropped", True, None)
    assert (second.end, second.reused, second.status) == ("complete", False, 200)
    assert asked.delays == [0.0, 0.0, 0.0]


def test_a_break_in_the_middle_is_not_asked_again_even_on_a_reused_connection() -> None:
    def talk(sock: socket.socket, number: int) -> None:
        read_request(sock)
        sock.sendall(OK)
        read_request(sock)
        sock.sendall(b"HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\n{")

    with listen(talk) as url:
        seen = send_calls(transport_to(url), [HELLO, HELLO]).last
    assert (seen.end, len(seen.attempts), seen.attempts[0].reused) == ("dropped", 1, True)


def test_a_connection_that_always_breaks_is_given_up_after_a_few_tries() -> None:
    with listen(answer_with(OK)) as url:
        transport = transport_to(url, limits=Limits(timeout=20.0, tries=3))
        assert send_calls(transport).last.end == "complete"
    asked = send_calls(transport)  # the port is closed now
    assert asked.last.end == "unreachable"
    assert len(asked.last.attempts) == 3
    assert asked.delays == [0.0, 0.5, 1.0]


def test_a_target_that_never_answered_is_not_asked_again() -> None:
    asked = send_calls(transport_to(f"http://127.0.0.1:{closed_port()}"))
    assert (asked.last.end, len(asked.last.attempts)) == ("unreachable", 1)


def endless(head: bytes, piece: bytes) -> Handler:
    def talk(sock: socket.socket, number: int) -> None:
        read_request(sock)
        sock.sendall(head)
        while True:
            sock.sendall(piece)

    return talk


def test_a_body_without_end_is_cut_at_the_cap() -> None:
    with listen(endless(CHUNKED, b"4\r\nabcd\r\n")) as url:
        seen = send_calls(transport_to(url, limits=Limits(timeout=20.0, body=1000))).last
    assert (seen.end, seen.status, len(seen.body)) == ("too-large", 200, 1001)
    assert seen.note == "more than 1000 bytes"


def test_a_body_of_just_the_cap_is_whole() -> None:
    with listen(answer_with(answer(b"x" * 1000))) as url:
        seen = send_calls(transport_to(url, limits=Limits(timeout=20.0, body=1000))).last
    assert (seen.end, len(seen.body)) == ("complete", 1000)


@pytest.mark.parametrize("said", [b"", b"HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\n{"])
def test_an_answer_without_end_is_a_timeout(said: bytes) -> None:
    def talk(sock: socket.socket, number: int) -> None:
        read_request(sock)
        sock.sendall(said)
        wait_for_close(sock)

    with listen(talk) as url:
        asked = send_calls(transport_to(url, limits=Limits(timeout=0.05)))
    assert asked.last.end == "timeout"
    assert asked.last.note == "no end after 0.05 s"
    assert len(asked.last.attempts) == 1


def test_interim_answers_without_end_are_a_timeout() -> None:
    with listen(endless(b"", b"HTTP/1.1 103 Early Hints\r\nlink: x\r\n\r\n")) as url:
        assert send_calls(transport_to(url, limits=Limits(timeout=0.05))).last.end == "timeout"


def test_redirects_are_not_followed() -> None:
    told: list[int] = []

    def elsewhere(sock: socket.socket, number: int) -> None:
        told.append(number)

    with (
        listen(elsewhere) as other,
        listen(answer_with(answer(b"", f"location: {other}/", status="307 x"))) as u,
    ):
        assert send_calls(transport_to(u)).last.status == 307
    assert told == []


def test_cookies_do_not_colour_the_next_shot() -> None:
    requests: list[bytes] = []

    def talk(sock: socket.socket, number: int) -> None:
        for _ in range(2):
            requests.append(read_request(sock))
            sock.sendall(answer(b"", "set-cookie: a=b; path=/"))

    with listen(talk) as url:
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
    ids=["gzip", "two members", "x-gzip", "deflate", "bare deflate"],
)
def test_a_body_that_comes_compressed_is_read_as_a_client_reads_it(
    coding: str, body: bytes
) -> None:
    with listen(answer_with(answer(body, f"content-encoding: {coding}"))) as url:
        seen = send_calls(transport_to(url)).last
    assert (seen.end, seen.body) == ("complete", b"hello")
    assert seen.note == f"the body came as {coding}"


@pytest.mark.parametrize(
    ("body", "note"),
    [
        (b"hello", "the body is not gzip"),
        (gzip.compress(b"hello", mtime=0)[:-9], "the body ends in the middle of its gzip"),
    ],
)
def test_a_body_that_is_not_what_it_says_is_malformed(body: bytes, note: str) -> None:
    with listen(answer_with(answer(body, "content-encoding: gzip"))) as url:
        seen = send_calls(transport_to(url)).last
    assert (seen.end, seen.note) == ("malformed", note)


@pytest.mark.parametrize("coding", ["br", "gzip, gzip", "identity"])
def test_a_coding_that_nobody_asked_for_is_left_as_it_came(coding: str) -> None:
    with listen(answer_with(answer(b"\x8b\x02", f"content-encoding: {coding}"))) as url:
        seen = send_calls(transport_to(url)).last
    assert (seen.end, seen.body) == ("complete", b"\x8b\x02")


def test_a_small_piece_that_unpacks_to_very_much_takes_no_memory() -> None:
    bomb = gzip.compress(b"\0" * 50_000_000, 1, mtime=0)
    with listen(answer_with(answer(bomb, "content-encoding: gzip"))) as url:
        tracemalloc.start()
        seen = send_calls(transport_to(url, limits=Limits(timeout=60.0, body=1_000_000))).last
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
    assert (seen.end, len(seen.body)) == ("too-large", 1_000_001)
    assert peak < 20_000_000


def of_status(*statuses: str) -> Handler:
    def talk(sock: socket.socket, number: int) -> None:
        for status in statuses:
            read_request(sock)
            line, *headers = status.split("; ")
            sock.sendall(answer(b"{}", *headers, status=line))

    return talk


def test_a_target_that_asks_for_patience_gets_it() -> None:
    with listen(of_status("429 x; retry-after: 7", "503 x", "200 OK")) as url:
        asked = send_calls(transport_to(url))
    assert [attempt.status for attempt in asked.last.attempts] == [429, 503, 200]
    assert asked.delays == [0.0, 7.0, 1.0]
    assert asked.last.status == 200


def test_patience_has_an_end() -> None:
    with listen(of_status(*["429 x"] * 9)) as url:
        asked = send_calls(transport_to(url))
    assert (asked.last.status, len(asked.last.attempts)) == (429, 4)


@pytest.mark.parametrize("call", [replace(HELLO, auth="limited"), HELLO])
def test_a_burst_is_not_sent_again(call: Call) -> None:
    """`limited` is to be refused; and who asks for an hour of patience is not asked again."""
    with listen(of_status("429 x; retry-after: 3600")) as url:
        assert len(send_calls(transport_to(url), [call]).last.attempts) == 1


def test_the_end_of_the_run_ends_the_tries() -> None:
    transport = transport_to(f"http://127.0.0.1:{closed_port()}")

    async def closed(pause: float) -> bool:
        return False

    async def run() -> None:
        seen = await transport.send(transport.connection(), "shot", HELLO, closed)
        assert (seen.end, seen.attempts) == ("not-sent", ())
        assert seen.note == "stopped before it was sent"

    asyncio.run(run())


def test_what_a_case_writes_is_sent_to_the_byte() -> None:
    requests: list[bytes] = []

    def talk(sock: socket.socket, number: int) -> None:
        requests.append(read_request(sock))
        sock.sendall(OK)

    headers = (("X-A", "1"), ("x-a", "2"), ("x-latin", "é"), ("x-far", "世"))
    raw_call = Call("openai", "POST", "/x?a=1", headers=headers, raw="{not json \ud800")
    body = {"text": "世 \ud800"}
    with listen(talk) as url:
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


def test_a_header_that_cannot_be_sent_is_not_the_targets_fault() -> None:
    with listen(answer_with(OK)) as url:
        seen = send_calls(transport_to(url), [replace(HELLO, headers=(("x", "a\nb"),))]).last
    assert seen.end == "not-sent"
