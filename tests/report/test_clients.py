"""A report has one line for each client whose requests were sent."""

from __future__ import annotations

from typing import Any

import pytest

from harness.model import Outcome
from harness.report.case_data import unselected_case
from harness.report.clients import client_lines
from harness.report.summary import summary_markdown
from harness.report.terminal import summary
from tests.support.report_data import case, entry, report, row

ROW = row("(Some Client)", location="client")
OTHER = row("temperature")
CAUSE: dict[Outcome, Any] = {"inconclusive": {"cause": "model", "reason": "it called no tool"}}


@pytest.mark.parametrize(
    ("outcome", "text"),
    [
        ("pass", "Works with Some Client: 2 of 2 cases pass"),
        ("warn", "Works with Some Client, with warnings: 2 of 2 cases pass; "),
        ("fail", "Does not work with Some Client: 1 of 2 cases passes; "),
        ("inconclusive", "Not known whether it works with Some Client: 1 of 2 cases passes"),
    ],
)
def test_line_states_the_worst_outcome_and_the_counts(outcome: Outcome, text: str) -> None:
    first = entry(case("first", row=ROW.id))
    made = report(
        [first, entry(case("second", row=ROW.id), outcome, **CAUSE.get(outcome, {}))], ROW, OTHER
    )
    (line,) = client_lines(made)
    assert line.text.startswith(text)
    assert line.outcome == outcome
    assert line.text.rstrip(".") in summary_markdown(made).replace("\\", "")


def test_cases_that_were_not_run_are_counted() -> None:
    second = unselected_case(case("second", row=ROW.id), "opt-in")
    made = report([entry(case("first", row=ROW.id))], ROW, left_out=[second])
    (line,) = client_lines(made)
    assert line.text == "Works with Some Client: 1 of 1 case passes, 1 not run"


def test_clients_without_a_judged_case_are_not_mentioned() -> None:
    made = report([entry(case("one", row=OTHER.id))], ROW, OTHER)
    assert client_lines(made) == []
    assert "Client" not in summary(made)


def test_terminal_shows_a_client_that_fails() -> None:
    made = report([entry(case("one", row=ROW.id), "fail")], ROW)
    assert "Does not work with Some Client: 0 of 1 case pass" in summary(made)
