"""Requests are sent concurrently within a window; cases are reported in order."""

from __future__ import annotations

import re
import socket
import threading
from pathlib import Path

import pytest

from harness.run import CaseResult, LiveSession, sender
from harness.run.repeated_case import RepeatedCase
from tests.support import pack_on_disk
from tests.support.raw_server import encode_reply, listen, parse_request, read_request

MANY = "pack: tiny\ncases:\n" + "".join(
    f"  - {{id: case-{n}, row: n, modes: [plain], request: {{body: {{field: {n}}}}}}}\n"
    for n in range(24)
)


class BarrierGateway:
    """The reference gateway, which answers when `count` requests wait for an answer."""

    def __init__(self, count: int) -> None:
        self.respond, self.barrier = (
            pack_on_disk.correct_gateway(),
            threading.Barrier(count, timeout=30),
        )
        self.lock, self.waiting, self.maximum = threading.Lock(), 0, 0

    def __call__(self, sock: socket.socket, number: int) -> None:
        while request := read_request(sock):
            if b'"field"' in request:
                with self.lock:
                    self.waiting += 1
                    self.maximum = max(self.maximum, self.waiting)
                self.barrier.wait()
                with self.lock:
                    self.waiting -= 1
            sock.sendall(encode_reply(self.respond(parse_request(request))))


@pytest.mark.parametrize("together", [2, 4])
def test_requests_are_concurrent_and_cases_are_reported_in_order(
    tiny_pack: Path, together: int
) -> None:
    pack_on_disk.pack(tiny_pack, MANY)
    gateway = BarrierGateway(together)
    with listen(gateway) as url:
        given = [f"--llm-target={url}/v1", "--llm-model=builtin-1", "--llm-api-key-env=TINY_KEY"]
        result = pack_on_disk.run_pytest(tiny_pack, "-v", f"--llm-concurrency={together}", *given)
    assert result.code == 0
    assert re.findall(r"::case-(\d+) PASSED", result.out) == [str(n) for n in range(24)]
    assert gateway.maximum == together


def test_requests_are_sent_at_most_one_window_ahead(
    tiny_pack: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """While the first answer is held back, only requests within the window are sent."""
    pack_on_disk.pack(tiny_pack, MANY)
    respond, lock, sent = pack_on_disk.correct_gateway(), threading.Lock(), set[int]()
    go = threading.Event()

    def handle(sock: socket.socket, number: int) -> None:
        while request := read_request(sock):
            field = re.search(rb'"field": (\d+)', request)
            if field:
                with lock:
                    sent.add(int(field[1]))
                    if len(sent) == 4:
                        go.set()
                if field[1] == b"0":
                    assert go.wait(30)
            sock.sendall(encode_reply(respond(parse_request(request))))

    monkeypatch.setattr(sender, "WINDOW", 3)
    sent_before: list[set[int]] = []
    original = LiveSession.judge

    def judge(self: LiveSession, repeated: RepeatedCase) -> CaseResult:
        result = original(self, repeated)
        if not sent_before:
            with lock:
                sent_before.append(set(sent))
        return result

    monkeypatch.setattr(LiveSession, "judge", judge)
    with listen(handle) as url:
        assert pack_on_disk.run_against(f"{url}/v1", tiny_pack).code == 0
    assert sent_before == [{0, 1, 2, 3}]
    assert sent == set(range(24))
