"""An interrupted run reports the judged cases and leaves no process behind."""

from __future__ import annotations

import json
import signal
import socket
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from harness.run import transcript
from harness.run.reported_session import CONTINUE
from tests.support import pack_on_disk
from tests.support.raw_server import encode_reply, listen, parse_request, read_request

MANY = "pack: tiny\ncases:\n" + "".join(
    f"  - {{id: case-{number}, row: n, request: {{body: {{field_{number}: 1}}}}}}\n"
    for number in range(60)
)


class PausingGateway:
    """The reference gateway, but requests that contain `word` are answered after `go` is set."""

    def __init__(self, word: bytes) -> None:
        self.word, self.respond = word, pack_on_disk.correct_gateway()
        self.arrived, self.go = threading.Event(), threading.Event()
        self.bodies: list[bytes] = []

    def __call__(self, sock: socket.socket, number: int) -> None:
        while request := read_request(sock):
            parsed = parse_request(request)
            self.bodies.append(parsed["body"])
            if self.word in parsed["body"]:
                self.arrived.set()
                self.go.wait(60)
            sock.sendall(encode_reply(self.respond(parsed)))


PACK_OPTIONS = ("--model=builtin-1", "--api-key-env=TINY_KEY")


@contextmanager
def running(*words: str | Path) -> Iterator[subprocess.Popen[str]]:
    process = pack_on_disk.start_process(
        "harness", "run", *words, preexec_fn=pack_on_disk.restore_signals
    )
    try:
        yield process
    finally:
        process.kill()
        process.communicate(timeout=60)


def wait_for_first_case(process: subprocess.Popen[str]) -> None:
    assert process.stdout is not None
    assert " against " in process.stdout.readline()
    assert " requests and " in process.stdout.readline()
    assert any(" cases judged" in line for line in process.stdout)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_interrupted_run_waits_for_sent_requests_and_reports_judged_cases(
    tiny_pack: Path, number: signal.Signals
) -> None:
    gateway = PausingGateway(b"seed")
    out = tiny_pack.parent / "out"
    options = (*PACK_OPTIONS, "--concurrency=1", "--pack", tiny_pack, "--out", out)
    with (
        listen(gateway) as url,
        running(f"{url}/v1", *options) as process,
    ):
        assert gateway.arrived.wait(60)
        wait_for_first_case(process)
        process.send_signal(number)
        process.send_signal(number)  # some people and CI systems send it twice
        gateway.go.set()
        result, err = process.communicate(timeout=60)
    assert (process.returncode, err) == (2, "")
    assert "tiny 1.2.3" in result
    assert CONTINUE in result
    report = pack_on_disk.read_report(out)
    assert pack_on_disk.outcomes(out) == {"answer": "pass"}
    assert (report["result"], report["reasons"]) == ("partial", ["interrupted"])
    reasons = {case["id"]: case["reason"] for case in report["not_selected"]}
    assert reasons["n"] == "not judged: interrupted"
    for name in ("report.html", "junit.xml", "summary.md", "badge.svg"):
        assert (out / name).stat().st_size
    _, exchanges, footer = transcript.read(out / "transcript.jsonl")
    assert footer is not None
    assert footer["reason"] == "interrupted"
    assert any("seed" in one.request_body and one.end == "complete" for one in exchanges)


def test_interrupted_run_does_not_wait_for_a_hanging_target(tiny_pack: Path) -> None:
    """The target does not answer any more, and Ctrl-C still ends the run."""
    gateway = PausingGateway(b"seed")
    out = tiny_pack.parent / "out"
    options = (*PACK_OPTIONS, "--concurrency=1", "--pack", tiny_pack, "--out", out)
    with (
        listen(gateway) as url,
        running(f"{url}/v1", *options) as process,
    ):
        assert gateway.arrived.wait(60)
        wait_for_first_case(process)
        process.send_signal(signal.SIGINT)
        _, err = process.communicate(timeout=60)
        gateway.go.set()
    assert (process.returncode, err) == (2, "")
    assert pack_on_disk.outcomes(out) == {"answer": "pass"}
    assert sum(b"seed" in body for body in gateway.bodies) == 1


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_interruption_before_the_first_verdict_overwrites_nothing(
    tiny_pack: Path, number: signal.Signals
) -> None:
    gateway = PausingGateway(b"ready")
    out = tiny_pack.parent / "out"
    out.mkdir()
    for name in ("report.html", "report.json", "junit.xml", "transcript.jsonl"):
        (out / name).write_text("from before", "utf-8")
    options = (*PACK_OPTIONS, "--pack", tiny_pack, "--out", out)
    with listen(gateway) as url, running(f"{url}/v1", *options) as process:
        assert gateway.arrived.wait(60)
        process.send_signal(number)
        process.send_signal(number)
        gateway.go.set()
        _, err = process.communicate(timeout=60)
    assert (process.returncode, err) == (2, "")
    assert {path.read_text("utf-8") for path in out.iterdir()} == {"from before"}


def connect(out: Path) -> socket.socket:
    """Connect to the reference gateway of a run; the connection closes when the gateway ends."""
    header = json.loads((out / "transcript.jsonl").read_text("utf-8").splitlines()[0])["header"]
    address = urlsplit(header["target"]["endpoints"]["openai"]["base_url"])
    assert address.hostname
    return socket.create_connection((address.hostname, address.port or 0), timeout=60)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGKILL])
def test_reference_gateway_stops_with_the_run(tiny_pack: Path, number: signal.Signals) -> None:
    """A killed run cannot stop the gateway, which ends when its standard input closes."""
    pack_on_disk.pack(tiny_pack, MANY)
    out = tiny_pack.parent / "out"
    with running("--pack", tiny_pack, "--out", out, "--rpm", "600") as process:
        wait_for_first_case(process)
        with connect(out) as connection:
            process.send_signal(number)
            assert connection.recv(1) == b""
        process.communicate(timeout=60)
    assert process.returncode == (2 if number == signal.SIGINT else -number)
    if number == signal.SIGINT:
        assert 1 <= len(pack_on_disk.read_report(out)["cases"]) < 60
