"""Certificates do not list features that were only refused, nor certify an undecided core."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from harness.certify import load_run_folder, make_statement
from tests.support import pack_on_disk, report_html

PACK = pack_on_disk.PACK.replace("vision: extended", "thinking: extended, models: extended")
CASES = """
pack: tiny
cases:
  - id: answer
    row: answer
    why: A question is answered.
    expect: {body: {"$.choices[0].message.content": {const: ready}}}
  - id: thinking
    row: thinking
    feature: thinking
    behaviour: honoured_or_refused
    values: [{type: adaptive}, {type: enabled, budget_tokens: 1024}]
    expect: {body: {"$.choices[0].message.content": {minLength: 1}}}
  - id: thinking.nonsense
    row: thinking
    feature: thinking
    behaviour: rejected
    field: $.thinking
    values: [much]
  - id: models
    row: models
    feature: models
    request: {method: GET, path: /models}
    expect: {body: {$.object: list}}
"""
UNSURE = CASES.replace("expect: {body: {", "assume: {body: {", 1).replace("ready", "other")


def without_thinking(request: Mapping[str, Any]) -> pack_on_disk.Reply:
    if b'"thinking"' in request["body"]:
        return pack_on_disk.error(400, "thinking: this model does not think")
    return pack_on_disk.correct_gateway()(request)


def run_and_certify(folder: Path, cases: str) -> pack_on_disk.CommandResult:
    """Run a frozen pack against a gateway that refuses all thinking, and certify the run."""
    pack = pack_on_disk.pack(folder / "tiny", cases, PACK)
    assert pack_on_disk.harness("freeze", pack).code == 0
    with pack_on_disk.gateway(without_thinking) as url:
        assert pack_on_disk.run_against(url, pack).code == 0
    key = folder / "key.pem"
    assert pack_on_disk.harness("certify", "--new-key", key).code == 0
    return pack_on_disk.harness("certify", folder / "out", "--key", key)


def test_a_feature_that_was_always_refused_is_not_shown(tiny_pack: Path) -> None:
    result = run_and_certify(tiny_pack.parent, CASES)
    assert (result.code, result.err) == (0, "")
    lines = [line.strip() for line in result.out.splitlines()]
    assert "shown: models" in lines
    assert "refused, which is permitted: thinking" in lines
    report = pack_on_disk.read_report(tiny_pack.parent / "out")
    extended = next(one for one in report["profiles"] if one["profile"] == "extended")
    assert (extended["shown"], extended["refused"]) == (["models"], ["thinking"])
    assert (extended["result"], extended["totals"]["refused"]) == ("conformant", 1)
    page = (tiny_pack.parent / "out/report.html").read_text("utf-8")
    assert [case["refused"] for case in report_html.cases(page).values() if "refused" in case]


def test_the_statement_lists_the_refused_feature_apart(tiny_pack: Path) -> None:
    run_and_certify(tiny_pack.parent, CASES)
    statement = make_statement(load_run_folder(tiny_pack.parent / "out"))
    profiles = statement["predicate"]["conformance"]["profiles"]
    shown = [feature for one in profiles for feature in one["shown"]]
    assert "thinking" not in json.dumps(shown)


def test_a_run_with_an_inconclusive_core_case_is_not_certified(tiny_pack: Path) -> None:
    result = run_and_certify(tiny_pack.parent, UNSURE)
    assert result.code == 4
    assert "a core case is inconclusive: tiny/answer" in result.err
