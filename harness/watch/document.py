"""Reads the Markdown form of a document: its tables of fields, and the sentences of its text."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final

from markdown_it import MarkdownIt
from markdown_it.token import Token

from harness.util.errors import UsageError

# Documentation sites indent tables below tags, which Markdown reads as code or as HTML.
PARSER: Final = MarkdownIt("commonmark").enable("table").disable(["code", "html_block"])
STATUS: Final = "support status"
SENTENCE_END: Final = re.compile(r"(?<=[.!?:;])\s+")
ROLE: Final = re.compile(r'messages\[n\]\.role == "(\w+)"')
PARENT: Final = re.compile(r"([a-z_]+)\[n\]((?:\.[a-z_]+)*) fields$")
VARIANT: Final = re.compile(r'array, type == "(\w+)"')

Field = tuple[str, str]  # location and path, as in rows.yaml


@dataclass(slots=True)
class Document:
    """The parts of a document that rows depend on.

    `statuses` has the words of the status column by field, in the document's order, and `sections`
    the sentences below each heading.
    """

    statuses: dict[Field, str] = field(default_factory=dict)
    sections: dict[str, list[str]] = field(default_factory=dict)


@dataclass(slots=True)
class _Reader:
    """The document so far, the headings that apply, and the texts since the last one."""

    document: Document
    headings: dict[int, str] = field(default_factory=dict)
    captions: list[str] = field(default_factory=list)

    @property
    def heading(self) -> str:
        return self.headings[max(self.headings)] if self.headings else ""


def read_document(text: str) -> Document:
    """Read the Markdown form of a document.

    A table of fields has a column "Support status"; other tables, and samples, are not read.

    Raises:
        UsageError: The text has no such table.
    """
    reader = _Reader(Document())
    tokens = iter(PARSER.parse(without_metadata(text)))
    for token in tokens:
        if token.type == "heading_open":
            start_section(reader, int(token.tag[1:]), plain_text(next(tokens)))
        elif token.type == "table_open":
            read_table(reader, list(rows_of_cells(tokens)))
        elif token.type == "inline":
            read_paragraph(reader, token)
    if not reader.document.statuses:
        raise UsageError("there is no table with a column `Support status`")
    return reader.document


def without_metadata(text: str) -> str:
    """Return the text without the lines between `---` at its start."""
    lines = text.replace("\r\n", "\n")
    return re.sub(r"\A---\n.*?\n---\n", "", lines, count=1, flags=re.DOTALL)


def plain_text(token: Token) -> str:
    """Return the words of an inline token, without markup, tags and addresses."""
    kept = (child for child in token.children or () if child.type != "html_inline")
    words = ("\n" if c.type == "softbreak" else c.content for c in kept)
    return " ".join("".join(words).split())


def start_section(reader: _Reader, level: int, heading: str) -> None:
    reader.headings = {n: text for n, text in reader.headings.items() if n < level}
    reader.headings[level] = heading
    reader.captions = [heading]


def read_paragraph(reader: _Reader, token: Token) -> None:
    """Note a paragraph as a caption of the next table, and its sentences."""
    if text := plain_text(token):
        reader.captions.append(text)
        sentences = reader.document.sections.setdefault(reader.heading, [])
        sentences.extend(SENTENCE_END.split(text))


def rows_of_cells(tokens: Iterator[Token]) -> Iterator[list[str]]:
    """Yield the rows of a table, the names of its columns first."""
    cells: list[str] = []
    for token in tokens:
        if token.type == "table_close":
            return
        if token.type == "tr_close":
            yield cells
            cells = []
        elif token.type == "inline":
            cells.append(plain_text(token))


def read_table(reader: _Reader, rows: list[list[str]]) -> None:
    """Add the fields of a table to the document, unless it is about something else."""
    names = [name.lower() for name in rows[0]]
    captions, reader.captions = reader.captions, reader.captions[:1]
    if STATUS not in names[1:]:
        return
    location, prefix = place(list(reader.headings.values()), captions, names[0])
    above = dict.fromkeys(names, "")
    for cells in filter(any, rows[1:]):  # a tag below a table is read as a row without a text
        above = cells_with_parents(above, dict(zip(names, cells, strict=False)))
        reader.document.statuses[location, prefix + path(names[0], above)] = above[STATUS]


def cells_with_parents(above: Mapping[str, str], cells: Mapping[str, str]) -> dict[str, str]:
    """Return the cells, with those that are empty because they are the same as above."""
    first, *others = [name for name in cells if name != STATUS]
    if cells[first]:
        return {**dict.fromkeys(above, ""), **cells}
    kept = {first: above[first]}
    for name in others:
        kept[name] = cells[name] or ("" if any(kept[n] != above[n] for n in kept) else above[name])
    return {**above, **kept, STATUS: cells[STATUS]}


def place(headings: list[str], captions: list[str], column: str) -> Field:
    """Return the location of a table's fields and the beginning of their paths."""
    for caption in captions:
        if role := ROLE.search(caption):
            return "message", f"messages[{role[1]}]."
        if parent := PARENT.match(caption):
            return "tool", f"{parent[1]}[]{parent[2]}."
    if column == "header":
        return "header", ""
    return ("response" if "Response fields" in headings else "request"), ""


def path(column: str, cells: Mapping[str, str]) -> str:
    """Return the path of a field, as rows write it."""
    variant = cells.get("variant", "")
    kind = VARIANT.fullmatch(variant)
    inner = f"[].{kind[1]}" if kind else "" if variant in ("", "string") else f" ({variant})"
    below = f".{cells['sub-field']}" if cells.get("sub-field") else ""
    return f"{cells[column]}{inner}{below}"
