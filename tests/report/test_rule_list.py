"""`harness list --rules` and docs/rules.md have every rule, with its sentences."""

from __future__ import annotations

from pathlib import Path

from harness.report.causes.rule_list import list_rules, markdown
from harness.testbed.mutants import MUTANTS
from tests.support.pack_on_disk import harness

DOCS = Path(__file__).resolve().parents[2] / "docs" / "rules.md"


def test_page_of_rules_is_generated_from_the_wording() -> None:
    text = "\n".join(markdown()).strip() + "\n"
    assert DOCS.read_text("utf-8") == text, (
        "python -m harness.report.causes.rule_list > docs/rules.md"
    )


def test_every_rule_has_a_sentence_a_reason_and_a_hint() -> None:
    rules = [*list_rules()]
    assert len(rules) > 80
    assert [rule.id for rule in rules if rule.wrong.rstrip(".").lower() == rule.id] == []
    assert [rule.id for rule in rules if not (rule.why or rule.parts)] == []
    assert [rule.id for rule in rules if not rule.hint] == []


def test_every_rule_that_detects_a_mutant_is_listed() -> None:
    listed = {rule.id for rule in list_rules()}
    used = {mutant.rule.partition(" ")[0] for mutant in MUTANTS}
    assert sorted(used - listed) == []


def test_the_command_prints_the_rules_with_their_sentences() -> None:
    result = harness("list", "--rules")
    assert result.code == 0
    assert "stream.done: The end mark [DONE] is missing or misplaced." in result.out
    assert "  openai, must: data: [DONE] at the end" in result.out
