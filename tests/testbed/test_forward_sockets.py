"""The gateway forwards over real sockets and reports interrupted replies."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress

import anthropic
import httpx
import openai
import pytest

from harness.testbed.forward import Forwarding, http_client
from harness.testbed.forward.http_client import http_sender
from harness.testbed.gateway.__main__ import main
from harness.testbed.gateway.gateway import Gateway
from harness.testbed.http_server.server import respond_in_threads, serve_in_thread
from harness.testbed.keys import GATEWAY_KEY as KEY
from harness.testbed.mock_provider.server import Upstream
from tests.support.gateway_behind_provider import MARK, MARKED, ROUTES, Body
from tests.support.raw_server import answer_with, closed_port, listen, read_request, wait_for_close

routes = pytest.mark.parametrize(("caller", "provider"), ROUTES)
ASK: Body = {
    "model": "builtin-1",
    "max_tokens": 50,
    "messages": [{"role": "user", "content": MARKED}],
}
PAGES = {"openai": "/v1/chat/completions", "anthropic": "/v1/messages"}
FRAGMENTED: Body = {
    "text": "Grüße, 世界 🌍",
    "fragments": 1,
    "bytes": True,
    "pings": 1,
    "gap": 0.01,
}


@contextmanager
def serve_gateway(provider: str, url: str, seconds: float = 10.0) -> Iterator[httpx.Client]:
    """A client of a gateway that forwards to the provider at this address."""
    gateway = Gateway(provider=Forwarding({provider: http_sender(url, seconds)}))
    key = {
        "x-api-key": KEY,
        "authorization": f"Bearer {KEY}",
        "anthropic-version": "2023-06-01",
    }
    with (
        serve_in_thread(respond_in_threads(gateway.respond, 8)) as address,
        httpx.Client(base_url=address, headers=key, trust_env=False, timeout=20) as client,
    ):
        yield client


@contextmanager
def serve_gateway_and_provider(
    provider: str, reply: Body | None
) -> Iterator[tuple[httpx.Client, Upstream]]:
    upstream = Upstream({MARK: reply})
    with serve_in_thread(upstream.respond) as url, serve_gateway(provider, url) as client:
        yield client, upstream


@routes
def test_fragmented_stream_is_forwarded_completely(caller: str, provider: str) -> None:
    with serve_gateway_and_provider(provider, FRAGMENTED) as (client, upstream):
        plain = client.post(PAGES[caller], json=ASK)
        response = client.post(PAGES[caller], json={**ASK, "stream": True}).text
    assert "Grüße, 世界 🌍" in plain.text
    words = [json.loads(line[6:]) for line in response.splitlines() if line.startswith("data: {")]
    if caller == "openai":
        pieces = [w["choices"][0]["delta"].get("content") or "" for w in words if w["choices"]]
    else:
        pieces = [w["delta"].get("text") or "" for w in words if "delta" in w]
    assert "".join(pieces) == "Grüße, 世界 🌍"
    names = [name for name, _ in upstream.take(MARK)[0]["headers"]]
    assert names.count("content-length") == 1
    assert len(names) == len(set(names))


@routes
@pytest.mark.parametrize("after", [0, 2])
@pytest.mark.parametrize("stream", [False, True])
def test_a_dropped_connection_is_an_error(
    caller: str, provider: str, after: int, stream: bool
) -> None:
    fail = {"after": after, "with": "drop"}
    with serve_gateway_and_provider(provider, {"text": "abcd", "cut": [1, 2, 3], "fail": fail}) as (
        client,
        _,
    ):
        response = client.post(PAGES[caller], json={**ASK, "stream": stream})
    if stream and after:
        assert response.status_code == 200
        last = json.loads(response.text.rstrip().rpartition("data: ")[2])
        assert last["error"]["message"]
    else:
        assert response.status_code == 502
        assert response.json()["error"]["message"]


def test_official_clients_with_provider_of_the_other_protocol() -> None:
    upstream = Upstream({MARK: {"text": "Hi", "stop": "max_tokens"}})
    both = ("anthropic", "openai")
    with serve_in_thread(upstream.respond) as url:
        gateway = Gateway(provider=Forwarding({name: http_sender(f"{url}/v1/") for name in both}))
        with (
            serve_in_thread(respond_in_threads(gateway.respond, 4)) as address,
            openai.OpenAI(api_key=KEY, base_url=f"{address}/v1", max_retries=0) as one,
            anthropic.Anthropic(api_key=KEY, base_url=address, max_retries=0) as other,
        ):
            chat = one.chat.completions.create(
                model="builtin-1", messages=[{"role": "user", "content": MARKED}]
            )
            with other.messages.stream(
                model="builtin-1", max_tokens=9, messages=[{"role": "user", "content": MARKED}]
            ) as stream:
                message = stream.get_final_message()
    assert (chat.choices[0].message.content, chat.choices[0].finish_reason) == ("Hi", "length")
    assert (message.content[0].type, message.stop_reason) == ("text", "max_tokens")
    assert [one["protocol"] for one in upstream.take(MARK)] == ["anthropic", "openai"]


def test_concurrent_requests_wait_for_the_provider() -> None:
    barrier = threading.Barrier(4, timeout=10)

    def serve(sock: socket.socket, number: int) -> None:
        barrier.wait()
        answer_with(b"HTTP/1.1 500 x\r\ncontent-length: 0\r\n\r\n")(sock, number)

    with (
        listen(serve) as url,
        serve_gateway("openai", url) as client,
        ThreadPoolExecutor(4) as pool,
    ):
        response = pool.map(lambda _: client.post(PAGES["openai"], json=ASK).status_code, range(4))
        assert list(response) == [500] * 4


@pytest.mark.parametrize(
    ("answer", "status"),
    [
        (b"", 502),
        (b"SSH-2.0-x\r\n", 502),
        (b"HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\n{}", 502),
        (b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n2\r\n{}\r\n", 502),
        (b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nzz\r\n", 502),
        (b"HTTP/1.1 500 x\r\nContent-Type: text/html\r\ncontent-length: 6\r\n\r\n<html>", 500),
    ],
    ids=lambda value: str(value)[:40],
)
def test_any_provider_failure_becomes_an_error_object(answer: bytes, status: int) -> None:
    with listen(answer_with(answer)) as url, serve_gateway("openai", url) as client:
        response = client.post(PAGES["openai"], json=ASK)
    assert (response.status_code, set(response.json())) == (status, {"error"})


def test_unreachable_provider_is_an_error() -> None:
    with serve_gateway("openai", f"http://127.0.0.1:{closed_port()}") as client:
        assert client.post(PAGES["anthropic"], json=ASK).status_code == 502


def test_provider_timeout_is_an_error() -> None:
    def serve(sock: socket.socket, number: int) -> None:
        wait_for_close(sock)

    with listen(serve) as url, serve_gateway("anthropic", url, seconds=0.2) as client:
        assert client.post(PAGES["openai"], json=ASK).status_code == 504


def test_an_answer_without_end_is_cut_off(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http_client, "MAX_ANSWER", 100_000)
    ended = threading.Event()

    def serve(sock: socket.socket, number: int) -> None:
        read_request(sock)
        sock.sendall(b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n\r\n")
        with suppress(OSError):
            while True:
                sock.sendall(bytes(65536))
        ended.set()

    with listen(serve) as url, serve_gateway("openai", url) as client:
        assert client.post(PAGES["openai"], json=ASK).status_code == 502
        assert ended.wait(10)


@pytest.mark.parametrize("url", ["127.0.0.1:80", "ftp://x", "http://", ""])
def test_provider_url_needs_scheme_and_host(url: str) -> None:
    with pytest.raises(ValueError, match="not a provider URL"):
        http_sender(url)


def test_gateway_command_forwards_to_providers() -> None:
    upstream = Upstream({MARK: {"text": "scripted"}})
    with serve_in_thread(upstream.respond) as url:
        command = [
            sys.executable,
            "-m",
            "harness.testbed.gateway",
            "--provider-anthropic",
            url,
        ]
        pipe = subprocess.PIPE
        with subprocess.Popen(command, stdin=pipe, stdout=pipe, text=True) as process:
            assert process.stdout is not None
            address = process.stdout.readline().strip()
            response = httpx.post(
                address + PAGES["openai"],
                json=ASK,
                headers={"authorization": f"Bearer {KEY}"},
                trust_env=False,
            )
    assert response.json()["choices"][0]["message"]["content"] == "scripted"
    assert [one["protocol"] for one in upstream.take(MARK)] == ["anthropic"]


def test_invalid_provider_url_is_a_usage_error(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["--provider-openai", "nowhere"])
    assert "not a provider URL" in capsys.readouterr().err
