"""Baseline files and transcripts of earlier versions keep their meaning when a rule is renamed."""

from __future__ import annotations

from pathlib import Path

import pytest

from harness.language import checks
from harness.load.deviations import load_baseline
from harness.model.renamed_rules import RENAMED_CHECKS, current_rule
from harness.run.transcript_format1 import upgrade_header


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("any", "any_of"),
        ("fails", "error_signalled_by"),
        ("same", "same header request-id"),
        ("equal $.usage.prompt_tokens", "same $.usage.prompt_tokens"),
        ("agree openai.model", "steps_agree openai.model"),
        ("forwarded times", "forwarded count"),
        ("forwarded once authorization", "forwarded single authorization"),
        ("forwarded $.times", "forwarded $.times"),
        ("body $.any", "body $.any"),
        ("", ""),
    ],
)
def test_old_rule_has_a_new_id_that_is_not_renamed_again(old: str, new: str) -> None:
    assert current_rule(old) == new
    assert current_rule(new) == new


def test_renamed_checks_exist() -> None:
    assert set(RENAMED_CHECKS.values()) - {"any_of"} <= set(checks.BY_ID)


def test_baseline_with_an_old_rule_accepts_the_new_one(tmp_path: Path) -> None:
    path = tmp_path / "baseline.yaml"
    path.write_text("deviations:\n  - {case: a/b, rule: any, reason: known}\n", "utf-8")
    assert [entry.rule for entry in load_baseline(str(path))] == ["any_of"]


def test_transcript_of_format_1_has_todays_rules_checks_and_arguments() -> None:
    inner = {
        "rule": "forwarded once a",
        "check": "forwarded",
        "args": {"openai": {"once": ["a"]}, "times": {"const": 1}},
        "parts": [],
    }
    old = {"rule": "any", "check": "any", "args": {}, "parts": [[inner]]}
    header = upgrade_header({"plans": [{"demands": [old]}]})
    [assertion] = header["plans"][0]["assertions"]
    assert (assertion["rule"], assertion["check"]) == ("any_of", "any_of")
    [[part]] = assertion["parts"]
    assert part["rule"] == "forwarded single a"
    assert part["args"] == {"openai": {"single": ["a"]}, "count": {"const": 1}}
