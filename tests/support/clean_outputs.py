"""Finds what must be in no output of a run: keys, control characters, tracebacks, fetches."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from html.parser import HTMLParser
from pathlib import Path
from typing import Final
from urllib.parse import quote
from xml.etree import ElementTree

from tests.support import report_html

# C0 without tab and line feed, C1, and the characters that reorder text.
CONTROL: Final = re.compile("[\0-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")
COMMAND: Final = re.compile(r"^\s*(::[a-z-]+|##\[|##vso\[)", re.MULTILINE)
FETCHING: Final = {"img", "iframe", "object", "embed", "link", "audio", "video", "source", "base"}
ATTRIBUTES: Final = {"src", "srcset", "poster", "background", "formaction", "action", "data"}


def read(folder: Path) -> dict[str, str]:
    """Return the text of each file of a run; those with a format must be readable."""
    texts = {path.name: path.read_bytes().decode("utf-8") for path in folder.iterdir()}
    # The script of the page makes text nodes of its data: they are no markup.
    texts["report.html, data"] = "\n".join(report_html.texts(texts["report.html"]))
    ElementTree.fromstring(texts["junit.xml"])
    for name in ("report.json", "badge.json"):
        json.loads(texts[name], parse_constant=lambda word: 1 / 0)
    assert {"report.html", "summary.md", "transcript.jsonl"} <= set(texts)
    return texts


def verdicts(folder: Path) -> list[tuple[str, str]]:
    """Return the outcome of each case of a run."""
    report = json.loads((folder / "report.json").read_text("utf-8"))
    return [(case["id"], case["outcome"]) for case in report["cases"]]


def problems(texts: Mapping[str, str], key: str, own: Sequence[str] = ()) -> list[str]:
    """Return what is in an output that must not be there, with its place.

    Args:
        own: What the pages have of their own, as `of_page` returns it.
    """
    results = [
        f"{name}: {problem}" for name, text in texts.items() for problem in of_text(text, key)
    ]
    pages = {name: text for name, text in texts.items() if name.endswith(".html")}
    results += [
        f"{name}: {problem}"
        for name, text in pages.items()
        for problem in of_page(text)
        if problem not in own
    ]
    printed = {name: text for name, text in texts.items() if name not in pages}
    return results + [
        f"{name}: contains a command for a CI system: {match[0]!r}"
        for name, text in printed.items()
        if (match := COMMAND.search(text))
    ]


def of_text(text: str, key: str) -> Iterator[str]:
    """Yield what must be in no text."""
    for form in forms(key):
        if form in text:
            yield f"contains the key as {form[:20]!r}"
    if match := CONTROL.search(text):
        place = text[max(0, match.start() - 40) : match.end() + 20]
        yield f"contains the control character {match[0]!r} in {place!r}"
    if "Traceback (most recent call last)" in text:
        yield "contains a traceback"


def forms(key: str) -> Iterator[str]:
    """Yield a key in the forms in which it must not be written."""
    yield from (key, quote(key, safe=""), "".join(f"%{ord(letter):02X}" for letter in key))
    yield "".join(f"\\u{ord(letter):04x}" for letter in key)
    yield "".join(f"&#{ord(letter)};" for letter in key)
    yield "".join(f"&#x{ord(letter):x};" for letter in key)
    for shift in range(3):
        yield base64.b64encode(b"x" * shift + key.encode())[4:-4].decode()


class Page(HTMLParser):
    """Collects what a page would fetch or run on its own."""

    def __init__(self) -> None:
        super().__init__()
        self.problems: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = {name: value or "" for name, value in attrs}
        source = values.get("href") or values.get("src", "")
        if tag in FETCHING and not source.startswith("data:"):
            self.problems.append(f"has the element {tag} {values}")
        if tag == "script":
            self.problems.append(f"has a script {values}")
        for name, value in values.items():
            fetches = name in ATTRIBUTES and value and not value.startswith(("data:", "#"))
            if name.startswith("on") or fetches:
                self.problems.append(f"has the attribute {name}={value[:60]}")
            if value.strip().lower().startswith(("javascript:", "vbscript:", "file:")):
                self.problems.append(f"links to {value[:60]}")


def of_page(text: str) -> list[str]:
    """Return what a page would fetch or run on its own."""
    page = Page()
    page.feed(text)
    return page.problems
