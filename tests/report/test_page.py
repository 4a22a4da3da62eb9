"""The page: everything of the target is escaped, every link has its end, nothing is fetched."""

from __future__ import annotations

from typing import Any

import pytest

from harness.report import page, rendering
from harness.report.case_data import case_data
from harness.report.evidence import case_evidence
from harness.report.faults import case_name
from harness.report.rendering import TEMPLATES
from tests.support.report_data import case, entry, exchange, finding, judged, only, report, row
from tests.support.report_page import HOSTILE, Reader, full, harmless, hostile_case

CSS = (TEMPLATES / "report.css").read_text(encoding="utf-8")


def test_no_text_of_the_target_becomes_markup() -> None:
    actual, shown = hostile_case()
    read = harmless(page.case_html(actual, shown))
    assert read.text.count("<img src=x onerror=alert(1)>") >= 8
    read = harmless(page.summary_html(full()))
    assert "<img src=x onerror=alert(1)>" in read.text
    assert read.tags.count("script") == 1
    assert read.tags.count("style") == 1


def test_any_target_has_a_page() -> None:
    target = {"name": HOSTILE, "base_url": HOSTILE, "model": HOSTILE}
    made = report(
        [], target=target, command=HOSTILE, started=HOSTILE, selection={HOSTILE: [HOSTILE]}
    )
    harmless(page.summary_html(made))
    assert HOSTILE in page.title(made)


def test_every_link_has_a_target() -> None:
    made = full()
    read = Reader(page.summary_html(made))
    ends = {f"#{one}" for one in read.ids}
    ends |= {f"#case-{case_name(one)}" for one in made["cases"]}
    assert {link for link in read.links if link.startswith("#")} <= ends
    assert len(read.ids) == len(set(read.ids))


def test_the_top_of_the_page_has_the_result_and_the_facts() -> None:
    text = Reader(page.summary_html(full())).text
    for part in (
        "acme is ✗ non-conformant to compat 1.0.0",
        "1 of 4 cases fails.",
        "1 min 12 s",
        "sha256:1234",
        "harness run https://gw.acme.example/v1",
        "Request fields compat, 5 rows",
        "Not testable A date .",
        "20 names",
    ):
        assert part in text


def test_the_field_table_can_be_filtered_by_occurring_outcomes() -> None:
    html = page.summary_html(full())
    for outcome in ("fail", "inconclusive", "pass", "not-testable", "not-selected"):
        assert f'data-filter="{outcome}"' in html
        assert f'<tr data-outcome="{outcome}">' in html
    assert 'data-filter="skip"' not in html


def test_many_faults_are_folded() -> None:
    cases = [entry(case(f"c{i}"), "fail", finding(f"r{i}", "/x", "1")) for i in range(14)]
    html = page.summary_html(report(cases))
    assert "<summary>4 smaller faults</summary>" in html
    harmless(html)


def test_a_conformant_run_has_a_page() -> None:
    text = Reader(page.summary_html(report([entry(case("seed"))], row("seed")))).text
    assert "acme is ✓ conformant to compat 1.0.0" in text
    assert "None: no assertion failed." in text


def test_a_case_shows_reason_source_and_curl_command() -> None:
    actual, shown = hostile_case()
    text = Reader(page.case_html(actual, shown)).text
    for part in (
        "Clients send seed .",
        "accepted, without any effect",
        "For stronger evidence: an upstream would show that the field is not forwarded.",
        "cases/compat/fields.yaml:12:5",
        "1 assertion passed",
        "dropped",
        "0.100 s",
        '-H "Authorization: Bearer $API_KEY"',
    ):
        assert part in text


def test_hidden_requests_of_a_case_are_counted() -> None:
    shots: Any = [(f"s{i}", "plain", "pass", i) for i in range(9)]
    verdict, plan = judged(case("seed"), "pass", shots=shots)
    actual = case_data(verdict, plan)
    shown = case_evidence(plan, {shot.id: exchange(shot.id) for shot in plan.shots}, actual)
    assert "8 more requests of this case" in page.case_html(actual, shown)


@pytest.mark.parametrize("outcome", ["inconclusive", "skip"])
def test_a_case_without_evidence_shows_the_reason(outcome: Any) -> None:
    actual = entry(
        case("x"), outcome, cause="model" if outcome != "skip" else None, reason="so it is"
    )
    assert "so it is" in Reader(page.case_html(actual, {})).text


def test_sources_become_links_only_where_they_are_urls() -> None:
    actual = entry(case("x"))
    assert only(Reader(page.case_html(actual, {})).links) == "https://docs.example/page"
    actual["source"][0]["url"] = "javascript:alert(1)"
    assert Reader(page.case_html(actual, {})).links == []


def test_an_unpaired_backtick_is_kept() -> None:
    assert rendering.format_backticks("a `b` <c>") == "a <code>b</code> &lt;c&gt;"
    assert rendering.format_backticks("a `b <c>") == "a `b &lt;c&gt;"


def test_the_style_has_dark_phone_and_print_rules_and_fetches_nothing() -> None:
    style = CSS
    for query in ("prefers-color-scheme: dark", "max-width: 47.5rem", "print"):
        assert f"@media ({query})" in style or f"@media {query}" in style
    assert "url(" not in style
    assert "@import" not in style


def colours(style: str, scheme: int) -> dict[str, str]:
    """The custom properties of the n-th `:root` block."""
    block = style.split(":root {")[scheme + 1].split("}")[0]
    pairs = (line.split(":", 1) for line in block.split(";") if line.strip().startswith("--"))
    return {name.strip(): value.strip() for name, value in pairs}


def luminance(colour: str) -> float:
    digits = colour.lstrip("#")
    digits = "".join(d * 2 for d in digits) if len(digits) == 3 else digits
    parts = [int(digits[i : i + 2], 16) / 255 for i in (0, 2, 4)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts]
    return sum(w * c for w, c in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


PAIRS = [("ink", "page"), ("ink", "card"), ("ink", "code"), ("soft", "page"), ("soft", "card")]
PAIRS += [("soft", "code"), ("link", "page"), ("link", "card")]
PAIRS += [(name, f"{name}-bg") for name in ("fail", "warn", "pass", "unsure", "none")]
PAIRS += [("ink", f"{name}-bg") for name in ("fail", "warn", "pass", "unsure")]
PAIRS += [("soft", f"{name}-bg") for name in ("fail", "warn", "pass")]


@pytest.mark.parametrize("scheme", [0, 1, 2], ids=["light", "dark", "print"])
@pytest.mark.parametrize(("text", "ground"), PAIRS)
def test_every_text_has_enough_contrast(scheme: int, text: str, ground: str) -> None:
    known = colours(CSS, scheme)
    dark, light = sorted(luminance(known[f"--{name}"]) for name in (text, ground))
    assert (light + 0.05) / (dark + 0.05) >= 4.5
