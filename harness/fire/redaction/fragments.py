"""Finds keys that are spread over several strings of a body, which a client joins again.

A stream gives a text in the members of the same name of many events, and an answer can give one in
several parts. So the strings of a body are joined by the name of their member, and once more apart
by their place in the event and its indexes if the parts of several texts can alternate. Where the
strings are is computed only if a key is spans_of in them.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator
from itertools import chain, pairwise
from typing import Final, NamedTuple
from zlib import crc32

from harness.fire.redaction.digits import BORDER
from harness.fire.redaction.encodings import DIVIDED, Parts, Span
from harness.fire.redaction.patterns import KeyFinder

EVENT: Final = re.compile(rb"^data:", re.MULTILINE)
INDEX: Final = re.compile(rb'"index"[ \t]{0,9}:[ \t]{0,9}(\d{1,9})')
# A string, with the colon after it if it is a name. It has no line break, so that a quotation mark
# in a comment affects its own line only.
STRING: Final = re.compile(rb'"([^"\\\n\r]*+(?:\\.[^"\\\n\r]*+)*+)(?:"(\s{0,9}:)?)?')
LARGE: Final = 64 * 1024  # bytes of an event whose strings would take much memory in a list
MAX_PLACES: Final = 16  # places in an event, and its indexes, that are kept apart
MAX_GROUPS: Final = 2**16  # further groups share these; no client joins so many texts
Group = bytes | int | tuple[bytes, int, tuple[bytes, ...]]  # a name; with a place and indexes
Text = bytes | memoryview  # a view of a string in a large event, which is not copied


class Event(NamedTuple):
    """Where an event begins and ends, and its indexes. Another body is one event."""

    start: int
    end: int
    indexes: tuple[bytes, ...]


class Texts(dict[Group, Text | bytearray]):
    """The strings of each group, joined in a bytearray if there are several."""

    def append(self, group: Group, content: Text) -> None:
        text = self.get(group)
        if text is None:
            group = self.kept(group)
            text = self.get(group)
        if isinstance(text, bytearray):
            text += content
        else:
            self[group] = content if text is None else bytearray(text) + content

    def kept(self, group: Group) -> Group:
        """Return the group, or the one that it shares with others if there are too many."""
        if group in self or len(self) < MAX_GROUPS:
            return group
        return crc32(repr(group).encode()) % MAX_GROUPS


def find_fragments(data: bytes, finder: KeyFinder) -> list[Span]:
    """Return the parts of the keys that are spread: the first with the label, others with none."""
    texts, can_alternate = texts_by_name(data)
    spans = spread(texts, data, finder, by_place=False)
    if can_alternate:
        texts = Texts()
        for group, start, end in grouped(data, by_place=True):
            texts.append(group, data[start:end])
        spans += spread(texts, data, finder, by_place=True)
    return spans


def texts_by_name(data: bytes) -> tuple[Texts, bool]:
    """Return the texts by name, and whether the parts of several texts can alternate in one.

    They cannot if no name is twice in an event, and all events have the same indexes.
    """
    texts, can_alternate = Texts(), False
    first: tuple[bytes, ...] = ()
    for event in events_of(data):
        first = first or event.indexes
        can_alternate = can_alternate or event.indexes not in ((), first)
        name, names = b"", set[bytes]()
        for content, colon in strings_of(data, event):
            if colon:
                name = bytes(content)
                continue
            if not can_alternate:
                can_alternate = name in names or len(names) > MAX_PLACES
                names.add(name)
            texts.append(name, content)
    return texts, can_alternate


def spread(texts: Texts, data: bytes, finder: KeyFinder, by_place: bool) -> list[Span]:
    """Return the parts of the keys that are in the joined texts."""
    joined = {group: text for group, text in texts.items() if isinstance(text, bytearray)}
    if not finder.find(BORDER.join(joined.values())):
        return []
    searched = ((group, finder.find(bytes(text))) for group, text in joined.items())
    hits = {group: spans for group, spans in searched if spans}
    parts = {group: Parts() for group in hits}
    for name, start, end in grouped(data, by_place):
        if (group := texts.kept(name)) in parts:
            parts[group].add(start, end, end - start, DIVIDED)
    every = ((span, parts[group]) for group, spans in hits.items() for span in spans)
    return [piece for span, places in every for piece in pieces(span, places)]


def pieces(span: Span, parts: Parts) -> Iterator[Span]:
    """Yield where the pieces of a span of the joined parts are in the data."""
    start, end, label = span
    index = bisect_right(parts.offsets, start) - 1
    while start < end:
        first = parts.starts[index] + start - parts.offsets[index]
        length = min(end - start, parts.ends[index] - first)
        yield first, first + length, label
        start, label, index = start + length, b"", index + 1


def grouped(data: bytes, by_place: bool) -> Iterator[tuple[Group, int, int]]:
    """Yield the group of each string that is not empty, and where its content is."""
    for event in events_of(data):
        counts: dict[bytes, int] = {}
        name = b""
        for match in STRING.finditer(data, event.start, event.end):
            start, end = match.span(1)
            if match[2]:
                name = match[1]
            elif not by_place and start < end:
                yield name, start, end
            elif by_place:
                place = counts.get(name, 0)
                if place or len(counts) < MAX_GROUPS:
                    counts[name] = place + 1
                if start < end and place < MAX_PLACES:
                    yield (name, place, event.indexes), start, end


def events_of(data: bytes) -> Iterator[Event]:
    starts = (match.start() for match in EVENT.finditer(data))
    for start, end in pairwise(chain((0,), starts, (len(data),))):
        yield Event(start, end, tuple(INDEX.findall(data, start, end)[:MAX_PLACES]))


def strings_of(data: bytes, event: Event) -> Iterable[tuple[Text, bytes]]:
    """Return the content of each string, and the colon after it."""
    if event.end - event.start <= LARGE:
        return STRING.findall(data, event.start, event.end)
    matches, view = STRING.finditer(data, event.start, event.end), memoryview(data)
    return ((view[match.start(1) : match.end(1)], match[2] or b"") for match in matches)
