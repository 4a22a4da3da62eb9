"""The page: everything of the target is escaped, every link has its end, nothing is fetched."""

from __future__ import annotations

import base64
import hashlib
import json
import re
import zlib
from dataclasses import replace
from typing import Any

import pytest

from harness.model import Outcome
from harness.report import labels, page, page_assets, page_blocks, page_store, rendering
from harness.report.case_data import case_data
from harness.report.faults import case_name, count_faults
from harness.report.headline import summary_sentences
from harness.report.page import page_html
from harness.report.page_blocks import unpacked
from harness.report.page_cases import case_view
from harness.report.page_marks import mark
from harness.report.page_store import PageStore
from tests.support import report_html
from tests.support.report_data import case, entry, exchange, finding, judged, report, row
from tests.support.report_page import HOSTILE, Reader, full, harmless, hostile_case, page_of


def test_no_text_of_the_target_becomes_markup() -> None:
    _, store = hostile_case()
    html = page_html(full(), store)
    read = harmless(html)
    assert "<img src=x onerror=alert(1)>" in read.text
    assert html.count("<script>") == 1
    assert html.count("<script") == len(report_html.blocks(html)) + 2
    assert read.tags.count("style") == 1


def test_the_data_of_a_case_keep_the_texts_of_the_target() -> None:
    _, store = hostile_case()
    data = report_html.cases(page_html(full(), store))["compat/seed"]
    assert data["failed"][0]["got"] == HOSTILE
    plain, stream = data["exchanges"]["p"], data["exchanges"]["s"]
    assert plain["answer"]["body"] == HOSTILE
    assert [stream["answer"][key] for key in ("end", "said")] == ["dropped", HOSTILE]
    assert '-H "Authorization: Bearer $API_KEY"' in plain["request"]["curl"]


def test_the_script_and_the_style_are_the_ones_that_the_policy_permits() -> None:
    html = page_of(full())
    [policy] = re.findall(r'http-equiv="Content-Security-Policy" content="([^"]*)"', html)
    permitted = dict(part.strip().split(" ", 1) for part in policy.split(";"))
    for element, directive in (("script", "script-src"), ("style", "style-src")):
        [text] = re.findall(f"<{element}>(.*?)</{element}>", html, re.DOTALL)
        digest = base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
        assert permitted.pop(directive) == f"'sha256-{digest}'"
    assert permitted == {"default-src": "'none'", "base-uri": "'none'", "form-action": "'none'"}


def test_any_target_has_a_page() -> None:
    target = {"name": HOSTILE, "base_url": HOSTILE, "model": HOSTILE}
    made = report(
        [], target=target, command=HOSTILE, started=HOSTILE, selection={HOSTILE: [HOSTILE]}
    )
    harmless(page_of(made))
    assert HOSTILE in page.title(made)


def test_every_link_has_a_target() -> None:
    made = full()
    read = Reader(page_of(made))
    ends = {f"#{one}" for one in read.ids}
    ends |= {f"#case={case_name(one)}" for one in made["cases"]}
    ends |= {f"#row={one['pack']}/{one['row']}" for one in made["fields"]}
    ends |= {f"#cases={outcome}" for outcome in labels.OUTCOMES}
    assert {link for link in read.links if link.startswith("#")} <= ends
    assert len(read.ids) == len(set(read.ids))


def test_the_first_screen_has_the_result_and_the_worst_faults_and_the_facts_come_last() -> None:
    text = Reader(page_of(full())).text
    parts = (
        "acme is ✗ non-conformant to compat 1.0.0",
        "1 of 4 cases fails.",
        "What is wrong",
        "1 case is inconclusive",
        "Field support",
        "Request fields compat, 5 rows",
        "Base URL",
        "1 min 12 s",
        "sha256:1234",
        "harness run https://gw.acme.example/v1",
    )
    positions = [text.index(part) for part in parts]
    assert positions == sorted(positions)
    assert "Not testable A date" in text


def test_the_field_table_can_be_filtered_by_occurring_outcomes() -> None:
    html = page_of(full())
    for outcome in ("fail", "inconclusive", "pass", "not-testable", "not-selected"):
        assert f'data-filter="{outcome}"' in html
        assert f'<tr data-outcome="{outcome}">' in html
    assert 'data-filter="skip"' not in html


def test_many_faults_are_folded_and_five_are_on_the_first_screen() -> None:
    cases = [entry(case(f"c{i}"), "fail", finding(f"r{i}", "/x", "1")) for i in range(14)]
    html = page_of(report(cases))
    assert "<summary>4 smaller faults</summary>" in html
    assert html.partition("</header>")[0].count('href="#fault-') == 5
    harmless(html)


def test_a_fault_of_many_cases_links_to_the_list_of_its_cases() -> None:
    cases = [entry(case(f"c{i}", row="r"), "fail", finding("r", "/x", "1")) for i in range(9)]
    html = page_of(report(cases))
    [(name, fault)] = report_html.index(html)["faults"].items()
    assert f'<a href="#fault={name}">all 9 cases</a>' in html
    assert len(fault["cases"]) == 9


def test_a_conformant_run_has_a_page() -> None:
    text = Reader(page_of(report([entry(case("seed"))], row("seed")))).text
    assert "acme is ✓ conformant to compat 1.0.0" in text
    assert "None: no assertion failed." in text


def test_a_case_has_its_promise_its_source_and_its_place_below_the_pack() -> None:
    actual, _ = hostile_case()
    data = case_view(actual | {"place": "/home/me/cases/compat/fields.yaml:12:5"})
    assert data["why"] == "Clients send `seed`."
    assert data["promise"] == "accepted, without any effect"
    assert data["stronger"] == "an upstream would show that the field is not forwarded"
    assert data["place"] == "compat/fields.yaml:12:5"
    assert [len(data[key]) for key in ("failed", "held", "shots")] == [1, 1, 2]


def test_findings_and_requests_of_a_case_are_capped_and_counted() -> None:
    shots: Any = [(f"s{i}", "plain", "fail", i) for i in range(900)]
    wrong = [finding("r", f"/{i % 300}", str(i), shot=f"s{i}") for i in range(900)]
    same = [finding("r", "/x", "1", shot=f"s{i}") for i in range(900)]
    data = case_view(entry(case("seed"), "fail", *wrong, *same, shots=shots))
    assert (len(data["failed"]), data["findings_left_out"]) == (50, 851)
    assert (len(data["shots"]), data["shots_left_out"]) == (500, 400)
    data = case_view(entry(case("seed"), "fail", *same, shots=shots))
    assert (len(data["failed"][0]["shots"]), data["failed"][0]["shots_left_out"]) == (12, 888)


def test_a_source_is_a_link_only_where_it_is_a_url() -> None:
    actual = entry(case("x"))
    assert case_view(actual)["source"] == [["The page", "https://docs.example/page"]]
    actual["source"][0]["url"] = "javascript:alert(1)"
    assert case_view(actual)["source"] == [["The page", ""]]


def stored(*outcomes: Outcome) -> tuple[PageStore, list[Any]]:
    """Cases with a request of their own and one that they share, and their exchanges."""
    store, cases = PageStore(), []
    for number, outcome in enumerate(outcomes):
        shots: Any = [
            (f"own{number}", "plain", outcome, None),
            ("shared/x", "stream", "pass", None),
        ]
        verdict, plan = judged(case(f"c{number}"), outcome, shots=shots)
        cases.append(case_data(verdict, plan))
        store.add(plan, {shot.id: exchange(shot.id) for shot in plan.shots}, cases[-1])
    return store, cases


def test_each_exchange_is_stored_once_and_found_from_every_case() -> None:
    store, cases = stored("pass", "pass")
    html = page_html(report(cases), store)
    shots = [shot for block in report_html.blocks(html) for shot in block["shots"]]
    assert sorted(shots) == ["own0", "own1", "shared/x"]
    for data in report_html.cases(html).values():
        assert "shared/x" in data["exchanges"]


def test_a_page_without_room_keeps_the_exchanges_of_what_failed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(page_blocks, "BLOCK", 1)
    monkeypatch.setattr(page_blocks, "ROOM", 1)
    store, cases = stored("pass", "fail")
    html = page_html(report(cases), store)
    data = report_html.cases(html)
    assert [*data["compat/c1"]["exchanges"]] == ["own1", "shared/x"]
    assert data["compat/c0"]["exchanges"] == {}
    assert [line[0] for line in report_html.index(html)["cases"]] == ["compat/c0", "compat/c1"]


def test_a_store_without_room_keeps_nothing_more(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(page_store, "ROOM", 10)
    store, cases = stored("fail")
    assert store.evidence("compat/c0") is None
    assert report_html.cases(page_html(report(cases), store))["compat/c0"]["exchanges"] == {}


def test_equal_data_give_an_equal_page() -> None:
    _, store = hostile_case()
    assert page_html(full(), store) == page_html(full(), store)


@pytest.mark.parametrize(
    ("at", "expected"),
    [
        ("events /2/usage", ["event", 2, "/usage"]),
        ("event 5", ["event", 5, ""]),
        ("$.choices[0].logprobs", ["body", "/choices/0/logprobs"]),
        ("/content/0/text", ["body", "/content/0/text"]),
        ("body", ["body", ""]),
        ("header X-Id", ["header", "x-id"]),
        ("forwarded $.logprobs", ["forwarded", "/logprobs"]),
        ("status", ["status"]),
        ("$.data[*].type", ["body", "/data"]),
        ("$.usage['a','b']", ["body", "/usage"]),
        ("$..x", ["body", ""]),
        ("", None),
        ("step two", None),
        ("somewhere /x", None),
    ],
)
def test_the_place_of_a_finding_is_marked(at: str, expected: Any) -> None:
    assert mark(at) == expected


def test_an_unpaired_backtick_is_kept() -> None:
    assert rendering.format_backticks("a `b` <c>") == "a <code>b</code> &lt;c&gt;"
    assert rendering.format_backticks("a `b <c>") == "a `b &lt;c&gt;"


def test_the_style_has_phone_and_print_rules_and_fetches_nothing() -> None:
    style = page_assets.style()
    for query in ("(max-width: 47.5rem)", "print"):
        assert f"@media {query}" in style
    assert "url(" not in style
    assert "@import" not in style


def colours(scheme: int) -> dict[str, str]:
    """The colours of the light (0) or dark (1) scheme."""
    pairs = re.findall(r"--([\w-]+): light-dark\((#\w+), (#\w+)\)", page_assets.style())
    return {name: (light, dark)[scheme] for name, light, dark in pairs}


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


@pytest.mark.parametrize("scheme", [0, 1], ids=["light", "dark"])
@pytest.mark.parametrize(("text", "ground"), PAIRS)
def test_every_text_has_enough_contrast(scheme: int, text: str, ground: str) -> None:
    known = colours(scheme)
    dark, light = sorted(luminance(known[name]) for name in (text, ground))
    assert (light + 0.05) / (dark + 0.05) >= 4.5


def test_pages_of_other_versions_of_zlib_are_equal_when_unpacked() -> None:
    text = json.dumps({"a": list(range(1000))})
    head, end = b'<script type="text/plain" class="block">', b"</script>"
    one, other = (
        head + base64.b64encode(zlib.compress(text.encode(), level)) + end for level in (1, 9)
    )
    assert one != other
    assert unpacked(one) == unpacked(other) == head + text.encode() + end
    damaged = head + b"AAAA" + end
    assert unpacked(damaged) == damaged


def test_page_and_result_count_the_same_faults() -> None:
    should = replace(finding("r9", "/y", "1"), level="should")
    cases = [entry(case(f"c{i}"), "fail", finding(f"r{i}", "/x", "1")) for i in range(2)]
    made = report([*cases, entry(case("s"), "warn", should)])
    assert "2 faults cause this" in summary_sentences(made)
    assert page_of(made).count("2 faults and 1 recommendation</") == 2
    assert count_faults(made["faults"][2:], "smaller ") == "1 smaller recommendation"
    assert count_faults([]) == ""
