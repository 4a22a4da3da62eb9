"""Shards of a run are of about the same size, and merged they equal one run."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.model import Plan, Script, Shot
from harness.plan.shards import shards
from harness.run import Options, load_session, transcript
from harness.run.replay import load_recorded
from tests.support import inline_pack, pack_on_disk

SHARED = inline_pack.make_plan("supported").scripts[0]


def plan(name: int, shots: int, control: bool) -> Plan:
    first = SHARED.shots[0]
    own = tuple(Shot(f"p/{name}/{n}", "main", "", "plain", "", first.call) for n in range(shots))
    scripts = tuple(Script(shot.id, (shot,)) for shot in own)
    return Plan(inline_pack.case("supported", id=str(name)), (*scripts, *([SHARED] * control)), ())


@given(
    st.lists(st.tuples(st.integers(0, 9), st.booleans()), max_size=30),
    st.integers(min_value=1, max_value=5),
)
def test_every_case_is_in_one_shard_and_the_shards_are_even(
    sizes: list[tuple[int, bool]], parts: int
) -> None:
    plans = [plan(number, *size) for number, size in enumerate(sizes)]
    result = shards(plans, parts)
    assert sorted(p.case.id for part in result for p in part) == sorted(p.case.id for p in plans)
    assert result == shards(plans, parts), "the order is deterministic"
    sent = [len({shot.id for p in part for shot in p.shots}) for part in result]
    assert max(sent) - min(sent) <= max((len(p.shots) for p in plans), default=0)


def test_shards_of_the_shipped_packs_are_even() -> None:
    session = load_session(Options())
    plans = [session.plan(case) for pack in session.packs.values() for case in pack.cases]
    sent = [len({s.id for p in part for s in p.shots}) for part in shards(plans, 4)]
    assert max(sent) - min(sent) <= 3


def run_shard(pack: Path, url: str, number: int, *words: str, of: int = 3) -> Path:
    out = pack.parent / f"shard-{number}-{of}"
    options = ("--model=builtin-1", "--api-key-env=TINY_KEY", f"--shard={number}/{of}", *words)
    pack_on_disk.run(pack, *options, target=url, out=out)
    return out


SAME = ("result", "totals", "fields", "packs", "selection", "reasons", "profiles")
VERDICT = ("id", "outcome", "evidence", "reason", "cause", "repeats", "level")


def verdicts(report: dict[str, Any]) -> list[dict[str, Any]]:
    return [
        {key: case.get(key) for key in VERDICT}
        | {"findings": [(f["rule"], f["level"], f["holds"], f["at"]) for f in case["findings"]]}
        for case in report["cases"]
    ]


@pytest.mark.parametrize(
    "words", [(), ("--repeat=2",), ("-k", "not burst")], ids=["plain", "repeat", "chosen"]
)
def test_merged_shards_equal_one_run(tiny_pack: Path, words: tuple[str, ...]) -> None:
    with pack_on_disk.gateway() as url:
        outs = [run_shard(tiny_pack, url, number, *words) for number in (1, 2, 3)]
        assert pack_on_disk.run_against(url, tiny_pack, *words).code == 0
    whole = pack_on_disk.read_report(tiny_pack.parent / "out")
    merged = tiny_pack.parent / "merged"
    result = pack_on_disk.harness("merge", *reversed(outs), "--out", merged)
    assert (result.code, result.err) == (0, "")
    report = pack_on_disk.read_report(merged)
    assert {key: report[key] for key in SAME} == {key: whole[key] for key in SAME}
    assert verdicts(report) == verdicts(whole)
    assert [case["id"] for case in report["not_selected"]] == [
        case["id"] for case in whole["not_selected"]
    ]
    assert report["requests"] == sum(pack_on_disk.read_report(out)["requests"] for out in outs)
    assert load_recorded(str(merged / "transcript.jsonl")).report()["cases"] == report["cases"]
    _, exchanges, _ = transcript.read(merged / "transcript.jsonl")
    assert len({one.shot for one in exchanges}) == len(exchanges) == report["requests"]
    assert "conformant to tiny" in result.out or words[0:1] == ("-k",)


def test_merged_shards_of_a_shipped_pack_equal_one_run(tmp_path: Path, tiny_pack: Path) -> None:
    pack = Path("openai-chat")
    more = ("--model=builtin-1", "--api-key-env=TINY_KEY", "--smoke")
    with pack_on_disk.gateway() as url:
        outs = [tmp_path / str(number) for number in (1, 2, 3)]
        for number, out in enumerate(outs, 1):
            pack_on_disk.run(pack, *more, f"--shard={number}/3", target=url, out=out)
        pack_on_disk.run(pack, *more, target=url, out=tmp_path / "whole")
    assert pack_on_disk.harness("merge", *outs, "--out", tmp_path / "merged").code == 0
    one, other = (
        pack_on_disk.read_report(tmp_path / "whole"),
        pack_on_disk.read_report(tmp_path / "merged"),
    )
    assert verdicts(one) == verdicts(other)
    assert {key: one[key] for key in SAME} == {key: other[key] for key in SAME}


def junit(path: Path) -> list[tuple[str | None, str | None, str, set[str | None]]]:
    """The names, outcome element and property values of each case."""
    return [
        (
            case.get("classname"),
            case.get("name"),
            next((part.tag for part in case if part.tag != "properties"), ""),
            {part.get("value") for part in case.iter("property")},
        )
        for case in ElementTree.parse(path).getroot().iter("testcase")
    ]


def test_merged_junit_equals_that_of_one_run(tiny_pack: Path) -> None:
    base = tiny_pack.parent / "baseline.yaml"
    base.write_text("deviations:\n  - {case: tiny/n, reason: known}\n", "utf-8")
    good = pack_on_disk.correct_gateway()

    def wrong(request: Any) -> pack_on_disk.Reply:
        body = json.loads(request["body"] or b"{}")
        if body.get("seed") == 7 or body.get("n") == 1:
            return pack_on_disk.error(500, "\ufffe ]]> \x01 <b>")
        return good(request)

    words = ("--repeat=2", f"--baseline={base}")
    with pack_on_disk.gateway(wrong) as url:
        outs = [run_shard(tiny_pack, url, number, *words) for number in (1, 2, 3)]
        pack_on_disk.run_against(url, tiny_pack, *words)
    assert pack_on_disk.harness("merge", *outs, "--out", tiny_pack.parent / "m").code == 1
    merged, whole = (junit(tiny_pack.parent / name / "junit.xml") for name in ("m", "out"))
    assert merged == whole
    assert {kind for _, _, kind, _ in merged} == {"", "failure", "skipped"}


def test_case_is_compared_with_the_controls_of_its_own_shard(tiny_pack: Path) -> None:
    """The second gateway reports more tokens, so shards must not share their controls."""
    good = pack_on_disk.correct_gateway()

    def more_tokens(request: Any) -> pack_on_disk.Reply:
        reply = good(request)
        return {
            **reply,
            "chunks": [b.replace(b'_tokens":', b'_tokens":1') for b in reply["chunks"]],
        }

    with pack_on_disk.gateway() as url, pack_on_disk.gateway(more_tokens) as other:
        outs = [run_shard(tiny_pack, url, 1, of=2), run_shard(tiny_pack, other, 2, of=2)]
    for out in outs:  # pretend that both have the same address
        path = out / "transcript.jsonl"
        old, new = (address.split("/")[2] for address in (other, url))
        path.write_text(path.read_text("utf-8").replace(old, new), "utf-8")
    assert pack_on_disk.harness("merge", *outs, "--out", tiny_pack.parent / "m").code == 0
    assert set(pack_on_disk.outcomes(tiny_pack.parent / "m").values()) == {"pass"}


def test_merged_baseline_messages_equal_those_of_one_run(tiny_pack: Path) -> None:
    base = tiny_pack.parent / "baseline.yaml"
    base.write_text(
        "deviations:\n"
        "  - {case: tiny/n, reason: known}\n"
        "  - {case: tiny/seed, reason: fixed}\n"
        "  - {case: tiny/answer, reason: over, until: '2020-01-01'}\n",
        "utf-8",
    )
    good = pack_on_disk.correct_gateway()

    def wrong(request: Any) -> pack_on_disk.Reply:
        body = json.loads(request["body"] or b"{}")
        return pack_on_disk.error(500, "no") if body.get("n") == 1 else good(request)

    with pack_on_disk.gateway(wrong) as url:
        outs = [run_shard(tiny_pack, url, n, f"--baseline={base}") for n in (1, 2, 3)]
        pack_on_disk.run_against(url, tiny_pack, f"--baseline={base}")
    whole = pack_on_disk.read_report(tiny_pack.parent / "out")
    result = pack_on_disk.harness("merge", *outs, "--out", tiny_pack.parent / "m")
    merged = pack_on_disk.read_report(tiny_pack.parent / "m")
    assert result.code == 1
    messages = [
        sorted((each["kind"], each["case"], each["says"]) for each in report["baseline"]["told"])
        for report in (merged, whole)
    ]
    assert messages[0] == messages[1]
    assert [c.get("known") for c in merged["cases"]] == [c.get("known") for c in whole["cases"]]


def test_reason_against_merging_is_reported_in_one_line(tiny_pack: Path) -> None:
    folder = tiny_pack.parent
    with pack_on_disk.gateway() as url, pack_on_disk.gateway() as elsewhere:
        one, two, three = (run_shard(tiny_pack, url, n) for n in (1, 2, 3))
        pack_on_disk.run_against(url, tiny_pack)
        strange = run_shard(tiny_pack, elsewhere, 2, of=2)
        narrow = folder / "narrow"
        words = ("--model=builtin-1", "--api-key-env=TINY_KEY", "--shard=1/2", "--repeat=2")
        pack_on_disk.run(tiny_pack, *words, target=url, out=narrow)

    def error(*outs: Path, to: Path = folder / "m") -> str:
        result = pack_on_disk.harness("merge", *outs, "--out", to)
        assert result.code == 4
        [line] = result.lines
        return line

    assert "shard 2/3 is missing" in error(one, three)
    assert "is given twice" in error(one, two, three, two)
    assert "it is not a shard of a run" in error(folder / "out")
    assert "another target" in error(one, strange)
    assert "another repeat" in error(one, narrow)
    assert "this folder contains a shard" in error(one, two, three, to=one)
    cut = (two / "transcript.jsonl").read_text("utf-8").splitlines(keepends=True)[:-1]
    (two / "transcript.jsonl").write_text("".join(cut), "utf-8")
    assert "the run has not ended" in error(one, two, three)


def test_report_that_contradicts_its_transcript_is_not_merged(tiny_pack: Path) -> None:
    with pack_on_disk.gateway() as url:
        outs = [run_shard(tiny_pack, url, n, of=2) for n in (1, 2)]
    report = pack_on_disk.read_report(outs[0])
    report["cases"][0]["outcome"] = "fail"
    (outs[0] / "report.json").write_text(json.dumps(report), "utf-8")
    result = pack_on_disk.harness("merge", *outs, "--out", tiny_pack.parent / "m")
    assert result.code == 4
    assert "its outcome is fail in the report and pass in the transcript" in result.err


@pytest.mark.parametrize("text", ["0/3", "4/3", "1", "1/0", "a/b", "1/3/5", "-1/3"])
def test_invalid_shard_is_rejected(tiny_pack: Path, text: str) -> None:
    result = pack_on_disk.run(tiny_pack, f"--shard={text}")
    assert result.code == 4
    assert "write I/N, as 1/3, 2/3 and 3/3" in result.err


def test_shard_lists_the_cases_of_the_other_shards(tiny_pack: Path) -> None:
    with pack_on_disk.gateway() as url:
        out = run_shard(tiny_pack, url, 1)
        assert pack_on_disk.run_against(url, tiny_pack, "--shard=9/9").code == 5, (
            "nothing is left for it"
        )
    report = pack_on_disk.read_report(out)
    assert report["selection"] == {"shard": "1/3"}
    reasons = {case["id"]: case["reason"] for case in report["not_selected"]}
    assert reasons["burst"] == "opt-in: --feature limits"
    assert sorted(set(reasons.values())) == [
        "in shard 2/3",
        "in shard 3/3",
        "opt-in: --feature limits",
    ]


def test_inconclusive_case_fails_merged_shards_only_if_requested(tiny_pack: Path) -> None:
    unsure = pack_on_disk.CASES.replace("expect: {body", "assume: {body")
    pack_on_disk.pack(tiny_pack, unsure.replace("const: ready", "const: other"))
    with pack_on_disk.gateway() as url:
        outs = [run_shard(tiny_pack, url, number) for number in (1, 2, 3)]
    merged = tiny_pack.parent / "merged"
    result = pack_on_disk.harness("merge", *outs, "--out", merged)
    assert result.code == 0
    assert "only with --fail-on inconclusive" in result.out
    assert "<error" not in (merged / "junit.xml").read_text("utf-8")
    words = ("--out", tiny_pack.parent / "strict", "--fail-on", "inconclusive")
    assert pack_on_disk.harness("merge", *outs, *words).code == 1
    assert "<error" in (tiny_pack.parent / "strict" / "junit.xml").read_text("utf-8")
