"""Text that is safe to write and to display: no lone surrogates, no invisible characters."""

from __future__ import annotations

import json
import re
import sys

import msgspec

from harness.model import Json
from harness.util.printable import SURROGATES, visible, with_texts
from harness.util.serialization import compact_text

MARKDOWN = re.compile(r"([\\`*_{}\[\]<>#|~@!&])")
BACKTICKS = re.compile("`+")
MAX_TEXT = 2000
MAX_BODY = 6_000


def json_text(value: Json, indent: int = 0, compact: bool = False) -> str:
    """The value as JSON that UTF-8 can encode; answers may contain lone surrogates.

    With an indent each member has a line of its own; a compact text has no blanks.
    """
    is_compact = compact or indent
    text = compact_text(value) if is_compact else json.dumps(value, ensure_ascii=False)
    text = text if text.isascii() else SURROGATES.sub("\ufffd", text)
    return msgspec.json.format(text, indent=indent) if indent else text


def replace_surrogates(value: Json) -> Json:
    """A copy of JSON data that UTF-8 can encode; equal texts are one object."""
    return with_texts(value, encodable)


def encodable(text: str) -> str:
    """The text with a replacement for each lone surrogate; equal texts are one object."""
    return sys.intern(text if text.isascii() else SURROGATES.sub("\ufffd", text))


def one_line(text: str, limit: int = 200) -> str:
    """The text for a table or a terminal: visible, on one line, at most `limit` characters."""
    return truncate(" ".join(visible(text).split()), limit)


def truncate(text: str, limit: int = MAX_TEXT) -> str:
    """The first `limit` characters, with an ellipsis where some are left out."""
    return text if len(text) <= limit else f"{text[: limit - 1].rstrip()}…"


def compact_json(value: Json, limit: int = 60) -> str:
    """The value as JSON on one line, at most `limit` characters."""
    return one_line(json_text(value), limit)


def shorten_value(value: Json) -> Json:
    """A shot's value for report.json: the value, or the start of its JSON if that is large."""
    text = json_text(value)
    return json.loads(text) if len(text) <= MAX_TEXT else f"{text[:200]}… ({len(text)} characters)"


def plural(number: int, one: str, many: str = "") -> str:
    """`1 case`, `1,024 cases`; `many` is for plurals that do not end in s."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"


def shorten_body(text: str) -> tuple[str, str]:
    """The start of a request or response body, and a note if its end is left out."""
    hidden = len(text) - MAX_BODY
    note = f"{plural(hidden, 'more character')} in transcript.jsonl" if hidden > 0 else ""
    return visible(text[:MAX_BODY]), note


def escape_markdown(text: str, limit: int = 300) -> str:
    """The text on one line, with every character escaped that is markup in Markdown or HTML."""
    return MARKDOWN.sub(r"\\\1", one_line(text, limit))


def escape_title(text: str) -> str:
    """The text as Markdown, with the parts between backticks as code spans."""
    parts = one_line(text, 300).split("`")
    if not len(parts) % 2:  # a backtick without its pair
        return escape_markdown(text)
    return "".join(
        code_span(part, 300) if index % 2 else MARKDOWN.sub(r"\\\1", part)
        for index, part in enumerate(parts)
    )


def code_span(text: str, limit: int = 120) -> str:
    """A Markdown code span that the text cannot close, safe inside a table cell."""
    line = one_line(text, limit)
    if not line:
        return ""
    longest = max((len(run) for run in BACKTICKS.findall(line)), default=0)
    fence = "`" * (longest + 1)
    pad = " " if longest else ""
    return f"{fence}{pad}{line}{pad}{fence}".replace("|", "\\|")
