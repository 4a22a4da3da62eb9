"""Runs through the official SDKs, from the command line to the report."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import Any

import pytest

from harness.fire.sdk import driver
from harness.load.pack_folders import with_sdk_packs
from harness.model import Exchange
from harness.report.evidence import exchange_view
from harness.run.reference_gateway import KEYS
from harness.testbed.gateway.gateway import Gateway
from harness.testbed.mutants import MUTANTS
from harness.util.errors import FileProblems
from tests.support import inline_pack, pack_on_disk, report_html

PACK = """
id: tiny
version: 1.2.3
title: A pack of a few cases
protocol: openai
body: {model: $model, messages: [{role: user, content: "Reply with the single word: ready"}]}
modes: {plain: {}, stream: {}}
"""
CASES = """
pack: tiny
cases:
  - id: stream
    row: answer
    client: {sdk: openai-python, script: stream}
    expect: {body: {$.error: false, "$.result.text?": ready}}
"""
NODE = CASES.replace("openai-python", "openai-typescript")


def test_case_is_sent_by_the_sdk_and_its_traffic_is_reported(tmp_path: Path) -> None:
    result = pack_on_disk.run(pack_on_disk.pack(tmp_path / "tiny", CASES, PACK))
    assert result.code == 0, result.out
    assert pack_on_disk.outcomes(tmp_path / "out") == {"stream": "pass"}
    page = (tmp_path / "out" / "report.html").read_text("utf-8")
    [case] = report_html.cases(page).values()
    [exchange] = case["exchanges"].values()
    [sent] = exchange["wire"]
    assert sent["request"]["url"].endswith("/v1/chat/completions")
    assert "authorization: Bearer $API_KEY" in sent["request"]["curl"]


def test_no_output_contains_the_key_or_its_placeholder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    wrong = next(mutant.override for mutant in MUTANTS if mutant.id == "stream.content-renamed")
    monkeypatch.setenv("TINY_KEY", KEYS["key"])
    with pack_on_disk.gateway(Gateway(wrong, pace=0.0).respond) as url:
        result = pack_on_disk.run_against(url, pack_on_disk.pack(tmp_path / "tiny", CASES, PACK))
    assert result.code == 1
    for path in (tmp_path / "out").iterdir():
        text = path.read_text("utf-8")
        assert KEYS["key"] not in text
        assert "sk-placeholder" not in text


def test_cases_of_a_missing_sdk_are_inconclusive(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", os.path.dirname(sys.executable))
    monkeypatch.setenv(driver.CACHE_VARIABLE, str(tmp_path / "cache"))
    result = pack_on_disk.run(pack_on_disk.pack(tmp_path / "tiny", NODE, PACK))
    (case,) = pack_on_disk.read_report(tmp_path / "out")["cases"]
    assert (result.code, case["outcome"], case["cause"]) == (0, "inconclusive", "environment")
    assert case["reason"] == "openai-typescript: node is not on the PATH"


def test_clients_option_adds_the_packs_of_the_protocols(tmp_path: Path) -> None:
    assert with_sdk_packs(("openai-chat",)) == ("openai-chat", "sdk-openai")
    embeddings = ("openai-embeddings", "sdk-embeddings")
    assert with_sdk_packs(("openai-embeddings",)) == embeddings
    assert with_sdk_packs(("openai-responses",)) == ("openai-responses", "sdk-responses")
    assert with_sdk_packs(("sdk-openai", "openai-compat")) == ("sdk-openai", "openai-compat")
    both = with_sdk_packs(("cross-protocol",))
    assert set(both) == {"cross-protocol", "sdk-openai", "sdk-anthropic"}


def test_run_command_has_a_clients_option(tmp_path: Path) -> None:
    words = ("--pack", "openai-chat", "--case", "python.plain", "--out", tmp_path / "out")
    assert pack_on_disk.harness("run", *words).code == 4  # there is no such case without it
    assert pack_on_disk.harness("run", "--clients", *words).code == 0
    report = pack_on_disk.read_report(tmp_path / "out")
    assert [pack["id"] for pack in report["packs"]] == ["sdk-openai"]  # only it has the case
    assert [case["id"] for case in report["cases"]] == ["python.plain"]


def test_pytest_has_a_clients_option(tmp_path: Path) -> None:
    cases = Path(pack_on_disk.ROOT) / "cases"
    words = ("--llm-clients", "--llm-pack", "openai-chat", "--llm-case", "python.plain")
    result = pack_on_disk.run_pytest(cases, *words, "--llm-out", tmp_path / "out")
    assert result.code == 0, result.out
    assert pack_on_disk.outcomes(tmp_path / "out") == {"python.plain": "pass"}


def test_sdk_of_another_protocol_is_rejected() -> None:
    with pytest.raises(FileProblems, match="`anthropic-python` does not speak openai"):
        inline_pack.make_plan("supported", client={"sdk": "anthropic-python", "script": "plain"})


def test_sdk_case_is_planned_as_one_call() -> None:
    plan = inline_pack.make_plan("supported", client={"sdk": "openai-python", "script": "plain"})
    (shot,) = (shot for shot in plan.shots if shot.tag == "probe")
    assert (shot.call.method, shot.call.path) == ("CLIENT", "openai-python/plain")
    assert shot.call.body["messages"]
    assert shot.call.headers == ()


def test_report_shows_the_first_and_last_of_many_requests(tmp_path: Path) -> None:
    entry = {
        "request": {"method": "GET", "path": "/x", "url": "http://there/x", "headers": {}},
        "answer": {"status": 200, "headers": {}, "lines": ["data: 1", ""]},
        "at": 0.0,
        "seconds": 0.1,
    }
    evidence = {"ok": True, "result": 1, "wire": [{**entry, "at": float(at)} for at in range(20)]}
    entry = case_evidence(json.dumps(evidence).encode())
    assert [each["at"] for each in entry["wire"]] == [0.0, 1.0, 2.0, 3.0, 4.0, 19.0]
    assert "14 requests" in entry["wire"][-1]["gap"]
    assert entry["wire"][0]["answer"]["body"] == "data: 1\n"
    assert entry["wire"][0]["request"]["curl"].splitlines()[-1].strip() == "http://there/x"
    assert entry["request"]["curl"] == ""
    assert "wire" not in json.loads(entry["answer"]["body"])


def test_report_shows_an_unknown_body_unchanged() -> None:
    assert case_evidence(b"[1]")["answer"]["body"] == "[1]"


def case_evidence(body: bytes) -> Any:
    made = Exchange(
        *("x", "CLIENT", "small/plain", (), "{}", "complete", 200),
        headers=(("content-type", "application/json"),),
        chunks=((0.0, body),),
    )
    return exchange_view(made)
