"""report.sarif, code-quality.json and junit.xml: valid in their formats, and without markup."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import jsonschema
import pytest

from harness.model import Place
from harness.report.code_quality import code_quality_text
from harness.report.junit import junit_xml
from harness.report.positions import case_position
from harness.report.sarif import sarif_text
from tests.support.clean_outputs import COMMAND, CONTROL
from tests.support.report_data import case, entry, finding, report, row

SCHEMAS = Path(__file__).parent / "schemas"
HOSTILE = "[link](javascript:x)\n::error::\x1b[31m\u202e {0} ##[error] \ud800</failure>]]>"


def schema(name: str) -> Any:
    return json.loads((SCHEMAS / name).read_text("utf-8"))


SARIF = jsonschema.Draft4Validator(schema("sarif-2.1.0.json"))
CODE_QUALITY = jsonschema.Draft202012Validator(schema("code-quality.json"))


def sarif(data: Any) -> Any:
    text = sarif_text(data)
    assert text.isascii() or not CONTROL.search(text)
    log = json.loads(text)
    assert [f"{e.json_path}: {e.message}" for e in SARIF.iter_errors(log)] == []
    return log["runs"][0]


def code_quality(data: Any) -> Any:
    issues = json.loads(code_quality_text(data))
    assert [f"{e.json_path}: {e.message}" for e in CODE_QUALITY.iter_errors(issues)] == []
    return issues


def accept(data: Any, reason: str) -> Any:
    by = [{"rule": "always_empty", "reason": reason, "issue": "", "until": ""}]
    return {**data, "known": {"whole": True, "by": by}}


def full(got: str = "1", **more: Any) -> Any:
    """Three cases with two faults of both levels, one undecided, one that passes."""
    cases = [
        entry(case("a"), "fail", finding("always_empty", "/x", got)),
        entry(case("b"), "fail", finding("always_empty", "/x", got)),
        entry(case("c"), "warn", finding("same_as", "$.usage", got, level="should")),
        entry(case("unsure"), "inconclusive", cause="timeout", reason=f"no byte {got}"),
        entry(case("fine")),
    ]
    return report(cases, *(row(name) for name in "abc"), **more)


def test_each_fault_is_one_result_at_the_line_of_its_first_case() -> None:
    run = sarif(full())
    assert [(one["ruleId"], one["level"]) for one in run["results"]] == [
        ("always_empty", "error"),
        ("same_as", "warning"),
    ]
    first, second = run["results"]
    assert first["locations"][0]["physicalLocation"] == {
        "artifactLocation": {"uri": "cases/compat/fields.yaml", "uriBaseId": "SRCROOT"},
        "region": {"startLine": 12, "startColumn": 5},
    }
    assert first["properties"]["cases"] == ["compat/a", "compat/b"]
    assert len(first["relatedLocations"]) == 1
    assert "relatedLocations" not in second
    assert [rule["id"] for rule in run["tool"]["driver"]["rules"]] == ["always_empty", "same_as"]
    [issue, other] = code_quality(full())
    assert (issue["check_name"], issue["severity"], other["severity"]) == (
        "always_empty", "critical", "minor",
    )  # fmt: skip
    assert issue["location"] == {"path": "cases/compat/fields.yaml", "lines": {"begin": 12}}
    assert "2 cases" in issue["description"]


def test_the_fingerprint_of_a_fault_does_not_change_with_what_was_received() -> None:
    one, other = sarif(full("id 1"))["results"], sarif(full("id 2"))["results"]
    assert one != other
    prints = [[each["partialFingerprints"] for each in results] for results in (one, other)]
    assert prints[0] == prints[1]
    assert prints[0][0] != prints[0][1]
    issues = [each["fingerprint"] for each in code_quality(full())]
    assert len(set(issues)) == 2


def test_what_limits_the_result_is_a_notification() -> None:
    stopped = sarif(full(reasons=["the target stopped answering"]))["invocations"][0]
    assert not stopped["executionSuccessful"]
    notes = [one["message"]["text"] for one in stopped["toolExecutionNotifications"]]
    assert notes[0] == "the target stopped answering"
    assert "inconclusive" in notes[1]
    assert sarif(full())["invocations"][0]["executionSuccessful"]


def test_accepted_faults_are_suppressed_and_no_issues() -> None:
    data = full()
    data["cases"][0] = accept(data["cases"][0], "until version 3")
    assert "suppressions" not in sarif(data)["results"][0]  # the other case is not accepted
    data["cases"][1] = accept(data["cases"][1], "until version 3")
    assert sarif(data)["results"][0]["suppressions"] == [
        {"kind": "external", "justification": "until version 3"}
    ]
    assert [issue["check_name"] for issue in code_quality(data)] == ["same_as"]


def test_a_run_without_faults_has_valid_files() -> None:
    data = report([entry(case("fine"))], row("fine"), harness="")
    assert sarif(data)["results"] == []
    assert code_quality(data) == []


def test_no_text_of_the_target_is_markup_or_a_command() -> None:
    data = full(HOSTILE, reasons=[HOSTILE])
    data["cases"][3]["reason"] = HOSTILE
    run = sarif(data)
    texts = [one["message"]["text"] for one in run["results"]]
    texts += [one["message"]["text"] for one in run["invocations"][0]["toolExecutionNotifications"]]
    descriptions = [issue["description"] for issue in code_quality(data)]
    for text in (*texts, *descriptions):
        assert "\n" not in text
        assert not CONTROL.search(text)
        assert not COMMAND.search(text)
    assert any("link" in text for text in texts)
    assert all("[link](" not in text.replace("\\[", "") for text in texts)
    ElementTree.fromstring(junit_xml(data))


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("cases/compat/fields.yaml", "cases/compat/fields.yaml"),
        ("mine/pack/fields.yaml", "mine/pack/fields.yaml"),
        ("/home/ann/mine/pack/fields.yaml", "pack/fields.yaml"),
        ("/usr/lib/python3/harness/_data/cases/compat/fields.yaml", "cases/compat/fields.yaml"),
        ("../mine/pack/fields.yaml", "pack/fields.yaml"),
        ("C:\\Users\\ann\\pack\\fields.yaml", "pack/fields.yaml"),
    ],
)
def test_positions_have_no_path_of_the_machine(path: str, expected: str) -> None:
    placed = entry(case("a", place=Place(path, 7, 3)))
    assert case_position(placed) == (expected, 7, 3)


def junit(data: Any) -> dict[str | None, tuple[str, str | None, str | None]]:
    return {
        test.get("name"): (
            next((part.tag for part in test if part.tag != "properties"), ""),
            test.get("file"),
            test.get("line"),
        )
        for test in ElementTree.fromstring(junit_xml(data)).iter("testcase")
    }


@pytest.mark.parametrize(
    ("fail_on", "tags"),
    [
        ("fail", {"a": "failure", "c": "", "unsure": "skipped", "fine": ""}),
        ("inconclusive", {"a": "failure", "c": "", "unsure": "error", "fine": ""}),
        ("warn", {"a": "failure", "c": "failure", "unsure": "error", "fine": ""}),
    ],
)
def test_junit_has_file_and_line_and_fails_what_fails_the_run(
    fail_on: str, tags: dict[str, str]
) -> None:
    cases = junit(full(fail_on=fail_on))
    assert {name: cases[name][0] for name in tags} == tags
    assert cases["a"][1:] == ("cases/compat/fields.yaml", "12")
    assert junit({k: v for k, v in full().items() if k != "fail_on"})["unsure"][0] == "skipped"
