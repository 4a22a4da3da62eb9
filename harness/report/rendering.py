"""Renders the templates of the reports; every text in a page is escaped."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from harness.report import labels
from harness.report.faults import count_faults
from harness.report.text import code_span, escape_markdown, escape_title, one_line, plural
from harness.util.printable import visible

if TYPE_CHECKING:
    from jinja2 import Environment

TEMPLATES = Path(__file__).parent / "templates"
BETWEEN_BLOCKS: Final = re.compile(
    r"\n(?=</?(?:article|dd|details|div|dl|dt|h[1-6]|li|p|section|summary|table|tbody|td|th|thead|tr|ul)\b)"
)


class Escaped(str):
    """Text without a character that begins a tag or an entity, for the content of elements."""

    __slots__ = ()

    def __html__(self) -> str:
        return str(self)


def escape_content(text: object) -> Escaped:
    """Escapes text for the content of an element. Quotes stay: bodies are full of them."""
    readable = visible(str(text))
    return Escaped(readable.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;"))


def format_backticks(text: object) -> Escaped:
    """Escaped text, with the parts between backticks as code."""
    parts = [escape_content(part) for part in str(text).split("`")]
    if not len(parts) % 2:  # a backtick without its pair
        return escape_content(text)
    marked = [f"<code>{part}</code>" if index % 2 else part for index, part in enumerate(parts)]
    return Escaped("".join(marked))


def without_blanks(html: str) -> Escaped:
    """HTML without line ends before block elements, each of which a browser keeps as a node."""
    return Escaped(BETWEEN_BLOCKS.sub("", html))


@cache
def environment() -> Environment:
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    from harness.report.template_cache import TemplateCache

    made = Environment(
        loader=FileSystemLoader(TEMPLATES),
        auto_reload=False,
        autoescape=lambda name: name is None or (".md" not in name and ".txt" not in name),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        optimized=False,  # so that no result of a filter is compiled
        bytecode_cache=TemplateCache(TEMPLATES, Path(__file__)),
    )
    made.filters.update(
        code=code_span,
        content=escape_content,
        count_faults=count_faults,
        line=one_line,
        md=escape_markdown,
        md_ticks=escape_title,
        plural=plural,
        ticks=format_backticks,
        without_blanks=without_blanks,
    )
    made.globals.update(labels=labels)
    return made


def render(template: str, data: Mapping[str, Any]) -> str:
    """Return a template filled with data; HTML templates escape every value."""
    return environment().get_template(template).render(data)
