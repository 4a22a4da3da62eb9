"""Tests of `harness diff`: regressions and fixes are reported, noise is not."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from harness.report import diff
from harness.report.build import build_report
from harness.report.case_data import unselected_case
from tests.support import pack_on_disk
from tests.support.report_data import RUN, case, entry, finding, pack, row

Data = Any
HOSTILE = '</style><img src=x onerror="alert(1)">`*|'
REFUSED = finding("ignored.refused", "status", "400")


def one(name: str, outcome: str = "pass", *findings: Any, **more: Any) -> Any:
    if outcome == "inconclusive":
        more = {"cause": "model", "reason": "it did not", **more}
    return entry(case(name, of="compat"), outcome, *findings, **more)  # type: ignore[arg-type]


def report(*cases: Any, started: str = "2026-01-01T00:00:00Z", **more: Any) -> Data:
    rows = [row(made["row"]) for made in cases]
    return build_report({**RUN, "started": started}, [pack(*rows)], cases, **more)


def compared(before: Data, after: Data) -> Data:
    return {**diff.find_changes(before, after), "times": diff.find_time_changes(before, after)}


WARNED = finding("ignored.effect", "/usage", "9", level="should")
HELD = finding("ignored.refused", "status", holds=True)


@pytest.mark.parametrize(
    ("was", "now", "kind", "regression"),
    [
        (("pass",), ("fail", REFUSED), "failing", True),
        (("inconclusive",), ("fail", REFUSED), "failing", True),
        (("pass",), ("inconclusive",), "lost", True),
        (("warn", WARNED), ("skip",), "lost", True),
        (("fail", REFUSED), ("fail", REFUSED, finding("body $.id")), "worse", True),
        (("pass",), ("warn", WARNED), "warned", False),
        (("warn", WARNED), ("pass",), "passing", False),
        (("fail", REFUSED), ("warn", WARNED), "passing", False),
        (("fail", REFUSED), ("inconclusive",), "open", False),
        (("skip",), ("pass",), "shown", False),
        (("inconclusive",), ("skip",), "other", False),
        (("fail", REFUSED, finding("body $.id")), ("fail", REFUSED), "other", False),
    ],
)
def test_the_kind_of_a_change_and_whether_it_is_a_regression(
    was: Any, now: Any, kind: str, regression: bool
) -> None:
    result = diff.find_changes(report(one("a", *was)), report(one("a", *now)))
    assert [*result["changes"]] == [kind]
    assert result["regressions"] == regression


def test_equal_reports_have_no_changes() -> None:
    cases = [one("a", "fail", REFUSED), one("b"), one("c", "inconclusive"), one("d", "skip")]
    result = compared(report(*cases), report(*cases))
    assert (result["changes"], result["regressions"]) == ({}, 0)
    assert diff.terminal(result).endswith("no regression, no change\n")


def test_other_evidence_is_a_change_marked_if_weaker() -> None:
    result = compared(
        report(one("a", evidence="differential"), one("b")),
        report(one("a", evidence="accepted"), one("b", evidence="differential")),
    )
    actual = {change["case"]: change["weaker"] for change in result["changes"]["evidence"]}
    assert actual == {"compat/a": True, "compat/b": False}
    assert "compat/a: pass, evidence differential -> accepted (weaker)" in diff.terminal(result)
    assert result["regressions"] == 0


def test_added_and_removed_cases_are_not_regressions() -> None:
    gone = [unselected_case(case("b", of="compat"), "not among --case")]
    before = report(one("a"), one("b"), one("c"))
    result = compared(before, report(one("a"), one("new", "fail", REFUSED), unselected=gone))
    assert [change["case"] for change in result["changes"]["added"]] == ["compat/new"]
    assert {change["case"]: change["reason"] for change in result["changes"]["removed"]} == {
        "compat/b": "not among --case",
        "compat/c": "its pack is not in this run, or does not have the case",
    }
    assert result["regressions"] == 0


@pytest.mark.parametrize(
    ("was", "now", "actual"),
    [
        ([HELD], [REFUSED], "fails now"),
        ([], [REFUSED], "fails now, not checked before"),
        ([REFUSED], [HELD], "holds now"),
        ([REFUSED], [], "not checked any more"),
        ([REFUSED], [finding("ignored.refused", "status", level="may")], "recorded only"),
        (
            [REFUSED],
            [finding("ignored.refused", "status", level="should")],
            "was a must, is a should",
        ),
    ],
)
def test_each_change_has_its_reason(was: Any, now: Any, actual: str) -> None:
    outcomes = [
        "fail" if any(f.level == "must" and not f.holds for f in x) else "warn" for x in (was, now)
    ]
    result = diff.find_changes(
        report(one("a", outcomes[0], *was)), report(one("a", outcomes[1], *now))
    )
    [cases] = result["changes"].values()
    assert [why["what"] for why in cases[0]["why"]] == [actual]


def slow(seconds: Callable[[int], float], number: int = 60) -> Data:
    made = report(one("a"))
    [shot] = made["cases"][0]["shots"]
    shots = [{**shot, "id": f"s{i}", "status": 200, "seconds": seconds(i)} for i in range(number)]
    made["cases"][0]["shots"] = shots
    return made


@pytest.mark.parametrize(
    ("seconds", "verdict"),
    [
        (lambda i: 0.2, "slower"),
        (lambda i: 0.05, "faster"),
        (lambda i: 0.1 + 0.005 * (i % 3), "same"),
        (lambda i: 5.0 if i % 3 == 0 else 0.1, "same"),  # a few answers that took long
        (lambda i: 0.2 if i < 42 else 0.09, "same"),  # a machine that was busy for a while
        (lambda i: 0.12, "same"),
    ],
)
def test_times_change_only_beyond_noise(seconds: Callable[[int], float], verdict: str) -> None:
    [actual] = diff.find_time_changes(slow(lambda i: 0.1), slow(seconds))
    assert (actual["verdict"], actual["shots"], actual["before"]) == (verdict, 60, 0.1)


def test_a_few_milliseconds_or_a_few_shots_are_noise() -> None:
    [tiny_ones] = diff.find_time_changes(slow(lambda i: 0.004), slow(lambda i: 0.008))
    [few] = diff.find_time_changes(slow(lambda i: 0.1, 29), slow(lambda i: 0.2, 29))
    assert (tiny_ones["verdict"], few["verdict"]) == ("same", "same")


def test_only_successful_answers_with_the_same_status_are_compared() -> None:
    other = slow(lambda i: 0.2)
    for shot in other["cases"][0]["shots"]:
        shot["status"] = 429
    assert diff.find_time_changes(slow(lambda i: 0.1), other) == []


def test_the_time_to_the_first_byte_comes_first_if_known() -> None:
    before, after = ({f"s{i}": t for i in range(60)} for t in (0.05, 0.15))
    actual = diff.find_time_changes(slow(lambda i: 0.2), slow(lambda i: 0.2), (before, after))
    assert [(t["what"], t["verdict"]) for t in actual] == [
        ("time to the first byte", "slower"),
        ("total time", "same"),
    ]


def hostile() -> Data:
    before, after = report(one("a")), report(one("a", "fail", REFUSED), one("b"))
    for side in (before, after):
        side["target"] = {**side["target"], "name": HOSTILE}
    after["cases"][0]["findings"][0] |= {"at": HOSTILE, "got": HOSTILE, "expected": HOSTILE}
    return compared(before, after)


def test_no_text_of_a_target_becomes_markup() -> None:
    page = diff.html(hostile())
    assert "<img" not in page
    assert not re.findall(r"""(?:src|href)=["']?(?:https?:)?//""", page)
    assert "1 regression" in page
    assert "<img" not in re.sub(r"`[^`]*`", "", diff.markdown(hostile()).replace("\\<", ""))


def saved(folder: Path, data: Data) -> Path:
    folder.mkdir()
    (folder / "report.json").write_text(json.dumps(data), "utf-8")
    return folder


def test_the_command_exits_1_on_a_regression_and_writes_all_formats(tmp_path: Path) -> None:
    right = saved(tmp_path / "right", report(one("a"), one("b", "warn", WARNED)))
    wrong = saved(tmp_path / "wrong", report(one("a", "fail", REFUSED), one("b")))
    outs = [tmp_path / f"diff.{kind}" for kind in ("html", "md", "json")]
    result = pack_on_disk.harness(
        "diff", right, wrong / "report.json", *(f"--out={out}" for out in outs)
    )
    assert (result.code, result.err) == (1, "")
    assert "Newly failing: 1\n  compat/a: pass -> fail\n      fails now" in result.out
    assert result.out.endswith("1 regression\n")
    assert all(out.stat().st_size > 300 for out in outs)
    assert json.loads(outs[2].read_text("utf-8"))["regressions"] == 1
    back = pack_on_disk.harness("diff", wrong, right)
    assert (back.code, "no regression; 2 changes" in back.out) == (0, True)
    assert pack_on_disk.harness("diff", wrong, right, "--fail-on", "warn").code == 1


def test_slower_answers_fail_only_with_the_option(tmp_path: Path) -> None:
    fast, late = (saved(tmp_path / str(t), slow(lambda i, t=t: t)) for t in (0.1, 0.2))  # type: ignore[misc]
    result = pack_on_disk.harness("diff", fast, late)
    assert (result.code, "total time, plain: slower; median 100 ms -> 200 ms" in result.out) == (
        0,
        True,
    )
    assert pack_on_disk.harness("diff", fast, late, "--fail-on", "slower").code == 1
    assert pack_on_disk.harness("diff", late, fast, "--fail-on", "slower").code == 0


def test_times_to_the_first_byte_come_from_the_transcripts(tiny_pack: Path, tmp_path: Path) -> None:
    with pack_on_disk.gateway() as url:
        runs = [tmp_path / "one", tmp_path / "two"]
        for out in runs:
            pack_on_disk.run_against(url, tiny_pack, "--out", out)
    result = pack_on_disk.harness("diff", *runs)
    assert result.code == 0
    assert "time to the first byte, stream: no significant change" in result.out
    other = json.loads((runs[0] / "report.json").read_text("utf-8"))
    other["started"] = "2020-01-01T00:00:00Z"
    (runs[0] / "report.json").write_text(json.dumps(other), "utf-8")
    assert "first byte" not in pack_on_disk.harness("diff", *runs).out, (
        "that transcript is another run's"
    )


def test_an_unknown_format_is_one_line(tmp_path: Path) -> None:
    result = pack_on_disk.harness("diff", tmp_path, tmp_path, "--out", "x.pdf")
    assert result.lines == ["ERROR: --out x.pdf: the name must end in .html, .md, .json"]
