"""The reports say what limits a result: undecided cases, permitted refusals, dropped requests."""

from __future__ import annotations

from typing import Any

from harness.report import summary, terminal
from harness.report.limits import limit_sentences
from tests.support import report_html
from tests.support.report_data import case, entry, finding, report, row
from tests.support.report_page import page_of


def blocked_report() -> Any:
    """One case fails; its fault prevents another one."""
    failing = entry(case("parts"), "fail", finding("status", "status", "500: no", level="must"))
    reason = "a simpler request got 500"
    blocked = entry(case("images"), "inconclusive", cause="blocked", reason=reason)
    return report(
        [failing, blocked | {"blocking": [{"rule": "status", "got": "500: no", "case": ""}]}]
    )


def test_the_cause_of_undecided_cases_is_named_everywhere() -> None:
    sentence = "1 case is inconclusive: all prevented by another fault."
    made = blocked_report()
    assert limit_sentences(made) == [sentence]
    assert sentence in page_of(made)
    assert sentence in terminal.summary(made)
    assert sentence in summary.summary_markdown(made)


def test_a_fault_lists_the_cases_that_it_prevents() -> None:
    made = blocked_report()
    html = page_of(made)
    assert "It prevents 1 other case, which is inconclusive" in html
    assert "1 more cannot be decided because of it" in terminal.summary(made)
    assert "| 1, prevents 1 more |" in summary.summary_markdown(made)


def test_a_blocked_case_names_the_case_that_reports_the_fault() -> None:
    data = report_html.cases(page_of(blocked_report()))["compat/images"]
    assert data["is_blocked"]
    assert data["blocked_by"] == [{"case": "compat/parts", "rule": "status"}]


def test_permitted_refusals_are_distinct_from_other_passes() -> None:
    refused = entry(case("n"), "pass") | {"refused": "all"}
    made = report([refused, entry(case("seed"), "pass")], row("n"), row("seed"))
    made["profiles"] = [
        {
            "pack": "compat", "version": "1.0.0", "profile": "core", "requirements": "",
            "result": "conformant", "required": 2, "totals": {"pass": 2, "warn": 0},
            "claimed": ["n"], "shown": [], "refused": ["thinking"], "not_claimed": [],
        }
    ]  # fmt: skip
    sentence = "1 case passes only because everything was refused, which is permitted; not shown: "
    assert limit_sentences(made) == [f"{sentence}thinking."]
    assert "<small>1 refused</small>" in page_of(made)
    assert "⊘" in terminal.summary(made)
    assert "| thinking |" in summary.summary_markdown(made)


def test_dropped_requests_are_reported_on_the_page_and_in_the_summary() -> None:
    made = report([entry(case("n"), "pass")])
    made["transport"] = {"requests": 460, "dropped": 1, "closed_idle": 10, "fault": False}
    sentence = "11 of 460 requests were dropped and sent again (10 on connections kept open)."
    assert limit_sentences(made) == [sentence]
    assert sentence in page_of(made)
    assert "11 of 460 requests" in summary.summary_markdown(made)
