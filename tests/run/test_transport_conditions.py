"""A right gateway passes all cases behind a transport that drops, queues, refuses or limits."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from contextlib import suppress
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from harness.model import Exchange
from harness.run import transcript
from harness.testbed.gateway.gateway import Gateway
from harness.testbed.http_server.server import serve_in_thread
from harness.testbed.variants.condition import Condition, error_reply
from harness.testbed.variants.conditions import CONDITIONS
from harness.testbed.variants.connections import dropped, paused, sometimes
from tests.support import pack_on_disk
from tests.support.raw_server import encode_reply, listen, parse_request, read_request

pytestmark = pytest.mark.no_cover

MANY = "pack: tiny\ncases:\n" + "".join(
    f"  - {{id: case-{number}, row: n, request: {{body: {{field_{number}: 1}}}}}}\n"
    for number in range(60)
)
BREAKING_IDS = ("drops", "cuts-reset", "hangs-up", "http-1.0", "balancer")
BREAKING = [each for each in CONDITIONS if each.id.partition(".")[2] in BREAKING_IDS]
OTHERS = [
    *(each for each in CONDITIONS if each not in BREAKING and each.id != "transport.pause"),
    Condition("transport.pause", "pauses", lambda respond: paused(respond, 30, seconds=0.5)),
]


def exchanges(out: Path) -> list[Exchange]:
    return transcript.read(out / "transcript.jsonl")[1]


def run_all_cases(url: str, pack: str, out: Path) -> Any:
    options = ("--model=builtin-1", "--api-key-env=TINY_KEY", f"--pack={pack}")
    return pack_on_disk.harness("run", f"{url}/v1", *options, "--out", out)


@pytest.mark.parametrize("condition", BREAKING, ids=[each.id for each in BREAKING])
def test_no_case_fails_on_a_right_gateway_whose_answers_break_now_and_then(
    condition: Condition, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TINY_KEY", pack_on_disk.KEY)
    with serve_in_thread(condition.wrap(Gateway(pace=0.0).respond)) as url:
        result = run_all_cases(url, "openai-chat", tmp_path)
    assert (result.code, result.err) == (0, "")
    assert set(pack_on_disk.outcomes(tmp_path).values()) == {"pass"}


@pytest.mark.parametrize("condition", OTHERS, ids=[each.id for each in OTHERS])
def test_no_case_fails_on_a_right_gateway_with_a_limited_transport(
    condition: Condition, tiny_pack: Path
) -> None:
    pack_on_disk.pack(tiny_pack, MANY)
    with serve_in_thread(condition.wrap(pack_on_disk.correct_gateway())) as url:
        result = pack_on_disk.run_against(f"{url}/v1", tiny_pack)
    assert (result.code, result.err) == (0, "")
    assert set(pack_on_disk.outcomes(tiny_pack.parent / "out").values()) == {"pass"}


def test_server_errors_that_pass_are_reported_once_for_the_run(tiny_pack: Path) -> None:
    """Every fortieth request gets an internal error, whatever it asks for."""
    pack_on_disk.pack(tiny_pack, MANY)
    internal_error = error_reply(500, "Out of memory.", kind="server_error")
    respond = sometimes(pack_on_disk.correct_gateway(), lambda given: internal_error)
    out = tiny_pack.parent / "out"
    with serve_in_thread(respond) as url:
        result = pack_on_disk.run_against(f"{url}/v1", tiny_pack)
    assert result.code == 0
    assert set(pack_on_disk.outcomes(out).values()) == {"pass"}
    transport = pack_on_disk.read_report(out)["transport"]
    assert transport["recovered"] >= 2
    assert f"{transport['recovered']} of " in result.out
    judged = pack_on_disk.run_process("harness", "judge", out / "transcript.jsonl")
    assert judged.code == 0


@pytest.mark.parametrize("status", [500, 502])
def test_value_that_gets_a_server_error_each_time_fails(tiny_pack: Path, status: int) -> None:
    pack_on_disk.pack(tiny_pack, MANY)
    right = pack_on_disk.correct_gateway()

    def respond(request: Mapping[str, Any]) -> pack_on_disk.Reply:
        if b'"field_7"' in request["body"]:
            return {**error_reply(status, "Out of memory.", kind="server_error")}
        return right(request)

    with serve_in_thread(respond) as url:
        assert pack_on_disk.run_against(f"{url}/v1", tiny_pack).code == 1
    outcomes = pack_on_disk.outcomes(tiny_pack.parent / "out")
    assert [name for name, outcome in outcomes.items() if outcome != "pass"] == ["case-7"]


def test_dropped_requests_are_answered_by_a_second_attempt(tiny_pack: Path) -> None:
    pack_on_disk.pack(tiny_pack, MANY)
    out = tiny_pack.parent / "out"
    with serve_in_thread(dropped(pack_on_disk.correct_gateway(), every=10)) as url:
        assert pack_on_disk.run_against(f"{url}/v1", tiny_pack).code == 0
    assert set(pack_on_disk.outcomes(out).values()) == {"pass"}
    ends = [[attempt.end for attempt in exchange.attempts] for exchange in exchanges(out)]
    assert ["dropped", "complete"] in ends
    transport = pack_on_disk.read_report(out)["transport"]
    assert transport["dropped"] + transport["closed_idle"] == sum(
        end.count("dropped") for end in ends
    )
    assert not transport["fault"]


def test_many_drops_are_one_fault_of_the_transport_and_of_no_case(tiny_pack: Path) -> None:
    """Every third request on a new connection is dropped."""
    pack_on_disk.pack(tiny_pack, MANY)
    respond, numbers = pack_on_disk.correct_gateway(), count(1)

    def handler(sock: Any, number: int) -> None:
        request = read_request(sock)
        if next(numbers) % 3 or b"field" not in request:
            sock.sendall(encode_reply(closing(respond(parse_request(request)))))

    out = tiny_pack.parent / "out"
    with listen(handler) as url:
        result = pack_on_disk.run_against(f"{url}/v1", tiny_pack)
    report = pack_on_disk.read_report(out)
    assert set(pack_on_disk.outcomes(out).values()) == {"pass"}
    assert (result.code, report["result"], report["transport"]["fault"]) == (
        1,
        "non-conformant",
        True,
    )
    assert "a fault of the target's transport" in " ".join(result.out.split())


def closing(reply: pack_on_disk.Reply) -> pack_on_disk.Reply:
    return {**reply, "headers": [*reply["headers"], ("connection", "close")]}


class SilentAfter:
    """The reference gateway, which answers so many requests and then only sends `begin`."""

    def __init__(self, answers: int, begin: bytes = b"") -> None:
        self.answers, self.begin = answers, begin
        self.respond = pack_on_disk.correct_gateway()
        self.lock, self.end = threading.Lock(), threading.Event()

    def __call__(self, sock: Any, number: int) -> None:
        while request := read_request(sock):
            with self.lock:
                self.answers -= 1
                is_silent = self.answers < 0
            if is_silent:
                sock.sendall(self.begin)
                self.end.wait(60)
                return
            sock.sendall(encode_reply(self.respond(parse_request(request))))


@pytest.mark.parametrize(
    ("options", "begin"),
    [
        ([], b""),
        (["--concurrency=1"], b""),
        ([], b"HTTP/1.1 200 OK\r\ncontent-length: 99\r\n\r\n{"),
    ],
)
def test_target_that_stops_answering_ends_the_run_with_reports(
    tiny_pack: Path, options: list[str], begin: bytes
) -> None:
    pack_on_disk.pack(tiny_pack, MANY)
    gateway = SilentAfter(40, begin)
    with listen(gateway) as url:
        result = pack_on_disk.run_against(f"{url}/v1", tiny_pack, "--timeout", "2", *options)
        gateway.end.set()
    report = pack_on_disk.read_report(tiny_pack.parent / "out")
    [reason] = report["reasons"]
    assert result.code == 1
    assert reason.startswith("the target stopped answering after 40 answers, ")
    assert "in flight: tiny/case-" in reason
    assert reason in " ".join(result.out.split())
    assert {case["outcome"] for case in report["cases"]} == {"pass"}
    short = reason.partition("; ")[0]
    assert {case["reason"] for case in report["not_selected"]} == {f"not judged: {short}"}


def test_request_that_times_out_under_load_is_sent_again_alone(tiny_pack: Path) -> None:
    """A server that does not answer a request beside others answers it when it is sent alone."""
    pack_on_disk.pack(tiny_pack, MANY)
    respond, lock, busy = pack_on_disk.correct_gateway(), threading.Lock(), set[int]()
    others: list[int] = []  # requests in flight beside each try of the slow one

    def handler(sock: Any, number: int) -> None:
        while request := read_request(sock):
            is_slow = b'"field_7"' in request and b'"stream"' not in request
            with lock:
                others.extend([len(busy)] if is_slow else [])
                busy.add(number)
                is_first = is_slow and len(others) == 1
            if is_first:
                with suppress(OSError):
                    sock.recv(1)  # until the client closes the connection
            with lock:
                busy.discard(number)
            if is_first:
                return
            sock.sendall(encode_reply(respond(parse_request(request))))

    out = tiny_pack.parent / "out"
    with listen(handler) as url:
        result = pack_on_disk.run_against(f"{url}/v1", tiny_pack, "--timeout", "2")
    assert result.code == 0
    assert others[1:] == [0]
    assert set(pack_on_disk.outcomes(out).values()) == {"pass"}
    judged = pack_on_disk.run_process("harness", "judge", out / "transcript.jsonl")
    assert judged.code == 0


PAGE = b"<!DOCTYPE html><html><head><title>Sign in\x1b[31m</title></head></html>"
OTHER_ANSWERS = [
    (200, "text/html", PAGE, 'a web page (text/html: "Sign in'),
    (200, "text/plain", b"It works!", 'a text (text/plain: "It works!")'),
    (200, "application/json", b'{"status": "ok"}', "JSON of something else"),
    (
        200,
        "application/json",
        b'{"code": 401, "msg": "no", "data": null}',
        "JSON of something else",
    ),
    (200, "text/plain", b"", "an empty body"),
    (401, "text/html", PAGE, 'a web page (text/html: "Sign in'),
    (404, "text/html", b"<html><title>Not Found</title></html>", "a web page"),
    (502, "text/html", b"<html><title>Bad Gateway</title></html>", "a web page"),
]


@pytest.mark.parametrize(("status", "kind", "body", "text"), OTHER_ANSWERS)
def test_first_answer_of_something_else_ends_the_run_with_one_line(
    tiny_pack: Path, status: int, kind: str, body: bytes, text: str
) -> None:
    def respond(request: Mapping[str, Any]) -> pack_on_disk.Reply:
        return pack_on_disk.reply(status, body, ("content-type", kind))

    with pack_on_disk.gateway(respond) as url:
        result = pack_on_disk.run_against(url, tiny_pack)
    assert (result.code, len(result.lines)) == (4, 1)
    assert text in result.lines[0]
    assert "base URL" in result.lines[0]
    assert result.lines[0].isprintable()
