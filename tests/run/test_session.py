"""A live session: inputs, first call, results in order, transcript and reports, close."""

from __future__ import annotations

import subprocess
from collections.abc import Generator, Sequence
from pathlib import Path
from typing import cast

import httpx
import pytest

from harness.model import Exchange
from harness.run import (
    CaseResult,
    LiveSession,
    Options,
    load_session,
    reference_gateway,
    run_cases,
    start,
    transcript,
)
from harness.run.inputs import needs_reference_gateway
from harness.run.outputs import check_output_dir
from harness.run.recording import Recording
from harness.util.errors import FileProblems, Unreachable, UsageError
from tests.support import pack_on_disk
from tests.support.raw_server import OK, answer_with, listen

TARGET = """
name: mine
packs: [{pack}]
key_env: [TINY_KEY, LIMITED_KEY]
limits: {{rpm: 6000, concurrency: 7}}
endpoints:
  openai: {{base_url: "http://127.0.0.1:9/v1", model: m, headers: {{X-A: file, x-b: file}}}}
"""


@pytest.fixture
def target(tiny_pack: Path) -> str:
    path = tiny_pack.parent / "target.yaml"
    path.write_text(TARGET.format(pack=tiny_pack), "utf-8")
    return str(path)


def test_options_override_the_target_file(target: str) -> None:
    session = load_session(Options(target))
    endpoint = session.target.endpoints["openai"]
    assert (endpoint.model, endpoint.headers) == ("m", (("X-A", "file"), ("x-b", "file")))
    assert (session.target.rpm, session.target.concurrency) == (6000, 7)
    assert session.keys == {"key": pack_on_disk.KEY}
    words = Options(
        target,
        model="other",
        base_url="http://127.0.0.1:8",
        headers=(("x-a", "mine"),),
        concurrency=3,
        rpm=60.0,
    )
    session = load_session(words)
    endpoint = session.target.endpoints["openai"]
    assert (endpoint.model, endpoint.base_url) == ("other", "http://127.0.0.1:8")
    assert endpoint.headers == (("x-b", "file"), ("x-a", "mine"))
    assert (session.target.rpm, session.target.concurrency) == (60.0, 3)


def test_selected_tier_replaces_the_limits_of_the_target_file(target: str) -> None:
    with Path(target).open("a", encoding="utf-8") as file:
        file.write("tiers: {pro: {rpm: 200, tpm: 400000, concurrency: 40}, free: {}}\n")
    numbers = [
        (session.rpm, session.tpm, session.concurrency)
        for session in (
            load_session(Options(target, tier="pro")).target,
            load_session(Options(target, tier="free")).target,
            load_session(Options(target, tier="pro", rpm=60.0, tpm=1000.0)).target,
            load_session(Options(target, tpm=1000.0)).target,
        )
    ]
    assert numbers == [(200, 400000, 40), (0, 0, 32), (60.0, 1000.0, 40), (6000, 1000.0, 7)]
    with pytest.raises(
        UsageError, match="the target mine has no tier `por`; the tiers are pro, free"
    ):
        load_session(Options(target, tier="por"))
    with pytest.raises(UsageError, match="builtin has no tier `pro`; the file has no tiers"):
        load_session(Options(tier="pro"))


def test_limited_key_is_needed_only_if_limits_are_tested(
    target: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(UsageError, match="LIMITED_KEY is not set"):
        load_session(Options(target, features=("limits",)))
    monkeypatch.setenv("LIMITED_KEY", "sk-limited")
    session = load_session(Options(target, features=("limits",)))
    assert session.keys == {"key": pack_on_disk.KEY, "limited": "sk-limited"}
    assert session.target.features == ("limits",)


def test_target_without_a_key_needs_no_key(tiny_pack: Path) -> None:
    words = Options("http://127.0.0.1:9/v1", (str(tiny_pack),), model="m")
    assert load_session(words).keys == {}


def test_reference_gateway_is_stopped_if_the_files_are_invalid(
    tiny_pack: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    started: list[reference_gateway.ReferenceGateway] = []

    class RecordedGateway(reference_gateway.ReferenceGateway):
        def __init__(self, arguments: Sequence[str] = ()) -> None:
            super().__init__(arguments)
            started.append(self)

    monkeypatch.setattr(start, "ReferenceGateway", RecordedGateway)
    (tiny_pack / "cases.yaml").write_text("cases: [{}]", "utf-8")
    with pytest.raises(FileProblems):
        load_session(Options(packs=(str(tiny_pack),)), may_send=True)
    assert [gateway.process.poll() is not None for gateway in started] == [True]


def test_reference_gateway_is_needed_only_without_an_address() -> None:
    assert needs_reference_gateway(Options())
    assert not needs_reference_gateway(Options(base_url="http://127.0.0.1:9"))
    assert not needs_reference_gateway(Options("http://127.0.0.1:9"))


def tiny_session(pack: Path, url: str, out: Path | None = None) -> LiveSession:
    options = Options(
        *(url, (str(pack),)), model="builtin-1", api_key_env="TINY_KEY", out=str(out or "")
    )
    session = load_session(options)
    session.cases = session.packs["tiny"].cases
    return session


def test_run_cases_yields_each_result_and_leaves_a_transcript(tiny_pack: Path) -> None:
    out = tiny_pack / "out"
    with pack_on_disk.gateway() as url:
        session = tiny_session(tiny_pack, url, out)
        results = [*run_cases(session)]
    assert [result.verdict.outcome for result in results] == ["pass"] * 4
    assert all(result.exchanges for result in results)
    assert session.sender is not None
    assert session.sender.engine.results.futures == {}, "judged scripts are released"
    assert session.answers == {}
    header, exchanges, footer = transcript.read(out / "transcript.jsonl")
    assert exchanges[0].status == 200, "the first call comes first"
    assert footer is not None
    sent = [each for each in exchanges if not each.same_as]
    assert footer["requests"] == session.footer["requests"] == len(sent)
    assert (footer["reason"], footer["unjudged"]) == ("", [])
    assert header["packs"][0]["id"] == "tiny"
    assert header["plans"][0]["case"]["places"] == {}
    assert pack_on_disk.read_report(out)["totals"]["pass"] == 4


def test_run_that_is_closed_early_reports_the_judged_cases(tiny_pack: Path) -> None:
    out = tiny_pack / "out"
    with pack_on_disk.gateway() as url:
        session = tiny_session(tiny_pack, url, out)
        results = cast("Generator[CaseResult, None, None]", run_cases(session))
        first = next(results)
        session.stopped = "stopped by the test"
        results.close()
        session.close()
    _, _, footer = transcript.read(out / "transcript.jsonl")
    assert footer is not None
    assert footer["reason"] == "stopped by the test"
    assert len(footer["unjudged"]) == 3
    report = pack_on_disk.read_report(out)
    assert [case["id"] for case in report["cases"]] == [first.verdict.case.id]
    assert {case["reason"] for case in report["not_selected"]} == {
        "not judged: stopped by the test"
    }


def test_exchanges_before_the_transcript_is_open_are_written_first(tiny_pack: Path) -> None:
    recording = Recording(tiny_pack / "t.jsonl")
    for _ in range(3):
        recording.add(Exchange("s", "GET", "/", (), "", "complete"))
    recording.open({})
    recording.close({})
    recording.close({})
    _, exchanges, _ = transcript.read(tiny_pack / "t.jsonl")
    assert len(exchanges) == 2, "the first call has at most two"


def test_rejected_first_call_stops_the_run(tiny_pack: Path) -> None:
    with pack_on_disk.gateway(lambda request: pack_on_disk.error(401, "no")) as url:
        session = tiny_session(tiny_pack, url)
        with pytest.raises(Unreachable, match="answered 401 to the first call"):
            next(run_cases(session))


def test_first_call_that_cannot_be_sent_is_reported_in_one_line(target: str) -> None:
    with listen(answer_with(OK)) as url:
        session = load_session(Options(target, base_url=url, headers=(("x-b", "a\nb"),)))
        session.cases = next(iter(session.packs.values())).cases[:1]
        with pytest.raises(Unreachable, match=r"^nothing could be sent to http.*: Illegal header"):
            next(run_cases(session))


def test_everything_is_closed_even_if_closing_one_part_fails(tiny_pack: Path) -> None:
    session = load_session(Options(packs=(str(tiny_pack),)), may_send=True)
    session.cases = session.packs["tiny"].cases
    results = cast("Generator[CaseResult, None, None]", run_cases(session))
    next(results)
    assert session.sender is not None
    assert session.servers is not None
    assert session.servers.gateway is not None
    stop = session.sender.engine.stop

    def crash() -> None:
        stop()
        raise ZeroDivisionError

    session.sender.engine.stop = crash  # type: ignore[method-assign]
    with pytest.raises(ZeroDivisionError):
        results.close()
    assert session.servers.gateway.process.poll() is not None


def test_passwords_in_urls_are_redacted_before_anything_is_sent(tiny_pack: Path) -> None:
    session = tiny_session(tiny_pack, "http://127.0.0.1:9/v1")
    assert session.redact("http://u:p@h/") == "http://[key:password]@h/"
    session.close()
    assert session.footer["requests"] == 0


def test_reference_gateway_serves_until_it_is_stopped() -> None:
    gateway = reference_gateway.ReferenceGateway()
    assert httpx.get(f"{gateway.base_url}/models", trust_env=False).status_code == 401
    gateway.stop()
    gateway.stop()
    with pytest.raises(httpx.ConnectError):
        httpx.get(f"{gateway.base_url}/models", trust_env=False)


def test_reference_gateway_that_does_not_start_is_reported(
    capfd: pytest.CaptureFixture[str],
) -> None:
    gateway = reference_gateway.ReferenceGateway(["--mutant", "unknown"])
    with pytest.raises(UsageError, match="the reference gateway did not start"):
        print(gateway.base_url)
    assert "no mutant is called 'unknown'" in capfd.readouterr().err


def test_reference_gateway_that_does_not_stop_is_killed(monkeypatch: pytest.MonkeyPatch) -> None:
    gateway = reference_gateway.ReferenceGateway()
    assert gateway.base_url
    wait = gateway.process.wait

    def impatient(timeout: float | None = None) -> int:
        if timeout is not None:
            raise subprocess.TimeoutExpired("gateway", timeout)
        return wait()

    monkeypatch.setattr(gateway.process, "wait", impatient)
    gateway.stop()
    assert gateway.process.poll() is not None


def test_files_in_the_current_folder_do_not_disturb_the_gateway(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A json.py in the current folder must not replace the module of the standard library."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("PYTHONPATH", raising=False)
    for name in ("json", "asyncio", "h11", "harness"):
        Path(f"{name}.py").write_text(
            "raise SystemError('imported from the current folder')\n", "utf-8"
        )
    gateway = reference_gateway.ReferenceGateway()
    assert gateway.base_url.startswith("http://127.0.0.1:")
    gateway.stop()


def test_output_folder_is_created(tmp_path: Path) -> None:
    check_output_dir(tmp_path / "a/b")
    check_output_dir(tmp_path / "a/b")
    assert list((tmp_path / "a/b").iterdir()) == []


def test_plan_of_a_case_is_built_once(tiny_pack: Path) -> None:
    session = tiny_session(tiny_pack, "http://127.0.0.1:9/v1")
    [case, *_] = session.packs["tiny"].cases
    assert session.plan(case) is session.plan(case)
    session.close()
