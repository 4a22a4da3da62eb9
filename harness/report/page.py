"""The data of report.json -> HTML for pytest-html's page. May not trust any text of the target."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from harness.report import case_view, views, words
from harness.report.text import visible

if TYPE_CHECKING:
    from jinja2 import Environment

TEMPLATES = Path(__file__).parent / "templates"
Data = dict[str, Any]


class Escaped(str):
    """Text with nothing in it that begins a tag or an entity: for the inside of elements only."""

    __slots__ = ()

    def __html__(self) -> str:
        return str(self)


def inner(text: object) -> Escaped:
    """Escapes for the inside of an element, where quotes may stay: bodies are full of them."""
    plain = visible(str(text))
    return Escaped(plain.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;"))


def ticks(text: object) -> Escaped:
    """The same, with what stands between backticks as code."""
    parts = [inner(part) for part in str(text).split("`")]
    odd = [f"<code>{part}</code>" if index % 2 else part for index, part in enumerate(parts)]
    return Escaped("".join(odd if len(parts) % 2 else [inner(text)]))


@cache
def environment() -> Environment:
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    made = Environment(
        loader=FileSystemLoader(TEMPLATES),
        auto_reload=False,
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters.update(inner=inner, ticks=ticks)
    made.globals.update(words=words)
    return made


def render(template: str, data: Mapping[str, Any]) -> str:
    return environment().get_template(template).render(data)


def title(report: Data) -> str:
    """The page's title: the whole result in one line."""
    return visible(words.headline(report))


def css() -> str:
    """The page's style; it also gives pytest-html's own parts the same design."""
    return (TEMPLATES / "report.css").read_text(encoding="utf-8")


def summary_html(report: Data) -> str:
    """The page's top, for pytest-html's summary: style and script are inside."""
    return render("summary.html.jinja2", views.summary(report))


def case_html(entry: Data, evidence: Mapping[str, Data]) -> str:
    """An opened case, for pytest-html's extras."""
    return render("case.html.jinja2", case_view.case(entry, evidence))
