"""The same case judged several times: what disagrees is told, and never tried until it is green."""

from __future__ import annotations

import json
import threading
from collections import Counter
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

from harness.judge import judge
from harness.judge.repeats import Repeats, format_outcomes
from harness.model import Verdict
from harness.plan.repetitions import combine_repetitions, original_id, repeat_plan, repetition_id
from harness.report import build
from harness.run import transcript
from harness.run.replay import load_recorded
from harness.util import json_schema
from tests.support import inline_pack, pack_on_disk


def rounds(*worlds: inline_pack.Gateway, **spec: Any) -> tuple[Verdict, Repeats]:
    made, repeats = inline_pack.make_plan("ignored", values=[7], **spec), Repeats()
    for turn, world in enumerate(worlds, 1):
        one = repeat_plan(made, turn)
        repeats.add(judge(one, inline_pack.send(one, world)))
    return repeats.verdict(), repeats


REFUSES = inline_pack.reply_if("field", inline_pack.error_reply())


def test_a_repetition_has_names_of_its_own_and_asks_the_same() -> None:
    made = inline_pack.make_plan("ignored", values=[7])
    other = repeat_plan(made, 3)
    assert repeat_plan(made, 1) is made
    assert not {s.id for s in made.shots} & {s.id for s in other.shots}
    assert [s.call for s in made.shots] == [s.call for s in other.shots]
    asked = {shot for d in other.assertions for shot in (*d.shots, *d.against)}
    assert asked <= {shot.id for shot in other.shots}
    assert combine_repetitions(made, [1, 3]).shots == made.shots + other.shots
    assert (repetition_id("a/b", 1), repetition_id("a/b", 2)) == ("a/b", "a/b/r2")


def test_a_repeated_step_still_ends_in_its_name() -> None:
    steps = [{"name": name, "request": {"n": 1}} for name in ("ask", "answer")]
    made = inline_pack.make_plan("supported", steps=steps, modes=["plain"])
    assert [shot.id for shot in repeat_plan(made, 2).shots][:2] == [
        "small/one/plain/r2/ask",
        "small/one/plain/r2/answer",
    ]
    assert [original_id(shot.id, 2) for shot in repeat_plan(made, 2).shots] == [
        s.id for s in made.shots
    ]


def test_repeats_that_agree_are_one_verdict_and_say_so() -> None:
    alone, _ = rounds(inline_pack.conforming)
    verdict, _ = rounds(inline_pack.conforming, inline_pack.conforming, inline_pack.conforming)
    assert alone.repeats == ()
    assert (
        (verdict.outcome, verdict.evidence)
        == (alone.outcome, alone.evidence)
        == (
            "pass",
            "differential",
        )
    )
    assert (verdict.repeats, verdict.shown) == (("pass",) * 3, (1,))
    assert [f.holds for f in verdict.findings if f.rule == "flaky"] == [True]
    assert verdict.shots == alone.shots


def test_one_fail_among_them_is_a_fail_with_its_count() -> None:
    verdict, _ = rounds(inline_pack.conforming, REFUSES, inline_pack.conforming, REFUSES, REFUSES)
    assert verdict.outcome == "fail"
    [flaky] = [f for f in verdict.findings if f.rule == "flaky"]
    assert (flaky.holds, flaky.level, flaky.got) == (False, "should", "fail 3 of 5, pass 2 of 5")
    assert verdict.shown == (1, 2), "what repetition 4 found was known"
    assert {shot.turn for shot in verdict.shots} == {1, 2}
    assert ("ignored.refused", "must") in inline_pack.failed_rules(verdict)


def test_a_fail_that_comes_first_is_not_mended_by_what_comes_later() -> None:
    verdict, _ = rounds(REFUSES, inline_pack.conforming, inline_pack.conforming)
    assert verdict.outcome == "fail"
    assert ("flaky", "should") in inline_pack.failed_rules(verdict)


def test_what_could_not_be_learnt_once_leaves_the_case_open() -> None:
    gone = inline_pack.reply_if(
        "field", inline_pack.Reply(status=None, end="timeout", note="no end")
    )
    verdict, _ = rounds(inline_pack.conforming, gone)
    assert (verdict.outcome, verdict.cause, verdict.reason) == ("inconclusive", "timeout", "no end")
    verdict, _ = rounds(gone, REFUSES)
    assert (verdict.outcome, verdict.cause, verdict.reason) == ("fail", None, "")


def test_of_many_that_fail_alike_a_few_are_kept() -> None:
    verdict, _ = rounds(
        *[inline_pack.reply_if("field", inline_pack.error_reply(f"no {n}")) for n in range(40)]
    )
    assert len(verdict.shown) <= 6
    assert verdict.repeats == ("fail",) * 40
    assert format_outcomes(["pass", "fail", "pass"]) == "fail 1 of 3, pass 2 of 3"


def moody(wrong: Callable[[Mapping[str, Any], int], bool]) -> pack_on_disk.Respond:
    """A right gateway that is wrong on some of the requests that are alike, by their number."""
    seen: Counter[bytes] = Counter()
    lock, good = threading.Lock(), pack_on_disk.good()

    def respond(request: Mapping[str, Any]) -> pack_on_disk.Reply:
        with lock:
            seen[request["body"]] += 1
            number = seen[request["body"]]
        return pack_on_disk.error(400, "moody") if wrong(request, number) else good(request)

    return respond


def seven(request: Mapping[str, Any], number: int) -> bool:
    """Three of five of the plain requests with this seed."""
    body = json.loads(request["body"] or b"{}")
    return body.get("seed") == 7 and not body.get("stream") and number in (2, 3, 5)


def test_every_voice_tells_what_is_flaky(tiny_pack: Path) -> None:
    with pack_on_disk.gateway(moody(seven)) as url:
        done = pack_on_disk.at(url, tiny_pack, "--repeat=5", "--concurrency=1")
    out = tiny_pack.parent / "out"
    report = pack_on_disk.report_in(out)
    assert done.code == 1
    assert pack_on_disk.outcomes(out) == {"answer": "pass", "seed": "fail", "n": "pass"}
    cases = {case["id"]: case for case in report["cases"]}
    assert cases["seed"]["repeats"] == {"pass": 2, "fail": 3}
    assert cases["n"]["repeats"] == {"pass": 5}
    assert [*json_schema.errors("report", report)] == []
    told = "1 case is flaky: tiny/seed (fail 3 of 5, pass 2 of 5)."
    assert told in " ".join(done.out.split())
    assert told in (out / "summary.md").read_text("utf-8")
    junit = ElementTree.parse(out / "junit.xml").getroot()
    properties = {p.get("value") for p in junit.iter("property") if p.get("name") == "repeats"}
    assert "fail 3 of 5, pass 2 of 5" in properties
    [failure] = junit.iter("failure")
    assert "got: fail 3 of 5, pass 2 of 5" in (failure.text or "") + str(failure.get("message"))
    page = (out / "report.html").read_text("utf-8")
    assert "repeat 2" in page
    assert "moody" in page


def test_every_repetition_is_sent_and_lies_in_the_transcript(tiny_pack: Path) -> None:
    with pack_on_disk.gateway(moody(seven)) as url:
        pack_on_disk.at(url, tiny_pack, "--repeat=5", "--concurrency=1")
    out = tiny_pack.parent / "out"
    header, exchanges, _ = transcript.read(out / "transcript.jsonl")
    assert header["repeat"] == 5
    assert len({one.shot for one in exchanges}) == len(exchanges) == 5 * len(header_shots(header))
    live, again_ = (
        pack_on_disk.report_in(out),
        load_recorded(str(out / "transcript.jsonl")).report(),
    )
    assert again_["cases"] == live["cases"]
    assert build.count_outcomes(again_["cases"]) == live["totals"]


def header_shots(header: Mapping[str, Any]) -> set[str]:
    return {shot["id"] for plan in header["plans"] for s in plan["scripts"] for shot in s["shots"]}


def test_a_torn_run_of_repetitions_judges_the_cases_that_are_whole(tiny_pack: Path) -> None:
    with pack_on_disk.gateway() as url:
        pack_on_disk.at(url, tiny_pack, "--repeat=3", "--concurrency=1")
    path = tiny_pack.parent / "out" / "transcript.jsonl"
    lines = path.read_text("utf-8").splitlines(keepends=True)
    path.write_text("".join(lines[:-2]), "utf-8")
    report = load_recorded(str(path), unfinished=True).report()
    assert [case["id"] for case in report["cases"]] == ["answer", "seed"]
    whole = load_recorded(str(path), [str(tiny_pack)], unfinished=True).report()
    assert {case["outcome"] for case in whole["cases"]} == {"pass"}


def test_workers_repeat_too(tiny_pack: Path) -> None:
    out = tiny_pack.parent / "out"
    words = ("pytest", "-p", "harness.plugin", "-n2", "--llm-repeat=3", f"--llm-out={out}")
    done = pack_on_disk.done(*words, tiny_pack)
    assert done.code == 0
    report = pack_on_disk.report_in(out)
    assert {tuple(case["repeats"].items()) for case in report["cases"]} == {(("pass", 3),)}
    assert load_recorded(str(out / "transcript.jsonl")).report()["cases"] == report["cases"]


@pytest.mark.parametrize("times", ["0", "-1", "x"])
def test_so_many_times_makes_no_sense(tiny_pack: Path, times: str) -> None:
    assert pack_on_disk.run(tiny_pack, f"--repeat={times}").code == 4
    assert pack_on_disk.by_pytest(f"--llm-repeat={times}", tiny_pack).code == 4
