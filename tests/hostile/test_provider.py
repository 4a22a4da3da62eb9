"""The provider that `--upstream` plays stays small and answers, whatever a gateway sends to it."""

from __future__ import annotations

import contextlib
import json
import socket
import threading
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from harness.testbed.forward import Forwarding
from harness.testbed.forward.http_client import http_sender
from harness.testbed.gateway.gateway import Gateway
from harness.testbed.http_server.server import respond_in_threads, serve_in_thread
from harness.testbed.keys import PROVIDER_KEY
from harness.testbed.mock_provider.process import UpstreamProcess
from tests.support import pack_on_disk
from tests.support.raw_server import closed_port

MB = 2**20
MEGABYTES = 150
Attack = Callable[[socket.socket], None]
START = b"POST /v1/chat/completions HTTP/1.1\r\nhost: x\r\n"
HEAD = START + b"authorization: Bearer " + PROVIDER_KEY.encode() + b"\r\n"
CHUNKED = HEAD + b"transfer-encoding: chunked\r\n\r\n"
HI = json.dumps({"model": "m", "messages": [{"role": "user", "content": "hi"}]}).encode()


def post(body: bytes, head: bytes = HEAD) -> bytes:
    return head + b"content-length: %d\r\n\r\n" % len(body) + body


def say(content: bytes) -> bytes:
    return post(b'{"model": "m", "messages": [{"role": "user", "content": "%b"}]}' % content)


def send(*pieces: bytes) -> Attack:
    """Send these bytes, and read what comes until the end."""

    def attack(sock: socket.socket) -> None:
        for piece in pieces:
            sock.sendall(piece)
        sock.shutdown(socket.SHUT_WR)
        while sock.recv(65536):
            pass

    return attack


def often(piece: bytes, count: int) -> Attack:
    """Send a piece many times, or until the other side closes."""
    return lambda sock: send(*[piece] * count)(sock)


def get(path: bytes) -> Attack:
    return send(b"GET " + path + b" HTTP/1.1\r\nhost: x\r\n\r\n")


# name -> (attack, how many connections do it at once, the statuses that are recorded)
ATTACKS: Mapping[str, tuple[Attack, int, set[int]]] = {
    "a large body": (send(say(b"x" * MB)), 1, {200}),
    "too large a body": (send(say(b"x" * (30 * MB))), 1, {413}),
    "many large bodies": (send(say(b"x" * MB)), 4, {200}),
    "many bodies that stay open": (
        lambda sock: sock.sendall(HEAD + b"content-length: 4000000\r\n\r\n" + b"x" * 200_000),
        60,
        set(),
    ),
    "a body without end": (
        send(
            HEAD + b"transfer-encoding: chunked\r\n\r\n",
            *[b"10000\r\n" + b"x" * 65536 + b"\r\n"] * 99,
        ),
        1,
        {413},
    ),
    "backslashes": (send(say(b"\\\\" * (MB // 2))), 1, {200}),
    "unfinished marks": (send(say(b"\\\\n[ref:aaaaaaa]" * 40_000)), 1, {200}),
    "deep arrays": (send(post(b"[" * MB)), 1, {400}),
    "many members": (
        send(post(b"{" + b",".join(b'"k%d": 1' % n for n in range(200_000)) + b"}")),
        1,
        {400},
    ),
    "no utf-8": (send(post(b'{"model": "\xff\xfe"}')), 1, {400}),
    "no number": (send(post(b'{"model": "m", "n": NaN, "top_p": 1e999}')), 1, {400}),
    "half of surrogate pairs": (send(say(b"\\ud800 \\udfff")), 1, {200}),
    "a long count": (send(say(b"Count from 1 to 999999999, separated by spaces.")), 1, {200}),
    "many requests at once": (often(post(HI), 300), 1, {200}),
    "no key": (send(post(HI, START)), 1, {401}),
    "another key": (send(post(HI, START + b"authorization: Bearer \xff\x01x\r\n")), 1, {401}),
    "a path out of the root": (get(b"/../../etc/passwd"), 1, {401}),
    "a path with a command": (get(b"/::error::x"), 1, {401}),
    "a path with an escape": (get(b"/\x1b[2J"), 1, set()),
    "a long path": (get(b"/" + b"a" * 60_000), 1, {401}),
    "a page of another server": (get(b"http://outside.invalid/v1/models"), 1, {401}),
    "a tunnel": (send(b"CONNECT a:1 HTTP/1.1\r\nhost: x\r\n\r\nx"), 1, {401}),
    "another protocol": (send(b"\x16\x03\x01\0\0\xff" * 99 + b"\r\n\r\n"), 1, set()),
    "two lengths": (send(HEAD + b"content-length: 2\r\ncontent-length: 3\r\n\r\n{}"), 1, set()),
    "a length below zero": (send(HEAD + b"content-length: -1\r\n\r\n{}"), 1, set()),
    "a long length": (send(HEAD + b"content-length: " + b"9" * 5_000 + b"\r\n\r\n{}"), 1, set()),
    "half a body": (send(HEAD + b"content-length: 99\r\n\r\n{"), 1, set()),
    "headers without end": (often(START + b"x: y\r\n" * 9_999, 9), 1, set()),
    "many connections": (lambda sock: None, 700, set()),
}


def address(url: str) -> tuple[str, int]:
    parts = urlsplit(url)
    assert parts.hostname is not None
    assert parts.port is not None
    return parts.hostname, parts.port


@contextlib.contextmanager
def attacked(url: str, attack: Attack, count: int) -> Iterator[None]:
    """Attack over so many connections at once, which stay open for the time of the block."""
    with contextlib.ExitStack() as stack:
        sockets = [
            stack.enter_context(socket.create_connection(address(url))) for _ in range(count)
        ]

        def act(sock: socket.socket) -> None:
            with contextlib.suppress(OSError):
                attack(sock)

        threads = [threading.Thread(target=act, args=[sock]) for sock in sockets]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        yield


def peak(pid: int) -> int:
    """Return the peak memory of a process in MB."""
    lines = Path(f"/proc/{pid}/status").read_text("utf-8").splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM")) // 1024


@pytest.fixture(scope="module", name="provider")
def fixture_provider() -> Iterator[UpstreamProcess]:
    with UpstreamProcess() as process:
        yield process


@pytest.mark.parametrize("name", ATTACKS)
def test_the_provider_survives_a_gateway(provider: UpstreamProcess, name: str) -> None:
    attack, count, statuses = ATTACKS[name]
    with attacked(provider.url, attack, count):
        assert {each["status"] for each in provider.strays()} == statuses
        answers: list[bytes] = []
        with socket.create_connection(address(provider.url)) as sock:
            sock.sendall(post(HI))
            answers.append(sock.recv(65536))
    assert answers[0].startswith(b"HTTP/1.1 200 ")
    assert [each["status"] for each in provider.strays()] == [200]
    assert peak(provider._process.pid) < MEGABYTES


QUICK = ("no key", "a page of another server", "two lengths", "no utf-8", "backslashes")


def test_a_run_reports_what_a_gateway_sends_to_its_provider(tiny_pack: Path) -> None:
    """The gateway attacks its provider before it forwards each request as it should."""
    port = closed_port()
    url = f"http://127.0.0.1:{port}"
    gateway = Gateway(pace=0.0, provider=Forwarding({"anthropic": http_sender(url)}))
    attacks = list(QUICK)

    def respond(request: Mapping[str, Any]) -> Any:
        while attacks:
            with attacked(url, ATTACKS[attacks.pop()][0], 1):
                pass
        return gateway.respond(request)

    with serve_in_thread(respond_in_threads(respond, 8)) as target:
        words = ("--upstream", f"127.0.0.1:{port}")
        result = pack_on_disk.run_against(f"{target}/compat/v1", tiny_pack, *words)
    out = tiny_pack.parent / "out"
    assert result.code == 0, result.out + result.err
    assert set(pack_on_disk.outcomes(out).values()) == {"pass"}
    assert sorted(pack_on_disk.read_report(out)["unexpected"]) == [
        "GET http://outside.invalid/v1/models, answered 401",
        "POST /v1/chat/completions, answered 200",
        "POST /v1/chat/completions, answered 400",
        "POST /v1/chat/completions, answered 401",
    ]
