"""summary.md, badge.svg, report.json and the terminal: right, short, and not to be broken."""

from __future__ import annotations

import json
import re
from typing import Any
from xml.etree import ElementTree

import pytest

from harness.report import badge, labels, page_data, summary, terminal, terminal_next, text
from harness.report.case_data import unselected_case
from harness.report.headline import examined_rows, subject, summary_sentences
from harness.report.page_cases import case_view
from harness.report.report_file import format_report
from tests.support.report_data import case, entry, finding, report, row

HOSTILE = (
    "</script><img src=x onerror=alert(1)> | `code` @everyone [a](http://x) \x1b[31m\u202e\nline"
)
SHOTS = [("s/plain", "plain", "fail", None), ("s/stream", "stream", "pass", None)]


def full(got: str = '"fp_1"') -> Any:
    """One case of each outcome, a row that cannot be tested, and one left out."""
    cases = [
        entry(case("fail"), "fail", finding("always_empty", "/x", got), shots=SHOTS),
        entry(case("warn"), "warn", finding("same_as", "$.usage", "19", level="should")),
        entry(case("unsure"), "inconclusive", cause="timeout", reason="no byte for 60 s"),
        entry(case("skip"), "skip", reason="the target claims to lack vision"),
        entry(case("pass"), "pass", finding("status", "status", "400", level="may")),
    ]
    rows = [row(name) for name in ("fail", "warn", "unsure", "skip", "pass", "gone")]
    gone = [unselected_case(case("gone", feature="limits"), "opt-in: --feature limits")]
    return report(cases, *rows, row("date", why_not="A date."), left_out=gone)


def good() -> Any:
    return report([entry(case("seed"), evidence="accepted")], row("seed"))


def test_the_summary_has_result_counts_and_fields() -> None:
    text = summary.summary_markdown(full())
    assert text.startswith("## ✗ acme is non-conformant to compat 1.0.0\n")
    assert "1 fail, 1 inconclusive, 1 warn, 1 pass, 1 skip" in text
    assert "812 requests, 1 min 12 s" in text
    assert '| ✗ Fail | `fail` | ignored | `x = "fp_1"` |' in text
    assert "harness run https://gw.acme.example/v1" in text


def test_no_text_of_the_target_leaves_its_code_span() -> None:
    text = summary.summary_markdown(full(HOSTILE))
    outside = re.sub(r"(`+)(?!`).*?(?<!`)\1(?!`)", "", text)
    assert "img" in text
    assert not re.search(r"<img|@everyone|\[a\]|\x1b|\u202e", outside)
    rows = [line for line in text.splitlines() if line.startswith("| 1 |")]
    assert {len(re.findall(r"(?<!\\)\|", line)) for line in rows} == {5}


def test_a_conformant_run_has_a_short_summary() -> None:
    text = summary.summary_markdown(good() | {"command": ""})
    assert "###" not in text
    assert "Examined 1 of 1 row: 1 only accepted." in text


def test_a_long_summary_counts_what_it_leaves_out() -> None:
    cases = [entry(case(f"c{i}"), "fail", finding(f"r{i}", "/x", "1")) for i in range(100)]
    text = summary.summary_markdown(report(cases, *(row(f"c{i}") for i in range(100))))
    assert "80 more in report.html." in text
    assert "40 more in report.html." in text


def test_the_summary_lists_each_profile() -> None:
    profile = {
        "pack": "compat", "version": "1.0.0", "profile": "extended", "result": "partial",
        "requirements": "", "required": 3, "totals": {"pass": 1, "warn": 1, "missing": 1},
        "claimed": ["vision", "models"], "shown": ["vision"], "not_claimed": ["limits"],
    }  # fmt: skip
    without_profiles: Any = {k: v for k, v in full().items() if k != "profiles"}
    result = summary.summary_markdown(full() | {"profiles": [profile]})
    assert "### Profiles: 1" in result
    assert "| compat 1.0.0, extended | ◐ partial | 2 of 3 | vision |  | limits |" in result
    assert "Profiles" not in summary.summary_markdown(without_profiles)


def test_reasons_are_at_the_top() -> None:
    assert "**interrupted after 3 of 9 cases**" in summary.summary_markdown(
        full() | {"reasons": ["interrupted after 3 of 9 cases"]}
    )


PHRASES = [
    ("conformant", "conformant"),
    ("partial", "partially conformant"),
    ("non-conformant", "non-conformant"),
]


@pytest.mark.parametrize(("result", "phrase"), PHRASES)
def test_the_badge_is_an_image_with_the_result(result: str, phrase: str) -> None:
    drawn = badge.svg(full() | {"result": result})
    root = ElementTree.fromstring(drawn)
    assert root.attrib["aria-label"] == f"acme, compat 1.0.0: {phrase}, {examined_rows(full())}"
    assert badge.COLOURS[result][0] in drawn
    assert "http" not in drawn.replace("http://www.w3.org/2000/svg", "")


@pytest.mark.parametrize(("result", "phrase"), PHRASES)
def test_badge_json_is_valid_for_shields_io(result: str, phrase: str) -> None:
    """Its schema: https://shields.io/badges/endpoint-badge."""
    badge_json = json.loads(badge.shields_json(full() | {"result": result}))
    assert badge_json.keys() == {"schemaVersion", "label", "message", "color"}
    message = f"{phrase}, {examined_rows(full())}"
    assert (badge_json["schemaVersion"], badge_json["message"]) == (1, message)
    assert badge_json["label"] == f"acme, {', '.join(subject(full()))}"
    assert all(isinstance(badge_json[key], str) and badge_json[key] for key in ("label", "color"))


@pytest.mark.parametrize(
    ("target", "label"),
    [
        ({"name": "acme", "version": "2.1"}, "acme 2.1, compat 1.0.0"),
        ({"name": "acme"}, "acme, compat 1.0.0"),
        ({"name": "gw.acme.example"}, "compat 1.0.0"),
    ],
)
def test_the_badge_names_a_target_that_has_a_name(target: dict[str, str], label: str) -> None:
    made = full()
    made["target"] = {"base_url": "https://gw.acme.example/v1", "model": "m", **target}
    assert json.loads(badge.shields_json(made))["label"] == label
    assert label in badge.svg(made)


def test_a_badge_cannot_be_broken_by_a_name() -> None:
    made = good()
    made["packs"][0]["id"] = '"><script>\x01'
    assert "<script>" not in badge.svg(made)
    ElementTree.fromstring(badge.svg(made))


def test_equal_data_give_equal_report_json() -> None:
    made = full("Grüße \ud800")
    assert json.loads(format_report(made)) == text.replace_surrogates(made)
    assert format_report(made) == format_report(made)
    format_report(made).encode()


def test_the_terminal_shows_every_row_and_the_result_last() -> None:
    lines = terminal.summary(full(), 120, verbosity=1).splitlines()
    start = next(n for n, line in enumerate(lines) if line.startswith("Request fields"))
    names = ("fail", "unsure", "gone", "date")
    assert all(any(name in line for line in lines[start:]) for name in names)
    assert lines[-1] == "✗ acme is non-conformant to compat 1.0.0"


def test_the_terminal_shows_only_rows_that_are_not_green() -> None:
    text = terminal.summary(full())
    assert text.splitlines()[-1] == "✗ acme is non-conformant to compat 1.0.0"
    table = text.partition("4 rows are not green\n")[2].partition("\n\n")[0].splitlines()[1:]
    assert [line.split()[0] for line in table] == ["✗", "?", "!", "–"]
    assert [line.split()[1] for line in table] == ["fail", "unsure", "warn", "skip"]
    assert "not green" not in terminal.summary(good())


def test_a_quiet_terminal_shows_faults_and_result_only() -> None:
    text = terminal.summary(full(), messages=["a message"], verbosity=-1)
    assert "not green" not in text
    assert "To send only" not in text
    assert text.splitlines()[0].startswith("✗ ")
    assert text.splitlines()[-2:] == ["a message", "✗ acme is non-conformant to compat 1.0.0"]


def test_each_fault_has_the_command_that_explains_its_first_case() -> None:
    assert "\n  harness explain compat/fail\n" in terminal.summary(full())


@pytest.mark.parametrize(
    ("command", "lines"),
    [
        ("harness run http://h/v1 --model m", ["harness run http://h/v1 --model m --case p/c -v"]),
        ("harness run --case a -k b --smoke --out=o -q x", ["harness run x --case p/c -v"]),
        (
            f"harness run http://h/v1 --model '{'a b ' * 10}' --api-key-env GATEWAY_API_KEY",
            [
                f"harness run http://h/v1 --model '{'a b ' * 10}' \\",
                "  --api-key-env GATEWAY_API_KEY --case p/c -v",
            ],
        ),
        ("pytest cases/openai-chat", []),
        ("harness run 'x", []),
        ("", []),
    ],
)
def test_the_next_command_sends_one_case_and_can_be_copied(command: str, lines: list[str]) -> None:
    words = terminal_next.command_for_case(command, "p/c")
    assert [line[2:] for line in terminal_next.command_lines(words)] == lines


@pytest.mark.parametrize("width", [20, 80, 200])
def test_no_line_is_wider_than_the_terminal(width: int) -> None:
    made = full(HOSTILE * 9)
    both = terminal.summary(made, width) + terminal.summary(made, width, verbosity=1)
    assert max(map(len, both.splitlines())) <= min(max(width, 40), 100)


def test_without_colour_there_is_no_escape_sequence() -> None:
    for verbosity in (0, 1):
        assert "\x1b" not in terminal.summary(full(HOSTILE), verbosity=verbosity)
    assert "\x1b[1;31m" in terminal.summary(full(), colour=True)
    assert "\x1b[31m" not in terminal.summary(full(HOSTILE), colour=True).replace("\x1b[1;31m", "")


@pytest.mark.parametrize("encoding", ["ascii", "cp1252", "unknown"])
def test_a_terminal_without_unicode_gets_letters(encoding: str) -> None:
    text = terminal.summary(full("世界"), encoding=encoding)
    text.encode("ascii")
    assert any(line.startswith("x  fail") for line in text.splitlines())


def test_many_faults_still_fit_one_screen() -> None:
    cases = [entry(case(f"c{i}"), "fail", finding(f"r{i}", "/x", "1")) for i in range(30)]
    text = terminal.summary(report(cases))
    assert "and 25 smaller faults" in text
    assert len(text.splitlines()) < 40


LEDES = [
    (good, "Nothing failed in 1 case, and every core case was run."),
    (full, "1 of 5 cases fails. 1 fault causes this."),
    (lambda: report([entry(case("a"), "skip")]), "of the core cases: 1 skipped."),
    (lambda: report([entry(case("a"), "warn", finding("claim.deviates", level="should"))]),
     "a declared deviation"),
    (lambda: report([entry(case("a"), "fail")]), "1 of 1 case fails."),
    (lambda: report([entry(case(c), "fail", finding("schema", "body")) for c in "ab"]),
     "would clear 2 of them."),
]  # fmt: skip


@pytest.mark.parametrize(("made", "expected"), LEDES)
def test_the_first_sentence_has_the_number_and_the_cause(made: Any, expected: str) -> None:
    assert expected in summary_sentences(made())


def test_times_are_formatted() -> None:
    assert page_data.format_time("2026-10-05T10:00:00Z") == "2026-10-05 10:00:00 UTC"
    assert page_data.format_time("yesterday") == "yesterday"
    assert page_data.format_duration("2026-10-05T10:00:00Z", "2026-10-05T10:00:09.5Z") == "9.5 s"
    assert page_data.format_duration("2026-10-05T10:00:00Z", "2026-10-05T10:00:07Z") == "7 s"
    assert page_data.format_duration("2026-10-05T10:00:00Z", "2026-10-05T10:00:00Z") == "under 1 s"
    assert page_data.format_duration("", "2026-10-05T10:00:00Z") == ""


RULES = [
    ("ignored.refused", "A field that should be ignored is refused"),
    ("body $.choices[0].index", "The answer's choices[0].index is not as required"),
    ("headers request-id", "The header request-id is not as required"),
    ("something.new", "something.new"),
]


@pytest.mark.parametrize(("rule", "sentence"), RULES)
def test_a_rule_has_a_sentence(rule: str, sentence: str) -> None:
    assert labels.rule_sentence(rule) == sentence


def test_unknown_names_of_other_versions_are_shown_unchanged() -> None:
    assert labels.location("model-list") == "Model list"
    novel = case_view(entry(case("x", behaviour="novel")))
    assert (novel["behaviour"], novel["promise"], novel["stronger"]) == ("novel", "", "")
    assert subject(good() | {"packs": []}) == []
