"""`-n 2`: the workers share the target and its limits, and leave one report and one transcript."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from harness.model import Exchange
from harness.plugin import workers
from harness.plugin.run import Run
from harness.run import Options, load_session, transcript
from tests.support import pack_on_disk
from tests.support.plugins import NO_AUTOLOAD, PLUGIN_ARGS

MANY = "pack: tiny\ncases:\n" + "".join(
    f"  - {{id: case-{number}, row: n, behaviour: ignored, at: /field_{number}, values: [1]}}\n"
    for number in range(12)
)

OURS = [*PLUGIN_ARGS, "-p", "no:cacheprovider", "-n", "2"]
PAGES = ["--html=out/report.html", "--self-contained-html", "--junitxml=out/j.xml"]


def fired(url: str, *words: str | Path) -> pack_on_disk.Said:
    given = ["--llm-target", url, "--llm-model", "builtin-1", "--llm-api-key-env", "TINY_KEY"]
    return pack_on_disk.done("pytest", *OURS, *given, *words, env=NO_AUTOLOAD)


class Counting:
    """The right gateway; it knows how many requests it has in hand, and who they were."""

    def __init__(self) -> None:
        self.right, self.lock = pack_on_disk.good(), threading.Lock()
        self.requests = 0

    def __call__(self, request: Mapping[str, Any]) -> pack_on_disk.Reply:
        with self.lock:
            self.requests += 1
        return self.right(request)


def test_two_workers_leave_one_report_and_one_transcript(tiny_pack: Path) -> None:
    pack_on_disk.pack(tiny_pack, MANY)
    respond = Counting()
    with pack_on_disk.gateway(respond) as url:
        said = fired(url, tiny_pack, "--llm-out=out", *PAGES)
    assert (said.code, said.err) == (0, "")
    assert "12 passed" in said.out
    assert "conformant to tiny 1.2.3" in said.out
    report = pack_on_disk.report_in(Path("out"))
    assert [case["id"] for case in report["cases"]] == [f"case-{n}" for n in range(12)]
    assert report["result"] == "conformant"
    assert report["requests"] == respond.requests
    header, exchanges, footer = transcript.read(Path("out/transcript.jsonl"))
    assert len({exchange.shot for exchange in exchanges}) == len(exchanges)
    assert {shot["id"] for case in report["cases"] for shot in case["shots"]} <= {
        exchange.shot for exchange in exchanges
    }
    assert len(header["plans"]) == 12
    assert footer is not None
    assert footer["requests"] == respond.requests
    assert sorted(path.name for path in Path("out").iterdir()) == [
        *("badge.json", "badge.svg", "j.xml", "report.html", "report.json"),
        *("summary.md", "transcript.jsonl"),
    ]
    assert "case-11" in Path("out/report.html").read_text("utf-8")


def test_the_builtin_gateway_is_started_once(tiny_pack: Path) -> None:
    said = pack_on_disk.done("pytest", *OURS, tiny_pack, env=NO_AUTOLOAD)
    assert (said.code, said.err) == (0, "")
    assert "3 passed" in said.out


def test_the_limits_are_divided_by_the_workers(tiny_pack: Path) -> None:
    (tiny_pack / "conftest.py").write_text(
        "import pytest\n"
        "@pytest.hookimpl(trylast=True)\n"
        "def pytest_sessionfinish(session):\n"
        "    given = getattr(session.config, 'workerinput', {}).get('llm')\n"
        "    if given:\n"
        "        path = session.config.rootpath / f\"{given['id']}.txt\"\n"
        "        path.write_text(str(sorted(given['options'].items())))\n",
        "utf-8",
    )
    with pack_on_disk.gateway() as url:
        limits = ["--llm-concurrency=5", "--llm-rpm=1000000", "--llm-tpm=6e9"]
        words = [*limits, f"--rootdir={tiny_pack}"]
        assert fired(url, tiny_pack, *words).code == 0
    for worker in ("gw0", "gw1"):
        given = (tiny_pack / f"{worker}.txt").read_text("utf-8")
        assert "('concurrency', 2)" in given
        assert "('rpm', 500000.0)" in given
        assert "('tpm', 3000000000.0)" in given


def test_what_is_wrong_is_said_once_and_nothing_is_lost(tiny_pack: Path) -> None:
    out = Path("out")
    out.mkdir()
    for name in ("report.json", "j.xml", "report.html"):
        (out / name).write_text("from before", "utf-8")
    files = ["--llm-out=out", *PAGES]
    said = fired("http://127.0.0.1:1/v1", tiny_pack, *files)
    assert said.code == 4
    assert said.lines == ["ERROR: cannot reach http://127.0.0.1:1/v1: Connection refused"]
    with pack_on_disk.gateway() as url:
        said = fired(url, tiny_pack, "--llm-case=nope", *files)
        assert (said.code, len(said.lines)) == (4, 1)
        assert "no case `nope`" in said.err
    (tiny_pack / "cases.yaml").write_text("cases: [{id: x}, {id: y}]\n", "utf-8")
    said = fired("http://127.0.0.1:1/v1", tiny_pack, *files)
    assert said.code == 4
    assert all("cases.yaml:1:" in line for line in said.lines)
    assert {path.read_text("utf-8") for path in out.iterdir()} == {"from before"}


def test_a_failure_in_a_worker_is_a_failure(tiny_pack: Path) -> None:
    right = pack_on_disk.good()

    def respond(request: Mapping[str, Any]) -> pack_on_disk.Reply:
        return pack_on_disk.error(400, "no") if b"field_7" in request["body"] else right(request)

    pack_on_disk.pack(tiny_pack, MANY)
    with pack_on_disk.gateway(respond) as url:
        said = fired(url, tiny_pack, "--llm-out=out")
    assert said.code == 1
    assert "1 failed, 11 passed" in said.out
    assert pack_on_disk.outcomes(Path("out"))["case-7"] == "fail"


def test_the_transcripts_of_workers_become_one(tiny_pack: Path) -> None:
    """Also where a worker was killed; what cannot be read is left as it is, and told."""
    config = pytester_config()
    run = Run(config, Options())
    run.out = tiny_pack
    run.opened = load_session(Options("http://127.0.0.1:9", (str(tiny_pack),), model="m"))
    workers.merge(run)
    assert not (tiny_pack / "transcript.jsonl").exists()
    for number, reason in enumerate(["", "interrupted", None]):
        with transcript.Writer(tiny_pack / f"transcript.gw{number}.jsonl") as writer:
            writer.header({"plans": [{"case": {"id": "a", "pack": f"p{number % 2}"}}]})
            for shot in ("shared", f"own-{number}"):
                body = f"from {number}"
                writer.exchange(Exchange(shot, "POST", "/", (), body, "complete"))
            if reason is not None:
                writer.footer({"requests": 2, "reason": reason})
    workers.merge(run)
    header, exchanges, footer = transcript.read(tiny_pack / "transcript.jsonl")
    assert [plan["case"]["pack"] for plan in header["plans"]] == ["p0", "p1"]
    assert {one.shot: one.request_body for one in exchanges} == {
        "shared": "from 0",
        **{f"own-{number}": f"from {number}" for number in range(3)},
    }
    assert footer is None
    assert list(tiny_pack.glob("transcript.gw*")) == []
    (tiny_pack / "transcript.gw0.jsonl").write_text("broken\n", "utf-8")
    workers.Controller(run).pytest_sessionfinish()
    assert "the workers' transcripts are left as they are: " in run.said[0]
    assert (tiny_pack / "transcript.gw0.jsonl").exists()


def pytester_config() -> pytest.Config:
    given = {"--llm-fail-on": "fail", "--llm-out": ""}
    return cast(pytest.Config, SimpleNamespace(getoption=given.get))
