"""Shots fly at once, within a window, while the cases are told in their order."""

from __future__ import annotations

import re
import socket
import threading
from pathlib import Path

import pytest

from harness.model import Plan
from harness.run import CaseResult, LiveSession, sender
from tests.support import pack_on_disk
from tests.support.raw_server import encode_reply, listen, parse_request, read_request

MANY = "pack: tiny\ncases:\n" + "".join(
    f"  - {{id: case-{n}, row: n, modes: [plain], request: {{body: {{field: {n}}}}}}}\n"
    for n in range(24)
)


class Meeting:
    """The right gateway, which answers nobody's field before `guests` have come."""

    def __init__(self, guests: int) -> None:
        self.right, self.barrier = (
            pack_on_disk.correct_gateway(),
            threading.Barrier(guests, timeout=30),
        )
        self.lock, self.inside, self.most = threading.Lock(), 0, 0

    def __call__(self, sock: socket.socket, number: int) -> None:
        while request := read_request(sock):
            if b'"field"' in request:
                with self.lock:
                    self.inside += 1
                    self.most = max(self.most, self.inside)
                self.barrier.wait()
                with self.lock:
                    self.inside -= 1
            sock.sendall(encode_reply(self.right(parse_request(request))))


@pytest.mark.parametrize("together", [8, 12])
def test_requests_are_concurrent_and_cases_are_reported_in_order(
    tiny_pack: Path, together: int
) -> None:
    pack_on_disk.pack(tiny_pack, MANY)
    meeting = Meeting(together)
    with listen(meeting) as url:
        given = [f"--llm-target={url}/v1", "--llm-model=builtin-1", "--llm-api-key-env=TINY_KEY"]
        result = pack_on_disk.run_pytest(tiny_pack, "-v", f"--llm-concurrency={together}", *given)
    assert result.code == 0
    assert re.findall(r"::case-(\d+) PASSED", result.out) == [str(n) for n in range(24)]
    assert meeting.most == together


def test_requests_are_sent_at_most_one_window_ahead(
    tiny_pack: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With the first case's answer held back, only those within the window have been asked."""
    pack_on_disk.pack(tiny_pack, MANY)
    right, lock, asked = pack_on_disk.correct_gateway(), threading.Lock(), set[int]()
    go = threading.Event()

    def talk(sock: socket.socket, number: int) -> None:
        while request := read_request(sock):
            found = re.search(rb'"field": (\d+)', request)
            if found:
                with lock:
                    asked.add(int(found[1]))
                    if len(asked) == 4:
                        go.set()
                if found[1] == b"0":
                    assert go.wait(30)
            sock.sendall(encode_reply(right(parse_request(request))))

    monkeypatch.setattr(sender, "WINDOW", 3)
    seen: list[set[int]] = []
    original = LiveSession.judge

    def judge(self: LiveSession, plan: Plan) -> CaseResult:
        result = original(self, plan)
        if not seen:
            with lock:
                seen.append(set(asked))
        return result

    monkeypatch.setattr(LiveSession, "judge", judge)
    with listen(talk) as url:
        assert pack_on_disk.run_against(f"{url}/v1", tiny_pack).code == 0
    assert seen == [{0, 1, 2, 3}]
    assert asked == set(range(24))
