"""Accepted deviations: known ones do not fail the run, and nothing else hides behind them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

from harness.load import load_baseline
from harness.model import Accepted, Outcome, Place
from harness.report import case_data, page, summary, terminal
from harness.report.baseline import Baseline, first_baseline
from harness.util.errors import FileProblems
from tests.support import pack_on_disk
from tests.support.report_data import VALID, case, entry, finding, report, row

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


def told(baseline: Baseline, *cases: Any, packs: Any = ()) -> list[tuple[str, str, bool]]:
    marked: Any = [{**each, **known(baseline, each)} for each in cases]
    return [(t["kind"], t["says"], t["fails"]) for t in baseline.messages(marked, (), packs)]


def known(baseline: Baseline, made: Any) -> dict[str, Any]:
    found = baseline.known_data(made)
    return {"known": found} if found else {}


@pytest.mark.parametrize("name", ["seed", "compat/seed"])
@pytest.mark.parametrize("rule", ["", "ignored.refused"])
def test_what_is_accepted_is_known_and_no_more_is_said(name: str, rule: str) -> None:
    baseline = accepted({"case": name, "rule": rule, "until": "2026-11-22"})
    assert told(baseline, one("fail", REFUSED)) == []
    found = baseline.known_data(one("fail", REFUSED))
    by = {"rule": rule, "reason": "r", "issue": "", "until": "2026-11-22"}
    assert found == {"whole": True, "by": [by]}


def test_another_rule_of_the_same_case_is_new() -> None:
    baseline = accepted({"rule": "ignored.refused"})
    found = baseline.known_data(one("fail", REFUSED, ELSE))
    assert found is not None
    assert not found["whole"]
    says = "compat/seed fails body $.id: fix it, or add an entry with a reason"
    assert told(baseline, one("fail", REFUSED, ELSE)) == [("new", says, True)]
    assert told(accepted({}), one("fail", REFUSED, ELSE)) == [], "an entry for the whole case"


def test_a_failure_that_nobody_accepted_is_new() -> None:
    assert [t[0] for t in told(accepted(), one("fail", REFUSED))] == ["new"]


@pytest.mark.parametrize(
    "now", [one("pass"), one("pass", HELD), one("warn", SMELL), one("fail", ELSE, HELD)]
)
def test_an_entry_that_passes_now_is_stale(now: Any) -> None:
    baseline = accepted({"rule": "ignored.refused"}, {"rule": "body $.id"})
    says = "accepted.yaml:3:1: seed (ignored.refused) passes now: remove the entry"
    assert told(baseline, now)[0] == ("passes", says, True)


def test_an_expired_entry_excuses_nothing() -> None:
    baseline = accepted({"until": "2026-11-21"})
    assert baseline.known_data(one("fail", REFUSED)) is None
    kinds = [
        (kind, says.rpartition(": ")[2]) for kind, says, _ in told(baseline, one("fail", REFUSED))
    ]
    assert kinds == [
        ("new", "fix it, or add an entry with a reason"),
        ("expired", "fix it, or agree on a later day"),
    ]
    [(kind, says, fails)] = told(baseline, one("pass"))
    assert (kind, says.endswith("expired on 2026-11-21: remove the entry"), fails) == (
        "expired",
        True,
        True,
    )


def test_an_unknown_id_is_told_with_what_is_near() -> None:
    [(kind, says, fails)] = told(accepted({"case": "sed"}), one("pass"))
    assert (kind, fails) == ("unknown", True)
    assert says.endswith("sed is not a case of these packs: did you mean seed?")
    [(kind, _, _)] = told(accepted({"case": "other/seed"}), one("pass"))
    assert kind == "unknown"
    assert told(accepted({"case": "other/seed"}), one("pass"), packs=("other",)) == []


@pytest.mark.parametrize("now", [one("inconclusive"), one("skip", reason="it lacks vision")])
def test_an_entry_of_which_nothing_was_learnt_is_said_and_fails_nothing(now: Any) -> None:
    [(kind, says, fails)] = told(accepted({}), now)
    assert (kind, fails) == ("inconclusive", False)
    assert "was not decided in this run" in says


def test_a_rule_that_was_not_asked_is_not_stale() -> None:
    """The case fails before: of what would have come after it nothing is known."""
    baseline = accepted({"rule": "body $.id"}, {"rule": "ignored.refused"})
    [(kind, says, fails)] = told(baseline, one("fail", REFUSED))
    assert (kind, fails) == ("inconclusive", False)
    assert says.endswith("was not checked: its case fails earlier")


def test_a_warning_can_be_accepted_where_it_fails_the_run() -> None:
    assert told(accepted({}, fail_on="warn"), one("warn", SMELL)) == []
    assert accepted({}).known_data(one("warn", SMELL)) is None


def test_a_case_that_was_not_run_says_nothing_of_its_entry() -> None:
    left_out = [case_data.unselected_case(case("seed", of="compat"), "not among --case")]
    assert accepted({}).messages([], left_out, ()) == []


def test_what_is_known_shows_as_known_and_never_as_green() -> None:
    baseline = accepted({"issue": "https://tracker.example/7", "until": "2026-12-31"})
    made = one("fail", REFUSED)
    made["known"] = baseline.known_data(made)
    whole = report([made], row("seed"), baseline={"file": "accepted.yaml", "told": []})
    assert (whole["result"], whole["totals"]["fail"]) == ("non-conformant", 1)
    assert not [*VALID.iter_errors(whole)]
    assert "1 of them covered by the baseline" in summary.summary_markdown(whole)
    assert "### Known deviations: 1" in summary.summary_markdown(whole)
    assert "≠ 1 of them known" in terminal.summary(whole)
    shown = page.summary_html(whole)
    assert 'class="pill o-fail known"' in shown
    assert '<a href="#known">Known 1</a>' in shown
    assert 'href="https://tracker.example/7"' in shown
    assert "<b>Known, until 2026-12-31</b>: r" in page.case_html(made, {})


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("deviations: [{case: a}]", "reason"),
        ("deviations: [{case: a, reason: b, until: 2026-12-13}]", "quote it"),
        ('deviations: [{case: a, reason: b, until: "2026-13-01"}]', "`2026-13-01` is not a date"),
        ("deviations: [{case: a, reason: b}, {case: a, reason: c}]", "duplicate of a at"),
        ("deviations: [{case: a, reason: b, issue: JIRA-1}]", "https?://"),
        ("[]", "object"),
    ],
)
def test_every_mistake_in_the_file_has_a_place(tmp_path: Path, text: str, told: str) -> None:
    (tmp_path / "b.yaml").write_text(text, "utf-8")
    with pytest.raises(FileProblems) as error:
        load_baseline(str(tmp_path / "b.yaml"))
    assert "b.yaml:1:" in str(error.value)
    assert told in str(error.value)


def test_json_will_do_as_well(tmp_path: Path) -> None:
    (tmp_path / "b.json").write_text(json.dumps({"deviations": [{"case": "a", "reason": "b"}]}))
    assert [one.case for one in load_baseline(str(tmp_path / "b.json"))] == ["a"]


def test_a_first_baseline_accepts_just_what_fails(tmp_path: Path) -> None:
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


def test_a_run_with_a_baseline_of_its_own_is_no_failure_and_not_green(
    tiny_pack: Path, tmp_path: Path
) -> None:
    out = tiny_pack.parent / "out"
    with pack_on_disk.gateway(pack_on_disk.refuse_seed) as url:
        assert pack_on_disk.at(url, tiny_pack).code == 1
        path = saved(tmp_path, pack_on_disk.harness("baseline", out).out)
        before = path.read_bytes()
        said = pack_on_disk.at(url, tiny_pack, "--baseline", path)
    assert (said.code, path.read_bytes()) == (0, before)
    found = pack_on_disk.report_in(out)
    assert not [*VALID.iter_errors(found)]
    assert (found["result"], found["baseline"]["told"]) == ("non-conformant", [])
    assert [c["id"] for c in found["cases"] if c.get("known", {}).get("whole")] == ["seed"]
    assert "1 known" in said.out
    suite = ElementTree.parse(out / "junit.xml").getroot()[0]
    counted = [suite.get(key) for key in ("tests", "failures", "errors", "skipped")]
    assert counted == ["3", "0", "0", "1"]
    [skipped] = list(suite.iter("skipped"))
    assert (skipped.get("type"), (skipped.get("message") or "")[:13]) == (
        "pytest.xfail",
        "known: seen o",
    )
    assert "o-fail known" in (out / "report.html").read_text("utf-8")


def test_each_thing_that_is_amiss_fails_the_run_with_a_line(
    tiny_pack: Path, tmp_path: Path
) -> None:
    text = 'deviations:\n  - {case: n, reason: "of old"}\n  - {case: sed, reason: "a typo"}\n'
    path = saved(tmp_path, text)
    with pack_on_disk.gateway() as url:
        said = pack_on_disk.at(url, tiny_pack, "--baseline", path)
    assert said.code == 1
    lines = [line for line in said.out.splitlines() if line.startswith("baseline: ")]
    assert [line.rpartition("accepted.yaml:")[2] for line in lines] == [
        "2:5: n passes now: remove the entry",
        "3:5: sed is not a case of these packs: did you mean seed?",
    ]
    md = (tiny_pack.parent / "out/summary.md").read_text("utf-8")
    assert "Baseline: to do: 2" in md
    with pack_on_disk.gateway(pack_on_disk.refuse_seed) as url:
        said = pack_on_disk.at(url, tiny_pack, "--baseline", saved(tmp_path, "deviations: []"))
    assert said.code == 1
    assert "tiny/seed fails ignored.refused, ignored.wrong-type" not in said.out
    assert "baseline: tiny/seed fails ignored.refused: fix it, or add an entry" in said.out


def test_workers_know_the_baseline_too(tiny_pack: Path, tmp_path: Path) -> None:
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
        said = pack_on_disk.done(*words, *given, f"--llm-baseline={path}", cwd=tmp_path)
    assert said.code == 0, said.out
    assert pack_on_disk.report_in(out)["baseline"]["told"] == []


def test_a_baseline_that_cannot_be_read_stops_before_anything_is_sent(tiny_pack: Path) -> None:
    said = pack_on_disk.run(tiny_pack, "--baseline", "gone.yaml")
    assert (said.code, said.lines) == (
        4,
        ["ERROR: gone.yaml:1:1: cannot read: No such file or directory"],
    )
