"""The field-support matrix: outcome, evidence, modes and what was observed, row by row."""

from __future__ import annotations

from typing import Any

import pytest

from harness.model import Outcome
from harness.model.exchanges import SIMPLER
from harness.report.build import build_report
from harness.report.case_data import unselected_case
from harness.report.findings import expected_and_got
from tests.support.report_data import case, entry, finding, only, pack, report, row

PASSED = [("p", "plain", "pass", None), ("s", "stream", "pass", None)]


def test_a_row_has_the_strongest_outcome_and_the_best_evidence() -> None:
    cases = [
        entry(case("a", row="seed"), "pass", evidence="accepted"),
        entry(case("b", row="seed"), "warn", evidence="differential"),
    ]
    field = only(report(cases, row("seed"))["fields"])
    assert (field["outcome"], field["evidence"]) == ("warn", "differential")
    assert field["cases"] == ["compat/a", "compat/b"]


def test_a_fail_has_its_own_evidence() -> None:
    cases = [
        entry(case("a", row="seed"), "pass", evidence="accepted"),
        entry(case("b", row="seed"), "fail", finding("status", "status", "400"), evidence="effect"),
    ]
    assert only(report(cases, row("seed"))["fields"])["evidence"] == "effect"


def test_modes_have_their_own_outcomes() -> None:
    shots = [("p", "plain", "pass", None), ("s", "stream", "fail", None)]
    cases = [entry(case("seed"), "fail", finding("schema", shot="s"), shots=shots)]
    field = only(report(cases, row("seed"))["fields"])
    assert (field["plain"], field["stream"]) == ("pass", "fail")


def test_a_request_that_only_explains_another_one_leaves_the_mode_decided() -> None:
    data = entry(case("seed"), "pass", shots=[*PASSED, ("x", "plain", "inconclusive", None)])
    data["shots"][2]["tag"] = SIMPLER
    field = only(report([data], row("seed"))["fields"])
    assert (field["plain"], field["stream"]) == ("pass", "pass")


def test_a_row_that_is_not_testable_has_the_reason() -> None:
    field = only(report([], row("date", why_not="A date in the past."))["fields"])
    assert (field["outcome"], field["observed"]) == ("not-testable", "A date in the past.")


def test_a_row_whose_case_was_not_selected_has_the_reason() -> None:
    gone = [unselected_case(case("retry-after", feature="limits"), "opt-in: --feature limits")]
    field = only(report([], row("retry-after"), left_out=gone)["fields"])
    assert (field["outcome"], field["reason"]) == ("not-selected", "opt-in: --feature limits")
    assert field["features"] == ["limits"]


def test_a_row_without_a_case_does_not_pass() -> None:
    assert only(report([], row("seed"))["fields"])["outcome"] == "not-testable"


def test_a_failure_counts_for_another_row_only_if_a_finding_is_about_it() -> None:
    both = case("both", row="seed", also=("user",))
    rows = row("seed"), row("user")
    about_none = report([entry(both, "fail", finding("status"))], *rows)["fields"]
    assert [field["outcome"] for field in about_none] == ["fail", "inconclusive"]
    about_user = report([entry(both, "fail", finding("body $.user", "/user"))], *rows)["fields"]
    assert [field["outcome"] for field in about_user] == ["fail", "fail"]


def test_a_failure_leaves_another_row_to_the_cases_that_are_about_it() -> None:
    both = entry(case("both", row="seed", also=("user",)), "fail", finding("status"))
    user = entry(case("user"), "pass")
    fields = report([both, user], row("seed"), row("user"))["fields"]
    assert [field["outcome"] for field in fields] == ["fail", "pass"]


def test_a_broken_stream_decides_the_row_about_streams() -> None:
    case_of_seed = entry(case("seed"), "fail", finding("stream.end"))
    fields = report([case_of_seed], row("seed"), row("stream"))["fields"]
    assert [field["outcome"] for field in fields] == ["inconclusive", "fail"]


def test_a_case_that_no_shot_decides_counts_in_its_modes() -> None:
    shots = [("p", "plain", "pass", None), ("s", "stream", "pass", None)]
    undecided = entry(case("seed"), "inconclusive", shots=shots, cause="model", reason="no call")
    field = only(report([undecided], row("seed"))["fields"])
    assert (field["plain"], field["stream"]) == ("inconclusive", "inconclusive")


def test_a_blocked_case_names_the_cases_that_report_the_same_refusal() -> None:
    fault = entry(case("parts"), "fail", finding("status", "status", "500: no arrays"))
    blocked = entry(case("detail"), "inconclusive", cause="blocked", reason="no arrays")
    blocked["blocking"] = [{"rule": "status", "got": "500: no arrays", "case": ""}]
    made = report([fault, blocked], row("parts"), row("detail"))
    assert made["cases"][1]["blocked_by"] == [{"case": "compat/parts", "rule": "status"}]


def test_a_case_belongs_to_the_row_of_its_own_pack() -> None:
    chat, compat = pack(row("seed"), name="chat"), pack(row("seed"), extends=("chat",))
    cases = [
        entry(case("a", of="chat", row="seed"), "fail", finding("status")),
        entry(case("seed")),
    ]
    fields = build_report({}, [chat, compat], cases)["fields"]
    assert [(f["pack"], f["outcome"]) for f in fields] == [("compat", "pass"), ("chat", "fail")]


def test_a_case_of_a_pack_may_show_a_row_of_its_parent() -> None:
    chat, compat = pack(row("stop"), name="chat"), pack(extends=("chat",))
    fields = build_report({}, [chat, compat], [entry(case("x", row="stop"))])["fields"]
    assert only(fields)["cases"] == ["compat/x"]


REASONS: list[tuple[Outcome, Any, str]] = [
    ("skip", None, "the target claims to lack vision"),
    ("inconclusive", "timeout", "no byte for 60 s"),
]


@pytest.mark.parametrize(("outcome", "cause", "reason"), REASONS)
def test_a_row_without_a_verdict_shows_the_reason(
    outcome: Outcome, cause: Any, reason: str
) -> None:
    cases = [entry(case("seed"), outcome, cause=cause, reason=reason, evidence="none")]
    field = only(report(cases, row("seed"))["fields"])
    assert field["observed"] == (f"{cause}: {reason}" if cause else reason)
    assert field["evidence"] == "none"


OBSERVED = [
    (finding("ignored.refused", "status", '400: "no"'), "refused with 400"),
    (finding("status", "status", "502"), "answered with 502"),
    (finding("status", "status", ""), "no answer"),
    (finding("rejected.refused", "status", "200"), "answered with 200"),
    (finding("always_empty", "/system_fingerprint", '"fp_1"'), 'system_fingerprint = "fp_1"'),
    (finding("always_empty", "/usage/prompt_tokens_details/cached", "3"),
     "prompt_tokens_details.cached = 3"),
    (finding("present", "header request-id", "no such header"), "request-id is missing"),
    (finding("always", "header openai-version", '"2023"'), 'openai-version = "2023"'),
    (finding("body $.choices[0].message.content", "$.choices[0].message.content", "nothing there"),
     "message.content is missing"),
    (finding("ignored.effect", "/usage/prompt_tokens", "19"),
     "has an effect: usage.prompt_tokens = 19"),
    (finding("rejected.error", "body", "does not conform to openai/error"),
     "refused, without the protocol's error object"),
    (finding("transport", "transport", "the connection was dropped"),
     "closed without an answer"),
    (finding("schema", "/usage", "does not conform to openai/completion",
             expected="the key `a` is missing"),
     "the answer is not well formed: $.usage: the key `a` is missing"),
    (finding("stream.done", "event 9", "nothing", expected="[DONE]"),
     "the end mark [DONE] is missing or misplaced: nothing"),
    (finding("ignored.effect", "/user", "there"), "has an effect: user is there"),
    (finding("ignored.effect", "body", "it comes back"), "has an effect: it comes back"),
    (finding("any_of", "/id", "/id: 1; status: 200"), "/id: 1; status: 200"),
    (finding("unique $.id", "", "twice"), "twice"),
    (finding("any_of", "body", "$.a.b: nothing there; $.c: 1"), "a.b is missing"),
    (finding("forwarded", "forwarded $..[?search(@, 'Rex the dog')]", "nothing there"),
     "'Rex the dog' does not reach the provider"),
    (finding("forward.content", "forwarded tool calls", "nothing of weather({})"),
     "weather({}) does not reach the provider"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("wrong", "phrase"), OBSERVED, ids=lambda value: getattr(value, "rule", "")
)
def test_observed_in_a_few_words(wrong: Any, phrase: str) -> None:
    cases = [entry(case("seed"), "fail", wrong)]
    assert only(report(cases, row("seed"))["fields"])["observed"] == phrase


GRADES = [("accepted", "accepted"), ("shape", "there, and well formed"), ("effect", "as declared")]


@pytest.mark.parametrize(("evidence", "phrase"), GRADES)
def test_a_pass_claims_no_more_than_was_observed(evidence: str, phrase: str) -> None:
    cases = [entry(case("seed"), "pass", evidence=evidence)]
    assert only(report(cases, row("seed"))["fields"])["observed"] == phrase


def test_failed_values_are_named() -> None:
    shots = [(f"s{value}", "plain", "pass", value) for value in (0, 1, 1.5, 2)]
    wrong = [finding("clamped.refused", "status", "400", shot=f"s{v}") for v in (1.5, 2)]
    cases = [entry(case("temperature"), "fail", *wrong, shots=shots)]
    field = only(report(cases, row("temperature"))["fields"])
    assert field["observed"] == "refused with 400 for 1.5, 2"


def test_the_fields_own_rule_is_described_before_general_rules() -> None:
    wrong = [
        finding("schema", "body", expected="the key `usage` is missing"),
        finding("always_empty", "/x", "1"),
    ]
    cases = [entry(case("x"), "fail", *wrong)]
    assert only(report(cases, row("x"))["fields"])["observed"] == "x = 1"


def test_a_fail_without_findings_keeps_its_reason() -> None:
    cases = [entry(case("x"), "fail", reason="not testable: no call came")]
    assert only(report(cases, row("x"))["fields"])["observed"] == "not testable: no call came"


MISSING = "the key `usage` is missing"
SCHEMA_ERRORS = [
    ('"fp_1" should be one of null', '"fp_1"', ("should be one of null", '"fp_1"')),
    (MISSING, "does not conform to openai/completion", ("conforms to openai/completion", MISSING)),
    ("an answer (2xx)", "400", ("an answer (2xx)", "400")),
]  # fmt: skip


@pytest.mark.parametrize(("expected", "got", "result"), SCHEMA_ERRORS)
def test_a_schema_error_is_split_into_expected_and_got(
    expected: str, got: str, result: tuple[str, str]
) -> None:
    assert expected_and_got("body", expected, got) == result


def test_the_provider_side_is_described_before_the_status() -> None:
    status = finding("status", "status", "400")
    forwarded = finding("forwarded $.stop", "forwarded /stop", "7", grade="upstream")
    weak = entry(case("a", row="x"), "fail", status, evidence="accepted")
    strong = entry(case("b", row="x"), "fail", status, forwarded, evidence="upstream")
    assert only(report([weak, strong], row("x"))["fields"])["observed"] == "stop = 7"


def test_a_blocked_case_links_to_the_case_that_examines_what_prevents_it() -> None:
    streams = entry(case("calls"), "fail", finding("stream.tool-index", "/index", "1"))
    same_rule = entry(case("other"), "fail", finding("stream.tool-index", "/index", "1"))
    blocked = entry(case("choice"), "inconclusive", cause="blocked", reason="a stream")
    blocker = {"rule": "stream.tool-index", "got": "", "case": "compat/calls"}
    blocked["blocking"] = [blocker]
    linked = [{"case": "compat/calls", "rule": "stream.tool-index"}]
    rows = [row(name) for name in ("calls", "other", "choice")]
    assert report([same_rule, streams, blocked], *rows)["cases"][2]["blocked_by"] == linked
    blocked["blocking"] = [{**blocker, "rule": "stream.cut", "case": ""}]
    assert report([same_rule, streams, blocked], *rows)["cases"][2]["blocked_by"] == []
