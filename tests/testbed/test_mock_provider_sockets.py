"""The mock provider sends scripted bytes over a real socket."""

from __future__ import annotations

import asyncio
import json
import socket
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import pytest

from harness.testbed.http_server.server import serve_in_thread
from harness.testbed.keys import PROVIDER_KEY as KEY
from harness.testbed.mock_provider.__main__ import main
from harness.testbed.mock_provider.server import Upstream
from tests.support.gateway_behind_provider import CHAT, MARK, Body

STREAM: Body = {**CHAT, "stream": True}


def send_request(url: str, body: Body = STREAM) -> bytes:
    """All bytes of the answer until the server closes the connection."""
    data = json.dumps(body).encode()
    head = f"POST /v1/chat/completions HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {KEY}\r\n"
    host, port = url.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port)), timeout=10) as sock:
        sock.sendall(f"{head}connection: close\r\ncontent-length: {len(data)}\r\n\r\n".encode())
        sock.sendall(data)
        return b"".join(iter(lambda: sock.recv(65536), b""))


@contextmanager
def serve_provider(reply: Body) -> Iterator[str]:
    with serve_in_thread(Upstream({MARK: reply}).respond) as url:
        yield url


def test_bytes_script_writes_single_bytes() -> None:
    with serve_provider({"text": "世界", "bytes": True}) as url:
        _, _, body = send_request(url).partition(b"\r\n\r\n")
    sizes, rest = [], body
    while rest:
        size, _, rest = rest.partition(b"\r\n")
        sizes.append(int(size, 16))
        rest = rest[sizes[-1] + 2 :]
    assert set(sizes[:-1]) == {1}
    assert sizes[-1] == 0


def test_drop_after_two_deltas_ends_the_stream_early() -> None:
    fail = {"after": 2, "with": "drop"}
    with serve_provider({"text": "abcd", "cut": [1, 2, 3], "fail": fail}) as url:
        data = send_request(url)
    assert data.startswith(b"HTTP/1.1 200 OK")
    assert b'"content":"b"' in data
    assert not data.endswith(b"0\r\n\r\n")


def test_silence_after_two_deltas_ends_cleanly_without_an_end_mark() -> None:
    fail = {"after": 2, "with": "silence"}
    with serve_provider({"text": "abcd", "cut": [1, 2, 3], "fail": fail}) as url:
        data = send_request(url)
    assert data.endswith(b"0\r\n\r\n")
    assert b"[DONE]" not in data


def test_drop_before_the_first_byte_sends_nothing() -> None:
    with serve_provider({"fail": {"after": 0, "with": "drop"}}) as url:
        assert send_request(url) == b""


def test_silence_before_the_first_byte_is_an_empty_answer() -> None:
    with serve_provider({"fail": {"after": 0, "with": "silence"}}) as url:
        assert send_request(url).endswith(b"\r\n\r\n")


def test_pause_happens_once(monkeypatch: pytest.MonkeyPatch) -> None:
    waited: list[float] = []

    async def sleep(seconds: float) -> None:
        waited.append(seconds)

    monkeypatch.setattr(asyncio, "sleep", sleep)
    with serve_provider({"text": "abcd", "cut": [1, 2, 3], "gap": 30.0}) as url:
        data = send_request(url)
    assert waited == [30.0]
    assert b"[DONE]" in data


def test_respond_may_return_an_awaitable() -> None:
    upstream = Upstream({MARK: {"text": "scripted"}})

    async def respond(request: Mapping[str, Any]) -> Mapping[str, Any]:
        return upstream.respond(request)

    with serve_in_thread(respond) as url:
        assert b"scripted" in send_request(url, CHAT)


def test_port_in_use_is_reported() -> None:
    with serve_provider({}) as url:
        port = int(url.rpartition(":")[2])
        with pytest.raises(OSError, match="in use"), serve_in_thread(Upstream().respond, port=port):
            pass


def test_provider_command_logs_requests() -> None:
    command = [sys.executable, "-m", "harness.testbed.mock_provider"]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, stdin=pipe, stdout=pipe, text=True) as process:
        assert process.stdout is not None
        assert process.stdin is not None
        url = process.stdout.readline().strip()
        assert b"ready" in send_request(url, CHAT)
        assert process.stdout.readline() == "200 POST /v1/chat/completions\n"
        process.stdin.close()
        assert process.wait(10) == 0


def test_provider_command_reports_an_unavailable_address(
    capsys: pytest.CaptureFixture[str],
) -> None:
    with serve_provider({}) as url:
        port = url.rpartition(":")[2]
        assert main(["--port", port]) == 1
    assert f"cannot listen on 127.0.0.1:{port}" in capsys.readouterr().err
