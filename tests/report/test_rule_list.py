"""`harness list --rules` and docs/rules.md have every rule, with its sentences."""

from __future__ import annotations

from pathlib import Path

from harness.report.causes.rule_list import list_rules, markdown, rule_url
from harness.report.page_data import fault_views
from harness.report.sarif import sarif_text
from harness.testbed.mutants import MUTANTS
from tests.support.pack_on_disk import harness
from tests.support.report_data import case, entry, finding, report, row
from tests.support.report_page import page_of

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


def test_reports_link_a_rule_to_its_place_on_the_page_of_rules() -> None:
    made = entry(case("a"), "fail", finding("body $.text", "$.text", "1"))
    data = report([made], row("a"))
    url = fault_views(data)[0]["rule_url"]
    assert url == rule_url("body $.choices[0].finish_reason")
    anchor = url.rpartition("#")[2]
    assert anchor == "body"
    assert f'<a id="{anchor}"></a>' in DOCS.read_text("utf-8")
    assert f'href="{url}"' in page_of(data)
    assert f'"helpUri": "{url}"' in sarif_text(data)


def test_every_rule_that_detects_a_mutant_is_listed() -> None:
    listed = {rule.id for rule in list_rules()}
    used = {mutant.rule.partition(" ")[0] for mutant in MUTANTS}
    assert sorted(used - listed) == []


def test_the_command_prints_the_rules_with_their_sentences() -> None:
    result = harness("list", "--rules")
    assert result.code == 0
    assert "stream.done: The end mark [DONE] is missing or misplaced." in result.out
    assert "  openai, must: data: [DONE] at the end" in result.out
