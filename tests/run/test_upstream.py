"""`harness run --upstream` serves a mock provider and judges forwarded requests."""

from __future__ import annotations

import json
import socket
from pathlib import Path
from typing import Any

import pytest

from harness.run import transcript
from tests.support import pack_on_disk

CASES = """
cases:
  - {id: seed, row: seed, behaviour: ignored, field: $.unknown,
     values: [1, 2], modes: [plain, stream]}
  - id: answer
    row: answer
    feature: upstream
    upstream: {text: "I am the provider.", usage: {input_tokens: 7, output_tokens: 5}}
    expect:
      body: {"$.choices[0].message.content": I am the provider.}
      forwarded:
        count: 1
        anthropic:
          body: {$.model: builtin-1, $.seed: false}
          headers: {x-api-key: "[key:provider]"}
          unique: [anthropic-version]
"""


@pytest.fixture
def pack(tiny_pack: Path) -> Path:
    text = (tiny_pack / "pack.yaml").read_text("utf-8")
    (tiny_pack / "pack.yaml").write_text(
        text + "\nfeatures: {core: core, limits: opt-in, upstream: opt-in}\n"
        if "features:" not in text
        else text.replace("features: {", "features: {upstream: opt-in, "),
        "utf-8",
    )
    (tiny_pack / "cases.yaml").write_text(CASES, "utf-8")
    return tiny_pack


def run(pack: Path, *words: str) -> tuple[pack_on_disk.CommandResult, dict[str, Any]]:
    out = pack.parent / "out"
    result = pack_on_disk.harness("run", "--pack", pack, f"--out={out}", *words)
    return result, pack_on_disk.read_report(out)


def test_forwarded_requests_are_judged_and_recorded(pack: Path) -> None:
    result, report = run(pack, "--upstream", "127.0.0.1:0")
    assert result.code == 0, result.out + result.err
    assert {case["id"]: case["evidence"] for case in report["cases"]} == {
        "seed": "upstream",
        "answer": "upstream",
    }
    assert report["unexpected"] == []
    _, exchanges, footer = transcript.read(pack.parent / "out" / "transcript.jsonl")
    assert footer is not None
    assert all(exchange.forwarded for exchange in exchanges if exchange.status == 200)
    assert all(exchange.forwarded == () for exchange in exchanges if exchange.status == 400)
    text = (pack.parent / "out" / "transcript.jsonl").read_text("utf-8")
    assert "sk-upstream-0123456789abcdef" not in text
    assert all("[ref:" in e.request_body for e in exchanges if e.status == 200)
    assert "[ref:" not in "".join(f.body for e in exchanges for f in e.forwarded or ())


def test_run_without_upstream_leaves_out_its_cases(pack: Path) -> None:
    result, report = run(pack)
    assert result.code == 0
    assert [case["id"] for case in report["cases"]] == ["seed"]
    assert report["cases"][0]["evidence"] == "differential"
    assert [case["id"] for case in report["not_selected"]] == ["answer"]
    assert "[ref:" not in (pack.parent / "out" / "transcript.jsonl").read_text("utf-8")


@pytest.mark.parametrize("text", ["here", "host:", "host:port", "h:99999"])
def test_invalid_upstream_address_is_reported_in_one_line(pack: Path, text: str) -> None:
    result = pack_on_disk.harness(
        "run", "--pack", pack, "--upstream", text, f"--out={pack.parent / 'out'}"
    )
    assert (result.code, len(result.err.strip().splitlines())) == (4, 1)
    assert "write HOST:PORT" in result.err


def test_upstream_port_in_use_is_reported_in_one_line(pack: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        address = f"127.0.0.1:{taken.getsockname()[1]}"
        result = pack_on_disk.harness("run", "--pack", pack, "--upstream", address)
    assert (result.code, len(result.err.strip().splitlines())) == (4, 1)
    assert f"--upstream {address}: " in result.err


def test_findings_on_forwarded_requests_have_the_grade_upstream(pack: Path) -> None:
    _, report = run(pack, "--upstream", "127.0.0.1:0")
    rules = {f["rule"]: f["grade"] for case in report["cases"] for f in case["findings"]}
    assert rules["ignored.forwarded"] == rules["forwarded count"] == "upstream"
    assert json.loads(json.dumps(report)) == report


def test_a_gateway_that_is_not_pointed_at_the_upstream_fails_nothing(tiny_pack: Path) -> None:
    with pack_on_disk.gateway() as url:
        result = pack_on_disk.run_against(
            url, Path("openai-embeddings"), "--upstream", "127.0.0.1:0", "--model", "builtin-1"
        )
    assert result.code == 0, result.out
    outcomes = pack_on_disk.outcomes(Path("out"))
    scripted = {name for name in outcomes if name.startswith("upstream.failed.")}
    assert len(scripted) > 2
    undecided = {name for name, outcome in outcomes.items() if outcome == "inconclusive"}
    assert scripted | {"input.again"} <= undecided
    assert set(outcomes.values()) == {"pass", "inconclusive"}
