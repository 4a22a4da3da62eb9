"""A resumed run does not repeat answered requests and loses no verdict."""

from __future__ import annotations

import json
import os
import signal
import threading
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from harness.model import Exchange
from harness.run import transcript
from harness.run.replay import load_recorded
from harness.run.reported_session import CONTINUE
from harness.util.errors import UsageError
from tests.support import pack_on_disk

MANY = "pack: tiny\ncases:\n" + "".join(
    f"  - {{id: case-{n}, row: n, modes: [plain], request: {{body: {{field: {n}}}}}}}\n"
    for n in range(12)
)


class CountingGateway:
    """The reference gateway, which counts equal requests; after `stop` requests `other` answers."""

    def __init__(self, stop: int = 10**9, other: Any = None) -> None:
        self.good, self.other, self.stop = pack_on_disk.correct_gateway(), other, stop
        self.requests: Counter[tuple[bytes, bytes]] = Counter()
        self.lock, self.enough = threading.Lock(), threading.Event()

    def __call__(self, request: Mapping[str, Any]) -> pack_on_disk.Reply:
        with self.lock:
            self.requests[request["method"], request["body"]] += 1
            late = self.requests.total() > self.stop
        if late and self.other:
            return self.other(request)  # type: ignore[no-any-return]
        return self.good(request)


def output_folder(pack: Path) -> Path:
    return pack.parent / "out"


def truncate_transcript(pack: Path, lines: int, half: bool = False) -> list[str]:
    """Keep some lines of the transcript, with half of the next line or not, and return them."""
    path = output_folder(pack) / "transcript.jsonl"
    every = path.read_text("utf-8").splitlines(keepends=True)
    rest = every[lines][: len(every[lines]) // 2] if half else ""
    path.write_text("".join(every[:lines]) + rest, "utf-8")
    return every[:lines]


def verdicts(report: dict[str, Any]) -> list[tuple[Any, ...]]:
    return [
        (case["id"], case["outcome"], case["evidence"], [f["rule"] for f in case["findings"]])
        for case in report["cases"]
    ]


@pytest.mark.parametrize("half", [False, True], ids=["between lines", "within a line"])
@pytest.mark.parametrize("lines", [1, 2, 9])
def test_answered_requests_are_not_sent_again(tiny_pack: Path, lines: int, half: bool) -> None:
    gateway = CountingGateway()
    with pack_on_disk.gateway(gateway) as url:
        assert pack_on_disk.run_against(url, tiny_pack, "--repeat=2").code == 0
        once, whole = gateway.requests.copy(), pack_on_disk.read_report(output_folder(tiny_pack))
        kept = truncate_transcript(tiny_pack, lines, half)
        result = pack_on_disk.run_against(url, tiny_pack, "--repeat=2", "--resume")
    assert (result.code, CONTINUE in result.out) == (0, False)
    left = once.total() - (lines - 1)
    answered = "1 request is" if lines == 2 else f"{lines - 1} requests are"
    assert f"resumed: {answered} answered, {left} left" in result.out
    assert gateway.requests.total() == 2 * once.total() - (lines - 1)
    report = pack_on_disk.read_report(output_folder(tiny_pack))
    assert verdicts(report) == verdicts(whole)
    assert report["requests"] == whole["requests"]
    assert (report["started"], report["command"]) == (whole["started"], whole["command"])
    text = (output_folder(tiny_pack) / "transcript.jsonl").read_text("utf-8")
    assert text.startswith("".join(kept)), "existing lines are unchanged"
    _, exchanges, footer = transcript.read(output_folder(tiny_pack) / "transcript.jsonl")
    assert len({one.shot for one in exchanges}) == len(exchanges)
    assert footer is not None
    assert footer["requests"] == whole["requests"]
    again = load_recorded(str(output_folder(tiny_pack) / "transcript.jsonl")).report()
    assert again["cases"] == report["cases"]


def test_resuming_a_complete_run_sends_no_request(tiny_pack: Path) -> None:
    gateway = CountingGateway()
    with pack_on_disk.gateway(gateway) as url:
        pack_on_disk.run_against(url, tiny_pack)
        count, before = gateway.requests.total(), pack_on_disk.read_report(output_folder(tiny_pack))
        assert pack_on_disk.run_against(url, tiny_pack, "--resume").code == 0
    assert gateway.requests.total() == count
    assert pack_on_disk.read_report(output_folder(tiny_pack))["cases"] == before["cases"]


def test_requests_beyond_the_budget_are_sent_by_the_resumed_run(tiny_pack: Path) -> None:
    gateway = CountingGateway()
    with pack_on_disk.gateway(gateway) as url:
        result = pack_on_disk.run_against(url, tiny_pack, "--max-requests=5")
        assert (result.code, CONTINUE in result.out) == (1, True)
        assert pack_on_disk.run_against(url, tiny_pack, "--resume").code == 0
        resumed = gateway.requests.copy()
        options = ("--model=builtin-1", "--api-key-env=TINY_KEY")
        whole = tiny_pack.parent / "whole"
        result = pack_on_disk.run(tiny_pack, *options, target=url, out=whole)
    assert (result.code, result.err) == (0, "")
    assert gateway.requests.total() - resumed.total() == resumed.total()
    report = pack_on_disk.read_report(output_folder(tiny_pack))
    assert set(pack_on_disk.outcomes(output_folder(tiny_pack)).values()) == {"pass"}
    assert report["reasons"] == []
    assert report["requests"] == resumed.total()


def test_rate_limited_requests_are_sent_again(tiny_pack: Path) -> None:
    """A server that was too busy in the first run answers in the second one."""
    busy = pack_on_disk.json_reply(429, {"error": {"message": "busy"}}, ("retry-after", "100"))
    gateway = CountingGateway(17, lambda request: busy)
    with pack_on_disk.gateway(gateway) as url:
        assert pack_on_disk.run_against(url, tiny_pack, "--concurrency=1").code == 1
        [reason] = pack_on_disk.read_report(output_folder(tiny_pack))["reasons"]
        assert reason == "the target refuses every request and asks to wait 100 s"
        gateway.stop = 10**9
        assert pack_on_disk.run_against(url, tiny_pack, "--concurrency=1", "--resume").code == 0
    assert set(pack_on_disk.outcomes(output_folder(tiny_pack)).values()) == {"pass"}


def test_resumed_step_uses_values_of_recorded_steps(tiny_pack: Path) -> None:
    """The second step is sent with the value that was captured in the recorded first step."""
    steps = """
pack: tiny
cases:
  - id: steps
    row: answer
    modes: [plain]
    steps:
      - {name: ask, request: {body: {}}, capture: {text: "$.choices[0].message.content"}}
      - {name: more, request: {body: {messages: [{role: user, content: $text}]}}}
"""
    pack_on_disk.pack(tiny_pack, steps)
    gateway = CountingGateway()
    with pack_on_disk.gateway(gateway) as url:
        pack_on_disk.run_against(url, tiny_pack, "--concurrency=1")
        path = output_folder(tiny_pack) / "transcript.jsonl"
        lines = path.read_text("utf-8").splitlines()
        [ask] = [n for n, line in enumerate(lines) if '"shot":"tiny/steps/plain/ask"' in line]
        truncate_transcript(tiny_pack, ask + 1)
        before = gateway.requests.total()
        assert pack_on_disk.run_against(url, tiny_pack, "--concurrency=1", "--resume").code == 0
    assert gateway.requests.total() == before + len(lines) - 2 - ask


def test_killed_run_can_be_resumed(tiny_pack: Path) -> None:
    """After SIGKILL and eight answers, only the remaining requests are sent."""
    pack_on_disk.pack(tiny_pack, MANY)
    killed = threading.Event()
    gateway = CountingGateway(8)

    def hang(request: Any) -> pack_on_disk.Reply:
        gateway.enough.set()
        killed.wait(60)
        return pack_on_disk.error(500, "too late")

    gateway.other = hang
    with pack_on_disk.gateway(gateway) as url:
        words = (
            "run",
            url,
            "--pack",
            tiny_pack,
            "--out",
            output_folder(tiny_pack),
            "--concurrency=1",
        )
        more = ("--model=builtin-1", "--api-key-env=TINY_KEY")
        process = pack_on_disk.start_process("harness", *words, *more)
        assert gateway.enough.wait(60)
        os.kill(process.pid, signal.SIGKILL)
        process.communicate()
        killed.set()
        gateway.stop = 10**9
        there = len((output_folder(tiny_pack) / "transcript.jsonl").read_bytes().splitlines()) - 1
        earlier = gateway.requests.copy()
        assert pack_on_disk.harness(*words, *more, "--resume").code == 0
    assert there == 8
    twice = [what for what in gateway.requests if gateway.requests[what] > earlier[what] > 0]
    assert len(twice) == 1, "the request that got no answer"
    assert set(pack_on_disk.outcomes(output_folder(tiny_pack)).values()) == {"pass"}


def test_run_with_another_configuration_is_not_resumed(tiny_pack: Path) -> None:
    with pack_on_disk.gateway() as url, pack_on_disk.gateway() as elsewhere:
        pack_on_disk.run_against(url, tiny_pack, "--shard=1/2")
        truncate_transcript(tiny_pack, 3)
        before = (output_folder(tiny_pack) / "transcript.jsonl").read_bytes()

        def error(*words: str, at: str = url) -> str:
            result = pack_on_disk.run_against(at, tiny_pack, "--resume", *words)
            assert result.code == 4
            assert (output_folder(tiny_pack) / "transcript.jsonl").read_bytes() == before
            return result.lines[-1]

        assert "the target is another than in" in error("--shard=1/2", at=elsewhere)
        assert "the target is another than in" in error("--shard=1/2", "--model=builtin-2")
        assert "the shard is another" in error("--shard=2/2")
        assert "the repeat is another" in error("--shard=1/2", "--repeat=2")
        assert "the selection is another" in error("--shard=1/2", "-k", "not burst")
        (tiny_pack / "cases.yaml").write_text(
            pack_on_disk.CASES.replace("ready}", "other}"), "utf-8"
        )
        assert "the pack tiny is another than in" in error("--shard=1/2")
        assert "leave out --resume to begin a new run" in error("--shard=1/2")


def test_run_at_another_pace_is_resumed(tiny_pack: Path) -> None:
    with pack_on_disk.gateway() as url:
        pack_on_disk.run_against(url, tiny_pack, "--concurrency=4")
        truncate_transcript(tiny_pack, 3)
        pace = ("--rpm=6000", "--tpm=9000000", "--concurrency=2")
        result = pack_on_disk.run_against(url, tiny_pack, "--resume", *pace)
    assert (result.code, result.err) == (0, "")


def test_resume_without_an_earlier_run_starts_a_new_one(tiny_pack: Path) -> None:
    with pack_on_disk.gateway() as url:
        result = pack_on_disk.run_against(url, tiny_pack, "--resume")
        assert result.code == 0
        assert "no run to resume" in result.out
        (output_folder(tiny_pack) / "transcript.jsonl").write_bytes(b'{"header": {"form')
        assert "no run to resume" in pack_on_disk.run_against(url, tiny_pack, "--resume").out
        (output_folder(tiny_pack) / "transcript.jsonl").write_bytes(b"[]\n")
        result = pack_on_disk.run_against(url, tiny_pack, "--resume")
    assert result.code == 4
    assert "transcript.jsonl: after 0 bytes: not a line of a transcript" in result.err


def test_index_finds_the_last_line_of_each_shot(tmp_path: Path) -> None:
    made = Exchange("a", "POST", "u", (), "", "complete", 200)
    path = tmp_path / "t.jsonl"
    with transcript.Writer(path) as writer:
        writer.header({"x": 1})
        writer.exchange(made)
        writer.exchange(Exchange("a", "POST", "u", (), "", "complete", 201))
    earlier = transcript.TranscriptIndex(path)
    exchange = earlier.exchange("a")
    assert exchange is not None
    assert (exchange.status, earlier.exchange("b"), earlier.end) == (201, None, path.stat().st_size)
    earlier.close()
    with pytest.raises(UsageError, match="cannot read the transcript"):
        transcript.TranscriptIndex(tmp_path)
    path.write_text(path.read_text("utf-8") + json.dumps({"header": {"format": 1}}) + "\n", "utf-8")
    with pytest.raises(UsageError, match="out of place"):
        transcript.TranscriptIndex(path)


def test_resume_needs_the_folder_of_a_run(tiny_pack: Path) -> None:
    result = pack_on_disk.run_pytest("--llm-resume", tiny_pack)
    assert result.code == 4
    assert "--llm-resume needs the --llm-out" in result.err
