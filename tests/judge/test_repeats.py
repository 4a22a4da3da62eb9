"""Repetitions of a case are combined: the worst one counts, and a disagreement is reported."""

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
from tests.support import inline_pack, pack_on_disk, report_html


def judge_repetitions(*worlds: inline_pack.Gateway, **spec: Any) -> tuple[Verdict, Repeats]:
    plan, repeats = inline_pack.make_plan("ignored", values=[7], **spec), Repeats()
    for turn, world in enumerate(worlds, 1):
        repetition = repeat_plan(plan, turn)
        repeats.add(judge(repetition, inline_pack.send(repetition, world)))
    return repeats.verdict(), repeats


REFUSING = inline_pack.reply_if("field", inline_pack.error_reply())


def test_a_repetition_has_its_own_shot_ids_and_the_same_requests() -> None:
    plan = inline_pack.make_plan("ignored", values=[7])
    other = repeat_plan(plan, 3)
    assert repeat_plan(plan, 1) is plan
    assert not {s.id for s in plan.shots} & {s.id for s in other.shots}
    assert [s.call for s in plan.shots] == [s.call for s in other.shots]
    referenced = {shot for d in other.assertions for shot in (*d.shots, *d.against)}
    assert referenced <= {shot.id for shot in other.shots}
    assert combine_repetitions(plan, [1, 3]).shots == plan.shots + other.shots
    assert (repetition_id("a/b", 1), repetition_id("a/b", 2)) == ("a/b", "a/b/r2")


def test_the_id_of_a_repeated_step_ends_with_its_name() -> None:
    steps = [{"name": name, "request": {"body": {"n": 1}}} for name in ("ask", "answer")]
    plan = inline_pack.make_plan("supported", steps=steps, modes=["plain"])
    assert [shot.id for shot in repeat_plan(plan, 2).shots][:2] == [
        "small/one/plain/r2/ask",
        "small/one/plain/r2/answer",
    ]
    assert [original_id(shot.id, 2) for shot in repeat_plan(plan, 2).shots] == [
        s.id for s in plan.shots
    ]


def test_repetitions_that_agree_are_combined_into_one_verdict() -> None:
    single, _ = judge_repetitions(inline_pack.conforming)
    verdict, _ = judge_repetitions(
        inline_pack.conforming, inline_pack.conforming, inline_pack.conforming
    )
    assert single.repeats == ()
    assert (
        (verdict.outcome, verdict.evidence)
        == (single.outcome, single.evidence)
        == (
            "pass",
            "differential",
        )
    )
    assert (verdict.repeats, verdict.kept_repeats) == (("pass",) * 3, (1,))
    assert [f.holds for f in verdict.findings if f.rule == "flaky"] == [True]
    assert verdict.shots == single.shots


def test_one_failed_repetition_fails_the_case_with_a_count() -> None:
    verdict, _ = judge_repetitions(
        inline_pack.conforming, REFUSING, inline_pack.conforming, REFUSING, REFUSING
    )
    assert verdict.outcome == "fail"
    [flaky] = [f for f in verdict.findings if f.rule == "flaky"]
    assert (flaky.holds, flaky.level, flaky.got) == (False, "should", "fail 3 of 5, pass 2 of 5")
    assert verdict.kept_repeats == (1, 2), "repetition 4 has no new finding"
    assert {shot.turn for shot in verdict.shots} == {1, 2}
    assert ("ignored.refused", "must") in inline_pack.failed_rules(verdict)


def test_later_passes_do_not_replace_an_earlier_fail() -> None:
    verdict, _ = judge_repetitions(REFUSING, inline_pack.conforming, inline_pack.conforming)
    assert verdict.outcome == "fail"
    assert ("flaky", "should") in inline_pack.failed_rules(verdict)


def test_one_inconclusive_repetition_makes_the_case_inconclusive() -> None:
    timeout = inline_pack.reply_if(
        "field", inline_pack.Reply(status=None, end="timeout", note="no end")
    )
    verdict, _ = judge_repetitions(inline_pack.conforming, timeout)
    assert (verdict.outcome, verdict.cause, verdict.reason) == ("inconclusive", "timeout", "no end")
    verdict, _ = judge_repetitions(timeout, REFUSING)
    assert (verdict.outcome, verdict.cause, verdict.reason) == ("fail", None, "")


def test_only_a_few_failed_repetitions_are_kept() -> None:
    verdict, _ = judge_repetitions(
        *[inline_pack.reply_if("field", inline_pack.error_reply(f"no {n}")) for n in range(40)]
    )
    assert len(verdict.kept_repeats) <= 6
    assert verdict.repeats == ("fail",) * 40
    assert format_outcomes(["pass", "fail", "pass"]) == "fail 1 of 3, pass 2 of 3"


def unreliable(wrong: Callable[[Mapping[str, Any], int], bool]) -> pack_on_disk.Respond:
    """A gateway that fails on some of several equal requests, selected by `wrong`."""
    counts: Counter[bytes] = Counter()
    lock, good = threading.Lock(), pack_on_disk.correct_gateway()

    def respond(request: Mapping[str, Any]) -> pack_on_disk.Reply:
        with lock:
            counts[request["body"]] += 1
            number = counts[request["body"]]
        return pack_on_disk.error(400, "unreliable") if wrong(request, number) else good(request)

    return respond


def affects_three_of_five(request: Mapping[str, Any], number: int) -> bool:
    """Select three of five equal plain requests with seed 7."""
    body = json.loads(request["body"] or b"{}")
    return body.get("seed") == 7 and not body.get("stream") and number in (2, 3, 5)


def test_every_output_reports_a_flaky_case(tiny_pack: Path) -> None:
    with pack_on_disk.gateway(unreliable(affects_three_of_five)) as url:
        done = pack_on_disk.run_against(url, tiny_pack, "--repeat=5", "--concurrency=1")
    out = tiny_pack.parent / "out"
    report = pack_on_disk.read_report(out)
    assert done.code == 1
    assert pack_on_disk.outcomes(out) == {"answer": "pass", "seed": "fail", "n": "pass"}
    cases = {case["id"]: case for case in report["cases"]}
    assert cases["seed"]["repeats"] == {"pass": 2, "fail": 3}
    assert cases["n"]["repeats"] == {"pass": 5}
    assert [*json_schema.errors("report", report)] == []
    message = "1 case is flaky: tiny/seed (fail 3 of 5, pass 2 of 5)."
    assert message in " ".join(done.out.split())
    assert message in (out / "summary.md").read_text("utf-8")
    junit = ElementTree.parse(out / "junit.xml").getroot()
    properties = {p.get("value") for p in junit.iter("property") if p.get("name") == "repeats"}
    assert "fail 3 of 5, pass 2 of 5" in properties
    [failure] = junit.iter("failure")
    assert "got: fail 3 of 5, pass 2 of 5" in (failure.text or "") + str(failure.get("message"))
    page = report_html.readable((out / "report.html").read_text("utf-8"))
    assert "repeat 2" in page
    assert "unreliable" in page


def test_every_repetition_is_sent_and_recorded(tiny_pack: Path) -> None:
    with pack_on_disk.gateway(unreliable(affects_three_of_five)) as url:
        pack_on_disk.run_against(url, tiny_pack, "--repeat=5", "--concurrency=1")
    out = tiny_pack.parent / "out"
    header, exchanges, _ = transcript.read(out / "transcript.jsonl")
    assert header["repeat"] == 5
    names = [exchange.shot for exchange in exchanges]
    assert len(set(names)) == len(names)
    repeated = header_shots(header)
    assert len([name for name in names if name.partition("/r")[0] in repeated]) == 5 * len(repeated)
    live, replayed = (
        pack_on_disk.read_report(out),
        load_recorded(str(out / "transcript.jsonl")).report(),
    )
    assert replayed["cases"] == live["cases"]
    assert build.count_outcomes(replayed["cases"]) == live["totals"]


def header_shots(header: Mapping[str, Any]) -> set[str]:
    return {shot["id"] for plan in header["plans"] for s in plan["scripts"] for shot in s["shots"]}


def test_an_interrupted_run_judges_the_cases_with_all_repetitions(tiny_pack: Path) -> None:
    with pack_on_disk.gateway() as url:
        pack_on_disk.run_against(url, tiny_pack, "--repeat=3", "--concurrency=1")
    path = tiny_pack.parent / "out" / "transcript.jsonl"
    lines = path.read_text("utf-8").splitlines(keepends=True)
    path.write_text("".join(lines[:-2]), "utf-8")
    report = load_recorded(str(path), unfinished=True).report()
    assert [case["id"] for case in report["cases"]] == ["answer", "seed"]
    complete = load_recorded(str(path), [str(tiny_pack)], unfinished=True).report()
    assert {case["outcome"] for case in complete["cases"]} == {"pass"}


def test_xdist_workers_repeat_cases_as_well(tiny_pack: Path) -> None:
    out = tiny_pack.parent / "out"
    command = ("pytest", "-p", "harness.plugin", "-n2", "--llm-repeat=3", f"--llm-out={out}")
    done = pack_on_disk.run_process(*command, tiny_pack)
    assert done.code == 0
    report = pack_on_disk.read_report(out)
    assert {tuple(case["repeats"].items()) for case in report["cases"]} == {(("pass", 3),)}
    assert load_recorded(str(out / "transcript.jsonl")).report()["cases"] == report["cases"]


@pytest.mark.parametrize("times", ["0", "-1", "x"])
def test_an_invalid_number_of_repetitions_is_rejected(tiny_pack: Path, times: str) -> None:
    assert pack_on_disk.run(tiny_pack, f"--repeat={times}").code == 4
    assert pack_on_disk.run_pytest(f"--llm-repeat={times}", tiny_pack).code == 4
