"""report.html in a browser: what a person clicks, reads, shares and prints."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

from tests.browser import pages
from tests.browser.conftest import Open
from tests.support.report_page import HOSTILE

pytestmark = pytest.mark.browser
SIZES = [(1280, 900), (400, 850)]
SCHEMES: list[Any] = ["light", "dark"]
NODES = """() => {
  const walker = document.createTreeWalker(document, NodeFilter.SHOW_ALL)
  let number = 0
  while (walker.nextNode()) number += 1
  return number
}"""


def pressed(page: Page, name: str) -> list[str]:
    buttons = page.locator(f".toolbar[data-for={name}] [aria-pressed=true]")
    return [each.get_attribute("data-filter") or "" for each in buttons.all()]


def shown_cases(page: Page) -> list[str]:
    return page.locator("#case-list .name a").all_inner_texts()


def title(page: Page) -> str:
    return page.locator("dialog[open] h2").inner_text()


def wait_for(page: Page, name: str) -> None:
    page.wait_for_function(
        "name => document.getElementById('case-title').textContent === name", arg=name
    )


def open_all(page: Page) -> None:
    """Open everything in the dialog; exchanges are rendered when they are opened."""
    page.locator("dialog .shot").evaluate_all("all => all.forEach((each) => { each.open = true })")
    page.wait_for_function("!document.querySelector('dialog .shot > summary:only-child')")
    page.locator("dialog details").evaluate_all(
        "all => all.forEach((each) => { each.open = true })"
    )


def go_back_to(page: Page, address: str) -> None:
    page.go_back()
    page.wait_for_function("address => location.hash === address", arg=address)


def test_a_clean_run_of_all_packs_is_a_light_page(open_page: Open, clean: Path) -> None:
    path = clean / "report.html"
    page = open_page(path=path)
    assert path.stat().st_size < 1_000_000
    assert page.evaluate(NODES) < 15_000
    page.locator("#case-list a").first.click()
    page.locator("dialog .shot summary").first.click()
    page.locator("dialog .exchange section").first.wait_for()


def test_a_run_of_a_hundred_thousand_requests_has_a_page_that_opens(
    open_page: Open, tmp_path: Path
) -> None:
    path = tmp_path / "report.html"
    path.write_text(pages.large(2_000, 50), "utf-8")
    assert path.stat().st_size < 10_000_000
    page = open_page("#case=compat/group7.case1957", path)
    assert title(page) == "compat/group7.case1957"
    page.keyboard.press("Escape")
    assert page.locator("#case-list li").count() == 100
    page.get_by_role("button", name="Show 500 more").click()
    assert page.locator("#case-list li").count() == 600


def test_the_page_opens_on_what_is_not_green(open_page: Open) -> None:
    page = open_page()
    assert pressed(page, "fields") == pressed(page, "cases") == ["fail", "inconclusive", "warn"]
    assert "compat/fine.0" not in shown_cases(page)
    rows = page.locator(".matrix tr[data-outcome]:visible")
    assert {row.get_attribute("data-outcome") for row in rows.all()} == {
        *("fail", "inconclusive", "warn"),
    }


def test_filters_stay_in_the_address_and_back_undoes_them(open_page: Open) -> None:
    page = open_page()
    cases = page.locator(".toolbar[data-for=cases]")
    cases.get_by_role("button", name="Pass").click()
    cases.get_by_role("button", name="Warn").click()
    assert page.evaluate("location.hash") == "#cases=fail,inconclusive,pass"
    cases.get_by_role("searchbox").fill("fine.24")
    assert "fine.249" in " ".join(shown_cases(page))
    assert len(shown_cases(page)) == 11
    page.locator(".toolbar[data-for=fields]").get_by_role("button", name="All").click()
    address = page.evaluate("location.hash")
    assert address == "#cases=fail,inconclusive,pass&find=fine.24&fields=all"
    other = open_page(address)
    assert shown_cases(other) == shown_cases(page)
    assert other.locator(".toolbar[data-for=cases] input").input_value() == "fine.24"
    go_back_to(page, "#cases=fail,inconclusive,pass&find=fine.24")
    assert pressed(page, "fields") == ["fail", "inconclusive", "warn"]


def test_a_case_opens_from_the_list_and_has_a_permalink(open_page: Open) -> None:
    page = open_page()
    page.get_by_role("link", name="compat/text", exact=True).last.click()
    assert title(page) == "compat/text"
    assert page.evaluate("location.hash") == "#case=compat/text"
    page.get_by_role("button", name="Copy link").click()
    [link] = page.evaluate("window.copied")
    assert title(open_page(link[link.index("#") :])) == "compat/text"
    page.keyboard.press("Escape")
    assert page.locator("dialog[open]").count() == 0
    assert page.evaluate("location.hash") == ""
    go_back_to(page, "#case=compat/text")
    assert title(page) == "compat/text"


def test_keys_search_and_walk_through_the_list(open_page: Open) -> None:
    page = open_page()
    page.keyboard.press("/")
    page.keyboard.type("fine")
    assert shown_cases(page) == []
    page.locator(".toolbar[data-for=cases] input").fill("")
    page.locator("h1").click()
    names = shown_cases(page)
    for name in names[:3]:
        page.keyboard.press("j")
        wait_for(page, name)
    page.keyboard.press("k")
    wait_for(page, names[1])
    page.get_by_role("button", name="Next").click()
    wait_for(page, names[2])
    assert page.evaluate("document.activeElement.id") == "case-title"


@pytest.mark.parametrize(
    ("case", "marks"),
    [
        ("text", ['"text": "No"']),
        ("absent", ["x-request-id is missing", "/usage is missing"]),
        ("streamed", ["data: [DONE]"]),
        (
            "joined",
            [
                "/choices/0/finish_reason is in no event",
                'data: {"choices": [{"index": 0, "delta": {"content": "1 2"}}]}',
                'data: {"choices": [], "usage": {"total_tokens": 0}}',
            ],
        ),
        ("forwarded", ['"seed": 7']),
    ],
)
def test_the_place_that_is_wrong_is_marked(open_page: Open, case: str, marks: list[str]) -> None:
    page = open_page(f"#case=compat/{case}")
    assert page.locator("dialog mark").all_inner_texts() == marks


def test_numbers_and_texts_of_a_body_are_shown_as_they_came(open_page: Open) -> None:
    page = open_page("#case=compat/text")
    body = page.locator("dialog .exchange section").last.locator("pre").last.inner_text()
    assert '"created": 100000000000000000000' in body
    assert body.count("\n") == 9


def test_the_difference_to_the_control_is_listed(open_page: Open) -> None:
    page = open_page("#case=compat/compared")
    rows = page.locator("dialog .shot[open] table tbody tr")
    assert [row.inner_text().split("\t") for row in rows.all()] == [["/id", '"x"', '"y"']]


def test_the_request_of_the_provider_stands_beside_that_of_the_caller(open_page: Open) -> None:
    page = open_page("#case=compat/forwarded")
    boxes = [each.bounding_box() for each in page.locator("dialog .exchange > section").all()[:2]]
    assert boxes[0]
    assert boxes[1]
    assert boxes[0]["y"] == boxes[1]["y"]
    assert boxes[0]["x"] + boxes[0]["width"] <= boxes[1]["x"]


def test_a_case_and_a_fault_can_be_copied_as_an_issue(open_page: Open) -> None:
    page = open_page("#case=compat/text")
    page.get_by_role("button", name="Copy as issue").last.click()
    page.get_by_role("button", name="Close").click()
    page.locator(".fault").first.get_by_role("button", name="Copy as issue").click()
    page.wait_for_function("window.copied.length === 2")
    case, fault = page.evaluate("window.copied")
    for text in (case, fault):
        assert "Target: acme, https://gw.acme.example/v1, acme-2" in text
        assert "harness run https://gw.acme.example/v1 --case compat/" in text
    for part in (
        "### compat/text: ",
        "**Promised**: The text is `Yes`.",
        '"No"',
        "$API_KEY",
        "curl",
    ):
        assert part in case


def test_what_a_target_sent_cannot_end_a_code_block_of_an_issue(open_page: Open) -> None:
    page = open_page("#case=compat/seed")
    page.get_by_role("button", name="Copy as issue").last.click()
    page.wait_for_function("window.copied.length === 1")
    [text] = page.evaluate("window.copied")
    outside = re.sub(r"^(`{3,})\w*\n.*?^\1$", "", text, flags=re.DOTALL | re.MULTILINE)
    assert "<img" in text
    assert "<img" not in outside


def test_nothing_of_a_target_becomes_an_element(open_page: Open) -> None:
    page = open_page("#case=compat/seed")
    open_all(page)
    text = page.locator("dialog").inner_text()
    assert text.count(HOSTILE[:20]) >= 6
    assert page.locator("img, svg, iframe, object").count() == 0
    assert page.locator("script:not([type])").count() == 1


def test_links_of_a_fault_and_of_a_field_list_their_cases(open_page: Open) -> None:
    page = open_page()
    page.locator(".toolbar[data-for=fields]").get_by_role("button", name="All").click()
    page.locator(".matrix a.field", has_text="fine").click()
    assert page.evaluate("location.hash") == "#row=compat/fine&fields=all"
    assert "250 of" in page.locator(".toolbar[data-for=cases] output").inner_text()
    page.get_by_role("button", name="Clear").click()
    assert pressed(page, "cases") == ["fail", "inconclusive", "warn"]
    page.locator(".worst a").first.click()
    fault = page.evaluate("location.hash")
    assert page.locator(f"[id='{fault[1:]}']").is_visible()


def test_the_theme_can_be_switched_and_is_remembered(open_page: Open) -> None:
    page = open_page(color_scheme="light")
    ground = "getComputedStyle(document.body).backgroundColor"
    light = page.evaluate(ground)
    page.get_by_role("button", name="Theme: automatic").click()
    assert page.get_by_role("button", name="Theme: dark").is_visible()
    dark = page.evaluate(ground)
    assert dark != light
    page.reload()
    page.wait_for_selector("html[data-ready]")
    assert page.evaluate(ground) == dark
    page.get_by_role("button", name="Theme: dark").click()
    assert page.evaluate(ground) == light


@pytest.mark.parametrize("size", SIZES, ids=str)
def test_without_javascript_result_faults_and_fields_can_be_read(
    open_page: Open, size: tuple[int, int]
) -> None:
    viewport = {"width": size[0], "height": size[1]}
    page = open_page(java_script_enabled=False, viewport=viewport)
    assert page.locator("h1").inner_text().startswith("acme is")
    assert page.locator(".fault h3").first.is_visible()
    rows = page.locator(".matrix tr[data-outcome]")
    assert [row.is_visible() for row in rows.all()] == [True] * rows.count()
    assert rows.count() > 5
    assert page.locator(".toolbar").first.is_hidden()
    assert page.locator("noscript .reason").is_visible()


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize("size", SIZES, ids=str)
@pytest.mark.parametrize("address", ["", "#case=compat/absent", "#case=compat/compared"])
def test_the_page_is_accessible_and_fits(
    open_page: Open, address: str, size: tuple[int, int], scheme: Any
) -> None:
    viewport = {"width": size[0], "height": size[1]}
    page = open_page(address, viewport=viewport, color_scheme=scheme)
    assert page.evaluate("document.documentElement.scrollWidth") <= size[0]
    open_all(page)
    results = Axe().run(page).response["violations"]
    assert [(one["id"], [node["html"][:200] for node in one["nodes"]]) for one in results] == []


def test_a_print_has_the_target_and_the_date_and_no_controls(open_page: Open) -> None:
    page = open_page(color_scheme="dark")
    page.emulate_media(media="print")
    head = page.locator(".print-only")
    assert head.inner_text().startswith(
        "acme, https://gw.acme.example/v1, model acme-2; 2026-10-05"
    )
    assert page.locator(".toolbar:visible, button:visible").count() == 0
    assert page.pdf().startswith(b"%PDF")


def test_pytest_html_links_each_test_to_its_case(open_page: Open, clean: Path) -> None:
    page = open_page(path=clean / "tests.html", ready=False)
    row = page.locator("#results-table tbody", has_text="limits.yaml::limits.stop").first
    with page.expect_popup() as opened:
        row.get_by_role("link", name="case").click()
    opened.value.wait_for_selector("html[data-ready]")
    assert title(opened.value) == "openai-chat/limits.stop"
