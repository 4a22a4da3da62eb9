"""Reports say what was shown: nothing that was only refused, and how much was not examined."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from harness.report import badge, summary, support_table, terminal
from harness.report.build import build_report
from harness.report.case_data import case_data, unselected_case
from harness.report.headline import headline, result_key, scope_sentence
from tests.support.report_data import case, entry, finding, judged, only, pack, report, row


def refused(name: str, row_id: str = "", feature: str = "core", **more: Any) -> Any:
    """The data of a case of which every request was refused, which is permitted."""
    about = case(name, row=row_id or name, feature=feature, behaviour="honoured_or_refused")
    verdict, plan = judged(about, "pass", evidence="accepted", **more)
    shots = tuple(replace(shot, refused=True) for shot in verdict.shots)
    verdict = replace(verdict, refused="all", shots=shots)
    return case_data(verdict, plan, (pack(row(about.row)),))


def test_a_row_that_was_only_refused_is_described_so_and_not_shown() -> None:
    field = only(report([refused("top_k")], row("top_k"))["fields"])
    assert (field["refused"], field["evidence"]) == (True, "accepted")
    assert field["observed"] == "refused, which is permitted"


def test_refusing_wrong_values_does_not_show_a_row_that_was_only_refused() -> None:
    wrong = entry(case("top_k.wrong", row="top_k", behaviour="rejected"), evidence="effect")
    field = only(report([refused("top_k"), wrong], row("top_k"))["fields"])
    assert (field["refused"], field["evidence"]) == (True, "accepted")


def test_refusing_wrong_values_does_not_raise_the_evidence_of_a_row() -> None:
    wrong = entry(case("t.wrong", row="t", behaviour="rejected"), evidence="effect")
    accepted = entry(case("t", behaviour="supported"), evidence="accepted")
    field = only(report([accepted, wrong], row("t"))["fields"])
    assert (field.get("refused"), field["evidence"]) == (None, "accepted")


def test_a_row_with_one_answer_is_not_called_refused() -> None:
    shown = entry(case("top_k.shown", row="top_k", behaviour="supported"), evidence="effect")
    field = only(report([refused("top_k"), shown], row("top_k"))["fields"])
    assert (field.get("refused"), field["evidence"]) == (None, "effect")


def test_a_feature_that_was_refused_is_not_among_those_shown() -> None:
    cases = [refused("vision.a", feature="vision"), entry(case("core.a"))]
    made = {one["profile"]: one for one in report(cases, row("vision.a"))["profiles"]}
    assert (made["extended"]["shown"], made["extended"]["refused"]) == ([], ["vision"])
    assert made["extended"]["totals"]["refused"] == 1
    assert made["core"]["shown"] == ["core"]
    assert made["core"]["refused"] == []


def test_a_feature_beyond_core_with_one_refused_row_is_not_shown() -> None:
    shown = entry(case("vision.off", feature="vision", behaviour="supported"), evidence="effect")
    cases = [refused("vision.on", feature="vision"), shown]
    made = report(cases, row("vision.on"), row("vision.off"))["profiles"]
    assert only([one["shown"] for one in made if one["profile"] == "extended"]) == []


def test_an_observation_has_the_status_of_a_permitted_refusal() -> None:
    held = finding("honoured_or_refused.status", shot="s/plain", holds=True)
    about = case("top_k", behaviour="honoured_or_refused")
    verdict, plan = judged(about, "pass", [held], evidence="accepted")
    shots = tuple(replace(shot, refused=True) for shot in verdict.shots)
    from tests.support.report_data import exchange

    sent = {"s/plain": exchange("s/plain", status=400)}
    data = case_data(replace(verdict, refused="all", shots=shots), plan, (pack(),), sent)
    observed = only(report([data], row("top_k"))["observations"])
    assert (observed["expected"], observed["got"]) == ("an answer or a refusal", "400")


def test_the_scope_counts_rows_by_what_was_shown() -> None:
    cases = [
        entry(case("a", behaviour="supported"), evidence="effect"),
        entry(case("b", behaviour="supported"), evidence="accepted"),
        entry(case("c", behaviour="present"), evidence="shape"),
        refused("d"),
        entry(case("e", behaviour="supported"), "fail", finding("status")),
        entry(case("f", behaviour="supported"), "inconclusive", cause="model", reason="no"),
    ]
    made = report(cases, *map(row, "abcdefg"))
    assert made["scope"] == {
        "rows": 7,
        "shown": 1,
        "shape": 1,
        "accepted": 1,
        "refused": 1,
        "failed": 1,
        "not_examined": 2,
    }
    sentence = scope_sentence(made)
    assert sentence.startswith("Examined 5 of 7 rows: 1 shown by their effect, ")
    assert "1 refused, which is permitted" in sentence
    assert "5 of 7 rows" in badge.shields_json(made)
    assert sentence in support_table.table_markdown(made)


PASSED = entry(case("a"))
LACKS = entry(case("b"), "skip", reason="the target claims to lack it")
OPEN = entry(case("b"), "inconclusive", cause="model", reason="no call")
GONE = [unselected_case(case("b"), "not selected", (pack(),))]


@pytest.mark.parametrize(
    ("cases", "left_out", "facts", "key"),
    [
        ([PASSED], [], {}, "conformant"),
        ([PASSED, LACKS], [], {}, "partial"),
        ([PASSED, OPEN], [], {}, "untested"),
        ([PASSED], GONE, {}, "untested"),
        ([PASSED, LACKS], GONE, {}, "untested"),
        ([PASSED, LACKS], [], {"reasons": ["interrupted"]}, "untested"),
        ([], [], {}, "untested"),
    ],
)
def test_only_what_was_examined_and_is_lacking_makes_a_result_partial(
    cases: list[Any], left_out: list[Any], facts: dict[str, Any], key: str
) -> None:
    assert result_key(report(cases, row("a"), left_out=left_out, **facts)) == key


def test_a_run_of_a_part_reads_not_fully_tested_in_every_output() -> None:
    made = report([PASSED], row("a"), left_out=GONE)
    assert headline(made) == "acme is not fully tested against compat 1.0.0"
    assert "not fully tested" in summary.summary_markdown(made)
    assert "not fully tested" in terminal.summary(made)
    assert "not fully tested" in badge.shields_json(made)
    assert "not fully tested" in badge.svg(made)


def test_refused_features_stay_out_of_a_report_without_profiles() -> None:
    made = build_report({}, [pack(row("top_k"))], [refused("top_k")])
    assert made["scope"]["refused"] == 1
