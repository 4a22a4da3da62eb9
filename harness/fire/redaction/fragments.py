"""Finds keys that are spread over several strings of a body, which a client joins again.

A stream gives a text in the members of the same name of many events, and an answer can give one in
several parts. So the strings of a body are joined by the name of their member, and once more apart
by their place in the event and its indexes, since the parts of several texts can alternate.
"""

from __future__ import annotations

import re
from array import array
from bisect import bisect_right
from collections.abc import Iterator
from itertools import accumulate
from typing import Final, TypeAlias

from harness.fire.redaction.patterns import KeyFinder, Span

# An index, a string with the colon of a name after it, or the beginning of an event's data. A
# string has no line break, so that a quotation mark in a comment affects its own line only.
TOKEN: Final = re.compile(
    rb'"index"[ \t]{0,9}:[ \t]{0,9}(\d{1,9})'
    rb'|"([^"\\\n\r]*+(?:\\.[^"\\\n\r]*+)*+)(?:"(\s{0,9}:)?)?'
    rb"|^data:",
    re.MULTILINE,
)
# Strings that are searched; long lists of models or of probabilities have fewer.
MAX_STRINGS: Final = 200_000
MAX_PLACES: Final = 16  # places in an event, and its indexes, that are kept apart
MAX_GROUPS: Final = 20_000  # names and places that are kept apart; further ones are joined
MASK: Final = 2**32 - 1
Place = tuple[bytes, int, tuple[bytes, ...]]  # a name, its number in the event, the indexes
# Where strings begin and end, in one number for each string: objects would take more memory than
# the largest body.
Bounds: TypeAlias = "array[int]"


def find_fragments(data: bytes, finder: KeyFinder) -> list[Span]:
    """Return the parts of the keys that are spread: the first with the label, others with none."""
    groups = [bounds for bounds in grouped(data) if len(bounds) > 1]
    # No key has a line break, so that none is spans over the border of two groups.
    joined = b"\n".join(b"".join(data[b >> 32 : b & MASK] for b in bounds) for bounds in groups)
    spans = finder.find(joined)
    if not spans:
        return []
    every = array("Q")
    for bounds in groups:
        every += bounds
        every.append(1)  # the line break
    ends = array("Q", accumulate((each & MASK) - (each >> 32) for each in every))
    return [piece for span in spans for piece in pieces(span, every, ends)]


def pieces(span: Span, bounds: Bounds, ends: Bounds) -> Iterator[Span]:
    """Yield where the pieces of a span of the joined strings are in the data."""
    start, end, label = span
    while start < end:
        index = bisect_right(ends, start)
        first, last = bounds[index] >> 32, bounds[index] & MASK
        offset = start - (ends[index - 1] if index else 0)
        length = min(end - start, last - first - offset)
        yield first + offset, first + offset + length, label
        start, label = start + length, b""


class Groups:
    """The strings of each member name, and of each place in an event."""

    def __init__(self) -> None:
        self.names: dict[bytes, Bounds] = {b"": array("Q")}
        self.places: dict[Place, Bounds] = {(b"", 0, ()): array("Q")}
        self.event: list[tuple[bytes, int, int]] = []
        self.counts: dict[bytes, int] = {}
        self.indexes: list[bytes] = []

    def add_string(self, name: bytes, bounds: int) -> None:
        if name not in self.names:
            name = name if len(self.names) < MAX_GROUPS else b""
            self.names.setdefault(name, array("Q"))
        self.names[name].append(bounds)
        number = self.counts[name] = self.counts.get(name, -1) + 1
        if number < MAX_PLACES:
            self.event.append((name, number, bounds))

    def add_index(self, index: bytes) -> None:
        if len(self.indexes) < MAX_PLACES:
            self.indexes.append(index)

    def end_event(self) -> None:
        """Sort the strings of an event by their places; its indexes are known only now."""
        indexes = tuple(self.indexes)
        for name, number, bounds in self.event:
            if not (indexes or number):  # the group of the name has them
                continue
            place = name, number, indexes
            if place not in self.places:
                place = place if len(self.places) < MAX_GROUPS else (b"", 0, ())
                self.places.setdefault(place, array("Q"))
            self.places[place].append(bounds)
        self.event.clear()
        self.counts.clear()
        self.indexes.clear()


def grouped(data: bytes) -> list[Bounds]:
    """Return the strings of each member name, and of each place in an event."""
    groups, name, count = Groups(), b"", 0
    for token in TOKEN.finditer(data):
        if token[3] is not None:
            name = token[2]
        elif token[2] is not None:
            start, end = token.span(2)
            groups.add_string(name, start << 32 | end)
            count += 1
            if count >= MAX_STRINGS:
                break
        elif token[1] is not None:
            groups.add_index(token[1])
        else:
            groups.end_event()
            name = b""
    groups.end_event()
    return [*groups.names.values(), *groups.places.values()]
