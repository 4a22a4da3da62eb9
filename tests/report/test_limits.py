"""The reports say what limits a result: undecided cases, permitted refusals, dropped requests."""

from __future__ import annotations

from typing import Any

from harness.report import page, summary, terminal
from harness.report.limits import limit_sentences
from tests.support.report_data import case, entry, finding, report, row


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
    assert sentence in page.summary_html(made)
    assert sentence in terminal.summary(made)
    assert sentence in summary.summary_markdown(made)


def test_a_fault_lists_the_cases_that_it_prevents() -> None:
    made = blocked_report()
    html = page.summary_html(made)
    assert "It prevents 1 other case, which is inconclusive" in html
    assert "1 more cannot be decided because of it" in terminal.summary(made)
    assert "| 1, prevents 1 more |" in summary.summary_markdown(made)


def test_a_blocked_case_links_to_the_case_that_reports_the_fault() -> None:
    html = page.summary_html(blocked_report())
    links = html.partition('data-blocked="case-compat/images"')[2].partition("</span>")[0]
    assert 'href="#case-compat/parts"' in links
    assert 'class="blocked-by"' in page.case_html(blocked_report()["cases"][1], {})


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
    assert "1 of them refused, which is permitted" in page.summary_html(made)
    assert "⊘" in terminal.summary(made)
    assert "| thinking |" in summary.summary_markdown(made)


def test_dropped_requests_are_reported_on_the_page_and_in_the_summary() -> None:
    made = report([entry(case("n"), "pass")])
    made["transport"] = {"requests": 460, "dropped": 1, "closed_idle": 10, "fault": False}
    sentence = "11 of 460 requests were dropped and sent again (10 on connections kept open)."
    assert limit_sentences(made) == [sentence]
    assert sentence in page.summary_html(made)
    assert "11 of 460 requests" in summary.summary_markdown(made)
