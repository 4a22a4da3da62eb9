"""Pages with hostile content, and a reader of HTML that checks what is in a page."""

from __future__ import annotations

import json
from html.parser import HTMLParser
from typing import Any

from harness.model import Exchange, Plan
from harness.report.case_data import case_data, unselected_case
from harness.report.causes.rule_list import PAGE
from harness.report.page import page_html
from harness.report.page_store import PageStore
from tests.support.report_data import case, entry, exchange, finding, judged, report, row

HOSTILE = "</script></style></pre><img src=x onerror=alert(1)><svg onload='alert(2)'>\"><b>&amp;"
VOID = {"meta", "input", "img", "br"}
# Everything that the templates use; a tag beyond these came from somewhere else.
TAGS = {
    *("a", "article", "b", "button", "code", "dd", "details", "div", "dl", "dt", "h1", "h2", "h3"),
    *("header", "input", "li", "main", "meta", "nav", "ol", "output", "p", "pre"),
    *("script", "section", "span", "style", "summary", "table", "tbody", "td", "th", "thead"),
    *("body", "cite", "dialog", "head", "html", "kbd", "noscript", "small", "title", "tr", "ul"),
}


class Reader(HTMLParser):
    """Tags, attributes, ids, links and texts of a page; every end has its beginning."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.links: list[str] = []
        self.ids: list[str] = []
        self.attributes: set[str] = set()
        self.texts: list[str] = []
        self.open: list[str] = []
        self.feed(html)
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes |= {name for name, _ in attrs}
        self.links += [value or "" for name, value in attrs if name in ("href", "src")]
        self.ids += [value or "" for name, value in attrs if name == "id"]
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if not {"script", "style"} & set(self.open):
            self.texts.append(data)

    @property
    def text(self) -> str:
        return " ".join(" ".join(self.texts).split())


def harmless(html: str) -> Reader:
    read = Reader(html)
    assert set(read.tags) <= TAGS
    assert not {name for name in read.attributes if name.startswith("on")}
    assert all(link.startswith(("#", "https://docs.example/", PAGE)) for link in read.links)
    return read


def hostile_parts() -> tuple[Any, Plan, dict[str, Exchange]]:
    """A case, its plan and its exchanges: hostile bytes wherever a target's can be."""
    shots: Any = [("p", "plain", "fail", HOSTILE), ("s", "stream", "pass", HOSTILE)]
    wrong = finding("body $.id", f"/{HOSTILE}", HOSTILE, shot="p", expected=HOSTILE)
    held = finding("schema", holds=True, shot="s", got=HOSTILE)
    about = case("seed", why="Clients send `seed`.", spec={"source": "page"})
    verdict, plan = judged(about, "fail", [wrong, held], shots=shots)
    exchanges = {
        "p": exchange("p", headers=((HOSTILE, HOSTILE),), chunks=((0.1, HOSTILE.encode()),)),
        "s": exchange(
            "s",
            headers=(("content-type", "text/event-stream"), ("x", HOSTILE)),
            chunks=((0.1, f"data: {json.dumps(HOSTILE)}\n\n{HOSTILE}".encode()),),
            note=HOSTILE,
            end="dropped",
        ),
    }
    data = case_data(verdict, plan, (), exchanges)
    return data, plan, exchanges


def hostile_case() -> tuple[Any, PageStore]:
    """The case with hostile bytes, and its exchanges as the page keeps them."""
    data, plan, exchanges = hostile_parts()
    store = PageStore()
    store.add(plan, exchanges, data)
    return data, store


def page_of(made: Any) -> str:
    """The page of a report, without exchanges."""
    return page_html(made, PageStore())


def full() -> Any:
    unsure = entry(case("unsure"), "inconclusive", cause="timeout", reason=HOSTILE)
    hint = entry(case("hint", row="seed"), "warn", finding("same_as", HOSTILE, level="should"))
    passed = entry(case("seen"), "pass", finding("status", "status", HOSTILE, level="may"))
    gone = [unselected_case(case(f"gone{i}"), "not among --case") for i in range(20)]
    rows = [row(name) for name in ("seed", "unsure", "seen", "gone0")]
    cases = [hostile_case()[0], unsure, hint, passed]
    return report(cases, *rows, row("date", why_not="A `date`."), left_out=gone, reasons=[HOSTILE])
