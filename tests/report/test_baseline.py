"""Accepted deviations: known ones do not fail the run, and nothing else hides behind them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

from harness.load.deviations import load_baseline
from harness.model import Accepted, Outcome, Place
from harness.report import case_data, summary, terminal
from harness.report.baseline import Baseline, first_baseline
from harness.util.errors import FileProblems
from tests.support import pack_on_disk, report_html
from tests.support.report_data import VALID, case, entry, finding, report, row
from tests.support.report_page import page_of

HERE = Place("accepted.yaml", 3)
REFUSED = finding("ignored.refused", "status", "400")
ELSE = finding("body $.id", "/id", "7")
SMELL = finding("ignored.effect", "/usage", "9", level="should")
HELD = finding("ignored.refused", "status", holds=True)


def one(outcome: Outcome = "fail", *findings: Any, **more: Any) -> Any:
    if outcome == "inconclusive":
        more = {"cause": "model", "reason": "it did not", **more}
    return entry(case("seed", of="compat"), outcome, *findings, **more)


def accepted(*given: dict[str, str], fail_on: str = "fail") -> Baseline:
    entries = [Accepted(**{"case": "seed", "reason": "r", **each}, place=HERE) for each in given]
    return Baseline(entries, "2026-11-22", fail_on)


def messages_of(baseline: Baseline, *cases: Any, packs: Any = ()) -> list[tuple[str, str, bool]]:
    marked: Any = [{**each, **known_entry(baseline, each)} for each in cases]
    return [(t["kind"], t["says"], t["fails"]) for t in baseline.messages(marked, (), packs)]


def known_entry(baseline: Baseline, made: Any) -> dict[str, Any]:
    data = baseline.known_data(made)
    return {"known": data} if data else {}


@pytest.mark.parametrize("name", ["seed", "compat/seed"])
@pytest.mark.parametrize("rule", ["", "ignored.refused"])
def test_an_accepted_failure_is_known_without_a_message(name: str, rule: str) -> None:
    baseline = accepted({"case": name, "rule": rule, "until": "2026-11-22"})
    assert messages_of(baseline, one("fail", REFUSED)) == []
    data = baseline.known_data(one("fail", REFUSED))
    by = {"rule": rule, "reason": "r", "issue": "", "until": "2026-11-22"}
    assert data == {"whole": True, "by": [by]}


def test_another_rule_of_the_same_case_is_new() -> None:
    baseline = accepted({"rule": "ignored.refused"})
    data = baseline.known_data(one("fail", REFUSED, ELSE))
    assert data is not None
    assert not data["whole"]
    message = "compat/seed fails body $.id: fix it, or add an entry with a reason"
    assert messages_of(baseline, one("fail", REFUSED, ELSE)) == [("new", message, True)]
    assert messages_of(accepted({}), one("fail", REFUSED, ELSE)) == [], (
        "an entry for the whole case"
    )


def test_a_failure_without_an_entry_is_new() -> None:
    assert [t[0] for t in messages_of(accepted(), one("fail", REFUSED))] == ["new"]


@pytest.mark.parametrize(
    "now", [one("pass"), one("pass", HELD), one("warn", SMELL), one("fail", ELSE, HELD)]
)
def test_an_entry_that_passes_now_fails_the_run(now: Any) -> None:
    baseline = accepted({"rule": "ignored.refused"}, {"rule": "body $.id"})
    message = "accepted.yaml:3:1: seed (ignored.refused) passes now: remove the entry"
    assert messages_of(baseline, now)[0] == ("passes", message, True)


def test_an_expired_entry_covers_nothing() -> None:
    baseline = accepted({"until": "2026-11-21"})
    assert baseline.known_data(one("fail", REFUSED)) is None
    kinds = [
        (kind, message.rpartition(": ")[2])
        for kind, message, _ in messages_of(baseline, one("fail", REFUSED))
    ]
    assert kinds == [
        ("new", "fix it, or add an entry with a reason"),
        ("expired", "fix it, or agree on a later day"),
    ]
    [(kind, message, fails)] = messages_of(baseline, one("pass"))
    assert (kind, message.endswith("expired on 2026-11-21: remove the entry"), fails) == (
        "expired",
        True,
        True,
    )


def test_an_unknown_case_is_reported_with_a_similar_id() -> None:
    [(kind, message, fails)] = messages_of(accepted({"case": "sed"}), one("pass"))
    assert (kind, fails) == ("unknown", True)
    assert message.endswith("sed is not a case of these packs: did you mean seed?")
    [(kind, _, _)] = messages_of(accepted({"case": "other/seed"}), one("pass"))
    assert kind == "unknown"
    assert messages_of(accepted({"case": "other/seed"}), one("pass"), packs=("other",)) == []


@pytest.mark.parametrize("now", [one("inconclusive"), one("skip", reason="it lacks vision")])
def test_an_undecided_entry_is_reported_and_does_not_fail_the_run(now: Any) -> None:
    [(kind, message, fails)] = messages_of(accepted({}), now)
    assert (kind, fails) == ("inconclusive", False)
    assert "was not decided in this run" in message


def test_an_entry_whose_rule_was_not_checked_is_undecided() -> None:
    """The case fails before: of what would have come after it nothing is known."""
    baseline = accepted({"rule": "body $.id"}, {"rule": "ignored.refused"})
    [(kind, message, fails)] = messages_of(baseline, one("fail", REFUSED))
    assert (kind, fails) == ("inconclusive", False)
    assert message.endswith("was not checked: its case fails earlier")


def test_a_warning_can_be_accepted_if_it_fails_the_run() -> None:
    assert messages_of(accepted({}, fail_on="warn"), one("warn", SMELL)) == []
    assert accepted({}).known_data(one("warn", SMELL)) is None


def test_an_entry_of_a_case_that_was_not_run_has_no_message() -> None:
    left_out = [case_data.unselected_case(case("seed", of="compat"), "not among --case")]
    assert accepted({}).messages([], left_out, ()) == []


def test_a_known_failure_is_shown_as_known_not_as_passed() -> None:
    baseline = accepted({"issue": "https://tracker.example/7", "until": "2026-12-31"})
    made = one("fail", REFUSED)
    made["known"] = baseline.known_data(made)
    whole = report([made], row("seed"), baseline={"file": "accepted.yaml", "told": []})
    assert (whole["result"], whole["totals"]["fail"]) == ("non-conformant", 1)
    assert not [*VALID.iter_errors(whole)]
    assert "1 of them covered by the baseline" in summary.summary_markdown(whole)
    assert "### Known deviations: 1" in summary.summary_markdown(whole)
    assert "≠ 1 of them known" in terminal.summary(whole)
    shown = page_of(whole)
    assert 'class="pill o-fail known"' in shown
    assert '<a href="#known">Known 1</a>' in shown
    assert 'href="https://tracker.example/7"' in shown
    [by] = report_html.cases(shown)["compat/seed"]["known"]
    assert (by["until"], by["reason"]) == ("2026-12-31", "r")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("deviations: [{case: a}]", "reason"),
        ("deviations: [{case: a, reason: b, until: 2026-12-13}]", "quote it"),
        ('deviations: [{case: a, reason: b, until: "2026-13-01"}]', "`2026-13-01` is not a date"),
        ("deviations: [{case: a, reason: b}, {case: a, reason: c}]", "duplicate of a at"),
        ("deviations: [{case: a, reason: b, issue: JIRA-1}]", "https?://"),
        ("[]", "object"),
    ],
)
def test_mistakes_in_the_file_are_reported_with_their_place(
    tmp_path: Path, text: str, expected: str
) -> None:
    (tmp_path / "b.yaml").write_text(text, "utf-8")
    with pytest.raises(FileProblems) as error:
        load_baseline(str(tmp_path / "b.yaml"))
    assert "b.yaml:1:" in str(error.value)
    assert expected in str(error.value)


def test_a_baseline_can_be_json(tmp_path: Path) -> None:
    (tmp_path / "b.json").write_text(json.dumps({"deviations": [{"case": "a", "reason": "b"}]}))
    assert [one.case for one in load_baseline(str(tmp_path / "b.json"))] == ["a"]


def test_a_first_baseline_accepts_exactly_the_failures(tmp_path: Path) -> None:
    odd = finding("body $.x", "/x", 'a "b" \u2028 \U0001f600', expected="y\n  z")
    cases = [one("fail", REFUSED, odd, SMELL), entry(case("n", of="compat"), "warn", SMELL)]
    path = tmp_path / "b.yaml"
    path.write_text(first_baseline(report(cases)), "utf-8")
    entries = load_baseline(str(path))
    assert [(e.case, e.rule) for e in entries] == [
        ("compat/seed", "ignored.refused"),
        ("compat/seed", "body $.x"),
    ]
    assert entries[1].reason.startswith('seen on 2026-10-05: expected y z, got a "b" ')
    assert "\U0001f600" in entries[1].reason
    path.write_text(first_baseline(report([one("pass")])), "utf-8")
    assert load_baseline(str(path)) == ()


def saved(folder: Path, text: str) -> Path:
    path = folder / "accepted.yaml"
    path.write_text(text, "utf-8")
    return path


def test_a_run_with_its_own_baseline_exits_0_and_is_not_conformant(
    tiny_pack: Path, tmp_path: Path
) -> None:
    out = tiny_pack.parent / "out"
    with pack_on_disk.gateway(pack_on_disk.refuse_seed) as url:
        assert pack_on_disk.run_against(url, tiny_pack).code == 1
        path = saved(tmp_path, pack_on_disk.harness("baseline", out).out)
        before = path.read_bytes()
        result = pack_on_disk.run_against(url, tiny_pack, "--baseline", path)
    assert (result.code, path.read_bytes()) == (0, before)
    result_report = pack_on_disk.read_report(out)
    assert not [*VALID.iter_errors(result_report)]
    assert (result_report["result"], result_report["baseline"]["told"]) == ("non-conformant", [])
    assert [c["id"] for c in result_report["cases"] if c.get("known", {}).get("whole")] == ["seed"]
    assert "≠ 1 of them known" in result.out
    suite = ElementTree.parse(out / "junit.xml").getroot()[0]
    counted = [suite.get(key) for key in ("tests", "failures", "errors", "skipped")]
    assert counted == ["3", "0", "0", "1"]
    [skipped] = list(suite.iter("skipped"))
    assert (skipped.get("type"), (skipped.get("message") or "")[:13]) == (
        "known",
        "known: seen o",
    )
    page = (out / "report.html").read_text("utf-8")
    lines = {line[0]: line for line in report_html.index(page)["cases"]}
    assert "known" in lines["tiny/seed"]
    assert 'id="known"' in page


def test_each_problem_of_the_baseline_fails_the_run_with_a_line(
    tiny_pack: Path, tmp_path: Path
) -> None:
    text = 'deviations:\n  - {case: n, reason: "of old"}\n  - {case: sed, reason: "a typo"}\n'
    path = saved(tmp_path, text)
    with pack_on_disk.gateway() as url:
        result = pack_on_disk.run_against(url, tiny_pack, "--baseline", path)
    assert result.code == 1
    lines = [line for line in result.out.splitlines() if line.startswith("baseline: ")]
    assert [line.rpartition("accepted.yaml:")[2] for line in lines] == [
        "2:5: n passes now: remove the entry",
        "3:5: sed is not a case of these packs: did you mean seed?",
    ]
    md = (tiny_pack.parent / "out/summary.md").read_text("utf-8")
    assert "Baseline: to do: 2" in md
    with pack_on_disk.gateway(pack_on_disk.refuse_seed) as url:
        result = pack_on_disk.run_against(
            url, tiny_pack, "--baseline", saved(tmp_path, "deviations: []")
        )
    assert result.code == 1
    assert "tiny/seed fails ignored.refused, ignored.wrong-type" not in result.out
    assert "baseline: tiny/seed fails ignored.refused: fix it, or add an entry" in result.out


def test_xdist_workers_use_the_baseline(tiny_pack: Path, tmp_path: Path) -> None:
    path = saved(tmp_path, "deviations: [{case: seed, reason: of old}]")
    out = tmp_path / "out"
    with pack_on_disk.gateway(pack_on_disk.refuse_seed) as url:
        given = ["--llm-model=builtin-1", "--llm-api-key-env=TINY_KEY", f"--llm-out={out}"]
        words: list[str | Path] = [
            "pytest",
            tiny_pack,
            "-p",
            "harness.plugin",
            "-n",
            "2",
            f"--llm-target={url}",
        ]
        result = pack_on_disk.run_process(*words, *given, f"--llm-baseline={path}", cwd=tmp_path)
    assert result.code == 0, result.out
    assert pack_on_disk.read_report(out)["baseline"]["told"] == []


def test_a_baseline_that_cannot_be_read_stops_before_anything_is_sent(tiny_pack: Path) -> None:
    result = pack_on_disk.run(tiny_pack, "--baseline", "gone.yaml")
    assert (result.code, result.lines) == (
        4,
        ["ERROR: gone.yaml:1:1: cannot read: No such file or directory"],
    )
