"""Repetitions of a case are judged and freed as their answers come, in their order."""

from __future__ import annotations

import socket
from pathlib import Path

import pytest

from harness.run import LiveSession, scheduler, sender
from harness.run.repeated_case import RepeatedCase
from tests.support import pack_on_disk
from tests.support.raw_server import encode_reply, listen, parse_request, read_request

ERROR = b'{"error": {"message": "failed", "type": "server_error", "code": null, "param": null}}'
CASE = "  - {{id: case-{0}, row: n, modes: [plain], request: {{body: {{field: {0}}}}}}}\n"
ONE = f"pack: tiny\ncases:\n{CASE.format(0)}"
TWO = ONE + CASE.format(1)


def test_answers_are_freed_before_all_repetitions_of_their_case_are_sent(
    tiny_pack: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pack_on_disk.pack(tiny_pack, ONE)
    monkeypatch.setattr(sender, "WINDOW", 2)
    monkeypatch.setattr(scheduler, "QUEUED", 4)
    held, original = list[int](), LiveSession.add

    def add(self: LiveSession, repeated: RepeatedCase, turn: int) -> None:
        original(self, repeated, turn)
        held.append(len(self.scheduler.engine.results.futures))

    monkeypatch.setattr(LiveSession, "add", add)
    assert pack_on_disk.run(tiny_pack, "--repeat=100").code == 0
    assert len(held) == 100
    assert max(held) < 50


class FailingOnce:
    """The reference gateway, with one internal error: at the second repetition of case-0."""

    def __init__(self) -> None:
        self.respond, self.requests = pack_on_disk.correct_gateway(), 0

    def __call__(self, sock: socket.socket, number: int) -> None:
        while request := read_request(sock):
            self.requests += b'"field": 0' in request
            if b'"field": 0' in request and self.requests == 2:
                head = f"HTTP/1.1 500 Error\r\ncontent-length: {len(ERROR)}\r\n".encode()
                sock.sendall(head + b"content-type: application/json\r\n\r\n" + ERROR)
            else:
                sock.sendall(encode_reply(self.respond(parse_request(request))))


def test_case_waits_for_the_repetition_that_is_sent_again_and_has_all_in_order(
    tiny_pack: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pack_on_disk.pack(tiny_pack, TWO)
    judged, original = list[tuple[str, int]](), LiveSession.add

    def add(self: LiveSession, repeated: RepeatedCase, turn: int) -> None:
        original(self, repeated, turn)
        judged.append((repeated.plan.case.id, turn))

    monkeypatch.setattr(LiveSession, "add", add)
    with listen(FailingOnce()) as url:
        options = ("--repeat=3", "--concurrency=1")
        assert pack_on_disk.run_against(f"{url}/v1", tiny_pack, *options).code == 0
    first, *others = [("case-0", 1), ("case-0", 2), ("case-0", 3)]
    assert judged == [first, ("case-1", 1), ("case-1", 2), ("case-1", 3), *others]
    out = tiny_pack.parent / "out"
    cases = pack_on_disk.read_report(out)["cases"]
    assert [case["repeats"] for case in cases] == [{"pass": 3}] * 2
    assert pack_on_disk.harness("judge", out, "--against", out).code == 0
