"""The HTTP server sends the requested bytes in time and survives misbehaving clients."""

from __future__ import annotations

import asyncio
import json
import socket
import subprocess
import sys
from collections.abc import Iterator, Mapping
from typing import Any

import httpx
import pytest

from harness.testbed.gateway.__main__ import main
from harness.testbed.gateway.gateway import Gateway
from harness.testbed.http_server import connection
from harness.testbed.http_server.server import serve_in_thread
from harness.testbed.keys import GATEWAY_KEY as KEY

AUTH = {"authorization": f"Bearer {KEY}"}
BASE = {
    "model": "builtin-1",
    "messages": [{"role": "user", "content": "Reply with the single word: ready"}],
}
STREAM = {**BASE, "stream": True}


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    with serve_in_thread(Gateway(max_body=100_000).respond, max_body=100_000) as address:
        yield address


@pytest.fixture
def client(url: str) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=url, headers=AUTH, trust_env=False) as http_client:
        yield http_client


def send_bytes(url: str, data: bytes, half_close: bool = True) -> bytes:
    """The response to these bytes, until the server closes the connection."""
    host, port = url.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port)), timeout=10) as sock:
        sock.sendall(data)
        if half_close:
            sock.shutdown(socket.SHUT_WR)
        return b"".join(iter(lambda: sock.recv(65536), b""))


def raw(body: bytes, *headers: str, version: str = "1.1", method: str = "POST") -> bytes:
    lines = [
        f"{method} /v1/chat/completions HTTP/{version}",
        "host: x",
        f"authorization: Bearer {KEY}",
        *(headers or [f"content-length: {len(body)}"]),
    ]
    return "\r\n".join([*lines, "", ""]).encode() + body


BODY = json.dumps(BASE).encode()


def test_a_plain_answer_is_framed_by_its_length(client: httpx.Client) -> None:
    reply = client.post("/v1/chat/completions", json=BASE)
    assert reply.status_code == 200
    assert reply.reason_phrase == "OK"
    assert int(reply.headers["content-length"]) == len(reply.content)
    assert reply.json()["choices"][0]["message"]["content"] == "ready"


def test_connections_are_kept_alive(url: str) -> None:
    answers = send_bytes(url, raw(BODY) * 3)
    assert answers.count(b"HTTP/1.1 200 OK") == 3
    assert b"connection: close" not in answers


def test_connection_close_is_honoured(url: str) -> None:
    length = f"content-length: {len(BODY)}"
    for request in (raw(BODY, length, "connection: close"), raw(BODY, version="1.0")):
        answer = send_bytes(url, request, half_close=False)
        assert b"connection: close" in answer


def test_chunked_request_body_is_accepted(url: str) -> None:
    chunks = b"%x\r\n%b\r\n0\r\n\r\n" % (len(BODY), BODY)
    assert b"200 OK" in send_bytes(url, raw(chunks, "transfer-encoding: chunked"))


def test_expect_continue_is_answered(url: str) -> None:
    host, port = url.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port)), timeout=10) as sock:
        sock.sendall(raw(b"", f"content-length: {len(BODY)}", "expect: 100-continue"))
        assert sock.recv(65536).startswith(b"HTTP/1.1 100 ")
        sock.sendall(BODY)
        assert sock.recv(65536).startswith(b"HTTP/1.1 200 ")


def test_head_gets_no_body(url: str) -> None:
    head, _, body = send_bytes(url, raw(b"", method="HEAD")).partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 405 ")
    assert body == b""


def arrivals(reply: Mapping[str, Any]) -> list[bytes]:
    """The pieces that a reader receives if the server waits until each piece is read."""
    gate = asyncio.Event()
    pieces: list[bytes] = []

    async def gated(_: float) -> None:
        await gate.wait()
        gate.clear()

    async def read(reader: asyncio.StreamReader) -> None:
        while piece := await reader.read(65536):
            pieces.append(piece)
            gate.set()

    async def run() -> None:
        server = await asyncio.start_server(
            lambda r, w: connection.Connection(lambda _: reply, 1000, r, w).serve(), "127.0.0.1", 0
        )
        port = server.sockets[0].getsockname()[1]
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(b"GET / HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n")
        await read(reader)
        writer.close()
        await writer.wait_closed()
        server.close()

    patch = pytest.MonkeyPatch()
    patch.setattr(asyncio, "sleep", gated)
    try:
        asyncio.run(run())
    finally:
        patch.undo()
    return pieces


def test_stream_pieces_arrive_with_their_pauses() -> None:
    """Each pause ends when the piece before it has been read, so that pieces are not merged."""
    chunks = [b"data: one\n\n", "data: zw\u00f6lf\n\n".encode(), b"data: [DONE]\n\n"]
    reply = {"status": 200, "headers": [], "framing": "chunked", "end": "keep"}
    pieces = arrivals({**reply, "chunks": chunks, "pauses": [0.0, 0.1, 0.1]})
    assert len(pieces) >= 3
    for piece, chunk in zip(pieces, chunks, strict=False):
        assert chunk in piece


def test_each_piece_of_a_stream_is_an_event(client: httpx.Client) -> None:
    with client.stream("POST", "/v1/chat/completions", json=STREAM) as reply:
        assert reply.headers["transfer-encoding"] == "chunked"
        assert reply.headers["content-type"] == "text/event-stream"
        text = "".join(reply.iter_text())
    assert text.startswith("data: {")
    assert text.endswith("\n\ndata: [DONE]\n\n")


def reply_of(**changes: Any) -> dict[str, Any]:
    """A reply of two pieces, with these changes."""
    return {
        "status": 200,
        "headers": [("X-Odd", "1"), ("x-odd", "2")],
        "chunks": [b"one", b"two"],
        "pauses": [0.0, 0.0],
        "framing": "length",
        "end": "keep",
        **changes,
    }


@pytest.mark.parametrize(
    ("changes", "end"),
    [
        ({}, b"content-length: 6\r\n\r\nonetwo"),
        ({"end": "close"}, b"content-length: 6\r\nconnection: close\r\n\r\nonetwo"),
        ({"framing": "close"}, b"x-odd: 2\r\nconnection: close\r\n\r\nonetwo"),
        ({"framing": "chunked"}, b"chunked\r\n\r\n3\r\none\r\n3\r\ntwo\r\n0\r\n\r\n"),
        ({"framing": "chunked", "end": "drop"}, b"connection: close\r\n\r\n3\r\none\r\n"),
        ({"end": "drop"}, b"content-length: 6\r\nconnection: close\r\n\r\none"),
        ({"end": "drop", "chunks": [b"x"], "pauses": [0.0]}, b"connection: close\r\n\r\n"),
        ({"end": "drop", "chunks": [], "pauses": []}, b""),
        ({"chunks": [b"", b"x"], "framing": "chunked"}, b"\r\n\r\n1\r\nx\r\n0\r\n\r\n"),
        ({"status": 299, "chunks": [], "pauses": []}, b"content-length: 0\r\n\r\n"),
    ],
)
def test_framing_and_end_are_written_as_requested(changes: Any, end: bytes) -> None:
    with serve_in_thread(lambda _: reply_of(**changes)) as address:
        answer = send_bytes(address, b"GET / HTTP/1.1\r\nhost: x\r\n\r\n")
    assert answer.endswith(end)
    assert not end or b"X-Odd: 1\r\nx-odd: 2\r\n" in answer


@pytest.mark.parametrize(
    "garbage",
    [
        b"hello\r\n\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00",
        b"GET / HTTP/1.1\r\nhost: x\r\ncontent-length: x\r\n\r\n",
        b"GET / HTTP/1.1\r\n" + b"x: " + b"y" * 100_000,
        b"POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 9\r\n\r\nshort",
    ],
    ids=["words", "tls", "length", "endless header", "cut off"],
)
def test_invalid_http_is_rejected_without_affecting_others(url: str, garbage: bytes) -> None:
    head, _, body = send_bytes(url, garbage).partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 4")
    assert json.loads(body)["error"]["type"] == "invalid_request_error"
    assert b"200 OK" in send_bytes(url, raw(BODY))


def test_client_may_disconnect_without_a_request(url: str) -> None:
    assert send_bytes(url, b"") == b""
    for data in (b"POST", raw(json.dumps(STREAM).encode())):
        host, port = url.removeprefix("http://").split(":")
        with socket.create_connection((host, int(port)), timeout=10) as sock:
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
            sock.sendall(data)
    assert b"200 OK" in send_bytes(url, raw(BODY))


@pytest.mark.parametrize("framing", ["content-length: 200000", "transfer-encoding: chunked"])
def test_body_that_is_too_large_is_rejected_without_reading_on(url: str, framing: str) -> None:
    body = b"30d40\r\n" + b" " * 200_000
    answer = send_bytes(url, raw(body, framing))
    assert answer.startswith(b"HTTP/1.1 413 ")
    assert b"connection: close" in answer


def test_exception_in_respond_becomes_a_500(url: str) -> None:
    def crash(_: Any) -> Any:
        raise ZeroDivisionError

    with serve_in_thread(crash) as address:
        reply = httpx.get(address, trust_env=False)
    assert reply.status_code == 500
    assert reply.json()["error"]["type"] == "server_error"


def test_idle_connection_is_closed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connection, "IDLE_SECONDS", 0.01)
    monkeypatch.setattr(connection, "DRAIN_SECONDS", 0.01)
    with serve_in_thread(Gateway().respond) as address:
        assert send_bytes(address, b"POST / HT", half_close=False) == b""


def test_forty_clients_are_served_at_once() -> None:
    """All forty requests must be open at the same time."""

    async def ask(client: httpx.AsyncClient) -> int:
        reply = await client.post("/v1/chat/completions", json=STREAM)
        return reply.text.count("data: ")

    async def run(address: str) -> list[int]:
        limits = httpx.Limits(max_connections=40)
        async with httpx.AsyncClient(
            base_url=address, headers=AUTH, limits=limits, trust_env=False
        ) as client:
            return await asyncio.gather(*[ask(client) for _ in range(40)])

    with serve_in_thread(Gateway().respond) as address:
        assert asyncio.run(run(address)) == [4] * 40


def launch(*options: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "harness.testbed.gateway", *options]
    pipe = subprocess.PIPE
    return subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=pipe, text=True)


def test_process_prints_its_url_and_ends_with_stdin() -> None:
    process = launch("--rpm", "1")
    assert process.stdout is not None
    address = process.stdout.readline().strip()
    statuses = [
        httpx.post(
            f"{address}/v1/chat/completions", json=BASE, headers=AUTH, trust_env=False
        ).status_code
        for _ in range(2)
    ]
    output, errors = process.communicate(timeout=20)
    assert statuses == [200, 429]
    assert (output, errors, process.returncode) == ("", "", 0)


def test_port_in_use_is_reported(
    url: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    port = url.rsplit(":", 1)[1]
    assert main(["--port", port]) == 1
    assert capsys.readouterr().err.startswith(f"gateway: cannot listen on port {port}: ")


@pytest.mark.parametrize("kind", ["mutant", "variant"])
def test_unknown_id_is_rejected(kind: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as stopped:
        main([f"--{kind}", "nobody"])
    assert stopped.value.code == 2
    assert f"no {kind} is called 'nobody'" in capsys.readouterr().err
