"""The terminal names the biggest fault of a run in one sentence."""

from __future__ import annotations

from typing import Any

from harness.report.lead import lead_sentence

SHOTS = [
    {"id": "own", "status": 200, "control": False},
    {"id": "shared", "status": 200, "control": True},
]


def report(
    rule: str = "body $.a",
    location: str = "request",
    behaviour: str = "supported",
    status: int = 200,
    shots: tuple[int, ...] = (0, 1),
) -> Any:
    finding = {
        "rule": rule,
        "level": "must",
        "holds": False,
        "shot": "own",
        "at": "",
        "expected": "",
    }
    own = [{**SHOTS[0], "status": status}, SHOTS[1]]
    case = {
        "pack": "p",
        "id": "c",
        "row": "r",
        "outcome": "fail",
        "why": "The limit cuts.",
        "behaviour": behaviour,
        "shots": [own[n] for n in shots],
        "findings": [finding],
    }
    row = {"pack": "p", "row": "r", "path": "max_tokens", "location": location}
    fault = {"level": "must", "rule": rule, "cases": ["p/c"], "got": ['400: "no"'], "title": rule}
    return {"faults": [fault], "cases": [case], "fields": [row]}


def test_field_that_has_no_effect_is_called_accepted_but_not_honoured() -> None:
    sentence = "`max_tokens` is accepted but not honoured: The limit cuts."
    assert lead_sentence(report()) == sentence
    assert lead_sentence(report(behaviour="honoured_or_refused", shots=(0,))) == sentence


def test_other_faults_are_described_by_their_title() -> None:
    assert lead_sentence(report(status=500)) == "body $.a."
    assert lead_sentence(report(rule="schema")) == "schema."
    assert lead_sentence(report(location="response")) == "body $.a."
    assert lead_sentence(report(shots=(0,))) == "body $.a."


def test_fault_of_the_field_itself_is_described_before_a_wrong_status() -> None:
    data = report("ignored.refused", status=400)
    wrong_status = {**data["faults"][0], "rule": "status", "cases": ["p/other"]}
    data["faults"].insert(0, wrong_status)
    assert lead_sentence(data) == "ignored.refused."


def test_run_without_a_must_fault_has_no_such_sentence() -> None:
    data = report()
    data["faults"][0]["level"] = "should"
    assert lead_sentence(data) == ""
