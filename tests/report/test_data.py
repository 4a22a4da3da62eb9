"""report.json: valid after its schema, right about results, fields, faults and observations."""

from __future__ import annotations

import json

import pytest

from harness.model import (
    Outcome,
    Plan,
    PlannedAssertion,
)
from harness.report.build import run_result
from harness.report.case_data import case_data, unselected_case
from harness.report.report_file import parse_report
from tests.support.report_data import (
    HERE,
    case,
    entry,
    exchange,
    finding,
    judged,
    only,
    pack,
    report,
    row,
)


def test_case_data_has_title_and_source_of_the_row() -> None:
    about = case("seed", spec={"source": "page § Simple fields"}, why="Clients send it.")
    actual = case_data(*judged(about, "pass"), [pack(row("seed"))])
    assert (actual["title"], actual["declared"], actual["why"]) == (
        "seed",
        "Ignored",
        "Clients send it.",
    )
    assert actual["source"] == [
        {
            "name": "page § Simple fields",
            "title": "The page § Simple fields",
            "url": "https://docs.example/page",
        }
    ]


def test_case_data_can_be_built_without_packs() -> None:
    actual = case_data(*judged(case("seed", spec={"source": "page"}, feature="vision"), "pass"))
    assert (actual["title"], actual["tier"]) == ("seed", "extended")
    assert actual["source"] == [{"name": "page", "title": "", "url": ""}]


def test_a_case_without_a_source_has_that_of_its_row() -> None:
    assert entry(case("seed"))["source"][0]["title"] == "The page"


def test_statuses_come_from_the_exchanges() -> None:
    about = case("n")
    verdict, plan = judged(about, "pass", [finding("status", holds=True)])
    assertions = (
        PlannedAssertion(
            "status", "status", "ok-or-refused", "must", "accepted", ("s/plain",), (), HERE
        ),
    )
    plan = Plan(about, plan.scripts, assertions)
    actual = case_data(verdict, plan, (), {"s/plain": exchange("s/plain", status=400)})
    assert actual["shots"][0]["status"] == 400
    observation = only(report([actual], row("n"))["observations"])
    assert (observation["rule"], observation["got"], observation["modes"]) == (
        "status",
        "400",
        ["plain"],
    )


def test_controls_are_marked() -> None:
    about = case("seed")
    shots = [("s/plain", "plain", "pass", 1), ("shared/1", "plain", "pass", None)]
    verdict, plan = judged(about, "pass", shots=shots)  # type: ignore[arg-type]
    assertion = PlannedAssertion(
        "same", "same_as", {}, "must", "effect", ("s/plain",), ("shared/1",), HERE
    )
    actual = case_data(verdict, Plan(about, plan.scripts, (assertion,)))
    assert [shot["control"] for shot in actual["shots"]] == [False, True]


def test_lone_surrogates_and_huge_values_can_be_written() -> None:
    shots = [("s/plain", "plain", "fail", "x" * 5000)]
    wrong = finding("body $.id", "/id", '"\ud800"' + "y" * 5000)
    actual = entry(case("seed"), "fail", wrong, shots=shots, reason="\udfff")
    json.dumps(actual, ensure_ascii=False).encode()
    assert len(actual["findings"][0]["got"]) == 2000
    assert actual["shots"][0]["value"].endswith("(5002 characters)")


RESULTS = [
    ([("a", "pass", "core"), ("b", "warn", "core")], [], "conformant"),
    ([("a", "pass", "core"), ("b", "fail", "vision")], [], "non-conformant"),
    ([("a", "pass", "core"), ("b", "skip", "core")], [], "partial"),
    ([("a", "pass", "core"), ("b", "skip", "vision")], [], "conformant"),
    ([("a", "pass", "core"), ("b", "inconclusive", "core")], [], "partial"),
    ([("a", "pass", "core"), ("b", "inconclusive", "vision")], [], "conformant"),
    ([("a", "pass", "core")], ["limits"], "conformant"),
    ([("a", "pass", "core")], ["core"], "partial"),
    ([], [], "partial"),
]


@pytest.mark.parametrize(("ran", "left", "expected"), RESULTS)
def test_results(ran: list[tuple[str, Outcome, str]], left: list[str], expected: str) -> None:
    cases = [
        entry(
            case(name, feature=feature),
            outcome,
            cause="model" if outcome == "inconclusive" else None,
        )
        for name, outcome, feature in ran
    ]
    gone = [unselected_case(case("z", feature=f), "not asked for", [pack()]) for f in left]
    assert run_result(cases, gone) == expected
    assert report(cases, left_out=gone)["result"] == expected


def test_a_declared_deviation_is_not_conformant() -> None:
    claimed = finding("claim.deviates", level="should")
    assert report([entry(case("n"), "warn", claimed)])["result"] == "partial"


def test_totals_count_every_case_once() -> None:
    outcomes: list[Outcome] = ["pass", "pass", "fail", "warn"]
    cases = [entry(case(str(i)), outcome) for i, outcome in enumerate(outcomes)]
    totals = report(cases)["totals"]
    assert totals == {"pass": 2, "warn": 1, "fail": 1, "inconclusive": 0, "skip": 0}


def test_the_selection_is_in_the_report() -> None:
    assert report([])["selection"] is None
    assert report([], selection={"case": ["n"]})["selection"] == {"case": ["n"]}


def test_one_missing_key_is_one_fault() -> None:
    missing = "the key `usage` is missing"
    cases = [
        entry(
            case(f"c{i}"),
            "fail",
            finding("schema", "body", "does not conform to x", expected=missing),
        )
        for i in range(140)
    ]
    other = entry(case("other"), "fail", finding("ignored.refused", "status", "400"))
    faults = report([other, *cases])["faults"]
    assert [(f["rule"], len(f["cases"]), f["clears"]) for f in faults] == [
        ("schema", 140, 140),
        ("ignored.refused", 1, 1),
    ]


def test_two_missing_keys_are_two_faults() -> None:
    wrong = [finding("schema", "body", expected=f"the key `{key}` is missing") for key in "ab"]
    faults = report([entry(case("x"), "fail", *wrong)])["faults"]
    assert [(f["expected"], f["clears"]) for f in faults] == [
        ("the key `a` is missing", 0),
        ("the key `b` is missing", 0),
    ]


def test_a_fault_has_one_level() -> None:
    both = [
        entry(case("a"), "fail", finding("same_as")),
        entry(case("b"), "warn", finding("same_as", level="should")),
    ]
    faults = report(both)["faults"]
    assert [(f["level"], f["cases"], f["clears"]) for f in faults] == [
        ("must", ["compat/a"], 1),
        ("should", ["compat/b"], 0),
    ]


def test_a_report_of_format_1_is_read_with_the_faults_of_its_cases() -> None:
    made = report([entry(case("a"), "fail", finding("same_as"))])
    old = {**made, "format": 1, "faults": [{"rule": "same_as", "alone": 1}]}
    assert parse_report(json.dumps(old), "report.json") == made


def test_indices_and_event_numbers_do_not_split_faults() -> None:
    wrong = [finding("stream.chunk", f"event {i}", shot=f"s{i}") for i in (3, 17)]
    wrong += [finding("body $..id", f"/choices/{i}/id") for i in (0, 1)]
    faults = report([entry(case("x"), "fail", *wrong)])["faults"]
    assert sorted(f["at"] for f in faults) == ["/choices/0/id", "event *"]
    assert sorted(f["shots"] for f in faults) == [1, 2]


def test_must_faults_come_first_and_may_is_not_a_fault() -> None:
    hints = [
        entry(case(f"c{i}", row="n"), "warn", finding("same_as", level="should")) for i in range(3)
    ]
    wrong = entry(
        case("x"), "fail", finding("status", "status"), finding("status", "x", level="may")
    )
    faults = report([*hints, wrong])["faults"]
    assert [(f["level"], len(f["cases"])) for f in faults] == [("must", 1), ("should", 3)]


def test_an_inconclusive_case_has_no_faults() -> None:
    unsure = entry(case("x"), "inconclusive", finding("status", level="should"), cause="model")
    assert report([unsure])["faults"] == []


def test_a_may_that_holds_is_not_observed() -> None:
    actual = entry(case("n"), "pass", finding("status", level="may", holds=True))
    assert report([actual])["observations"] == []


def test_the_same_finding_in_both_modes_is_one_observation() -> None:
    shots = [("a", "plain", "pass", 2), ("b", "stream", "pass", 2)]
    findings = [finding("status", "status", "400", shot=s, level="may") for s in "ab"]
    actual = only(report([entry(case("n"), "pass", *findings, shots=shots)])["observations"])
    assert (actual["value"], actual["modes"], actual["case"]) == (
        2,
        ["plain", "stream"],
        "compat/n",
    )
