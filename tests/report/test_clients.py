"""A report has one line for each client whose requests were sent."""

from __future__ import annotations

from typing import Any

import pytest

from harness.model import Outcome
from harness.report.case_data import unselected_case
from harness.report.clients import NEEDS_PROVIDER, client_lines
from harness.report.summary import summary_markdown
from harness.report.terminal import summary
from tests.support.report_data import case, entry, finding, report, row

ROW = row("(Some Client)", "supported", location="client")
STOPPED = row("(Some Client)", "honoured_or_refused", location="client")
OTHER = row("temperature")
CAUSE: dict[Outcome, Any] = {"inconclusive": {"cause": "model", "reason": "it called no tool"}}


def of_client(name: str) -> Any:
    """Return a case of a feature that is about one client only."""
    return case(name, row=ROW.id, feature="limits", behaviour="supported")


def refused(name: str) -> Any:
    """Return the data of a case of which every request was refused, which is permitted."""
    return entry(of_client(name)) | {"refused": "all", "evidence": "accepted"}


@pytest.mark.parametrize(
    ("outcome", "text"),
    [
        ("pass", "Works with Some Client (2 of 2 cases pass)"),
        ("warn", "Works with Some Client, with warnings (2 of 2 cases pass): "),
        ("fail", "Does not work with Some Client (1 of 2 cases passes): "),
        ("inconclusive", "Not known whether it works with Some Client (1 of 2 cases passes)"),
    ],
)
def test_line_states_the_worst_outcome_and_the_counts(outcome: Outcome, text: str) -> None:
    first = entry(of_client("first"))
    made = report(
        [first, entry(of_client("second"), outcome, **CAUSE.get(outcome, {}))], ROW, OTHER
    )
    (line,) = client_lines(made)
    assert line.text.startswith(text)
    assert line.outcome == outcome
    assert line.text.rstrip(".") in summary_markdown(made).replace("\\", "")


def test_client_is_not_known_to_work_if_cases_were_not_sent() -> None:
    second = unselected_case(of_client("second"), "deselected")
    made = report([entry(of_client("first"))], ROW, left_out=[second])
    (line,) = client_lines(made)
    assert line.text.startswith("Not known whether it works with Some Client (1 of 1 case passes")
    assert line.text.endswith(", 1 not sent)")
    assert line.outcome == "inconclusive"


def test_cases_that_need_a_provider_are_not_missed() -> None:
    second = unselected_case(of_client("second"), NEEDS_PROVIDER)
    made = report([entry(of_client("first"))], ROW, left_out=[second])
    (line,) = client_lines(made)
    assert line.text == "Works with Some Client (1 of 1 case passes)"


def test_client_without_a_feature_has_no_line_for_a_part_of_its_cases() -> None:
    second = unselected_case(case("second", row=ROW.id), "deselected")
    made = report([entry(case("first", row=ROW.id))], ROW, left_out=[second])
    assert client_lines(made) == []


def test_permitted_refusals_that_stop_the_client_are_not_called_working() -> None:
    cases = [entry(of_client("first")), refused("second"), refused("third")]
    (line,) = client_lines(report(cases, STOPPED))
    assert line.text.startswith("Works only in part with Some Client (3 of 3 cases pass): ")
    assert line.text.endswith("second and 1 more were refused, which is permitted")
    assert line.outcome == "warn"


def test_client_works_if_it_survives_the_refusals() -> None:
    cases = [entry(of_client("first")), refused("second")]
    (line,) = client_lines(report(cases, ROW))
    assert line.text == "Works with Some Client (2 of 2 cases pass)"


def test_line_of_a_client_that_fails_has_the_title_of_its_fault() -> None:
    failed = entry(of_client("first"), "fail", finding("status", got="500"))
    made = report([failed], ROW)
    (line,) = client_lines(made)
    assert line.text.endswith(f": {made['faults'][0]['title']}")


def test_client_does_not_work_if_only_other_rows_have_the_faults_of_its_requests() -> None:
    stream = finding("stream.done", got="the end of the stream")
    failed = entry(of_client("first"), "fail", stream)
    made = report([failed, entry(of_client("second"))], ROW, row("request.stream"))
    for field in made["fields"]:
        field["cases"] = [name for name in field["cases"] if not name.endswith("first")]
    (line,) = client_lines(made)
    assert line.text.startswith("Does not work with Some Client (1 of 2 cases passes): ")


def test_client_does_not_work_with_a_fault_of_all_streams_that_other_cases_report() -> None:
    own = finding("stream.block-open", "event 4", "the end of the stream", level="may")
    whole = entry(
        case("all", row=OTHER.id), "fail", finding("stream.block-open", "event 4", "the end")
    )
    cases = [entry(of_client("first"), "pass", own), entry(of_client("second")), whole]
    (line,) = client_lines(report(cases, ROW, OTHER))
    assert line.text.startswith("Does not work with Some Client (1 of 2 cases passes): ")
    assert line.outcome == "fail"


def test_fault_of_other_requests_does_not_concern_a_client() -> None:
    whole = entry(
        case("all", row=OTHER.id), "fail", finding("stream.block-open", "event 4", "the end")
    )
    (line,) = client_lines(report([entry(of_client("first")), whole], ROW, OTHER))
    assert line.text == "Works with Some Client (1 of 1 case passes)"


def test_clients_without_a_judged_case_are_not_mentioned() -> None:
    made = report([entry(case("one", row=OTHER.id))], ROW, OTHER)
    assert client_lines(made) == []
    assert "Client" not in summary(made)


def test_terminal_shows_a_client_that_fails() -> None:
    made = report([entry(of_client("one"), "fail")], ROW)
    assert "Does not work with Some Client (0 of 1 case pass" in summary(made)
