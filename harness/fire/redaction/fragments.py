"""Finds keys that are spread over several strings of a body, which a client joins again.

A stream gives a text in the members of the same name of many events, and an answer can give one in
several parts. So the strings of a body are joined by the name of their member, and once more apart
by their place in the event and its indexes, since the parts of several texts can alternate.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator
from itertools import accumulate
from typing import Final

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
Part = tuple[int, int]  # where the content of a string begins and ends
Group = tuple[bytes, int, tuple[bytes, ...]]  # the name, its number in the event, the indexes


def find_fragments(data: bytes, finder: KeyFinder) -> list[Span]:
    """Return the parts of the keys that are spread: the first with the label, others with none."""
    groups = [parts for parts in grouped(data).values() if len(parts) > 1]
    # No key has a line break, so that none is spans over the border of two groups.
    joined = b"\n".join(b"".join(data[a:b] for a, b in parts) for parts in groups)
    spans = finder.find(joined)
    if not spans:
        return []
    borders = [[*parts, (0, 0)] for parts in groups]
    flat = [part for parts in borders for part in parts]
    sizes = [end - start or (start == 0) for start, end in flat]
    ends = list(accumulate(sizes))
    return [piece for span in spans for piece in pieces(span, flat, ends)]


def pieces(span: Span, parts: list[Part], ends: list[int]) -> Iterator[Span]:
    """Yield where the pieces of a span of the joined parts are in the data."""
    start, end, label = span
    while start < end:
        index = bisect_right(ends, start)
        first, last = parts[index]
        offset = start - (ends[index - 1] if index else 0)
        length = min(end - start, last - first - offset)
        yield first + offset, first + offset + length, label
        start, label = start + length, b""


def grouped(data: bytes) -> dict[Group, list[Part]]:
    """Return the strings of each member name, and of each place in an event."""
    groups: dict[Group, list[Part]] = {}
    for event, indexes in events_of(data):
        counts: dict[bytes, int] = {}
        for name, part in event:
            groups.setdefault((name, -1, ()), []).append(part)
            number = counts[name] = counts.get(name, -1) + 1
            if (indexes or number) and number < MAX_PLACES:
                groups.setdefault((name, number, indexes), []).append(part)
    return groups


def events_of(data: bytes) -> Iterator[tuple[Iterable[tuple[bytes, Part]], tuple[bytes, ...]]]:
    """Yield the strings of each event with the names of their members, and its indexes."""
    strings: list[tuple[bytes, Part]] = []
    indexes: list[bytes] = []
    name, count = b"", 0
    for token in TOKEN.finditer(data):
        if token[3] is not None:
            name = token[2]
        elif token[2] is not None:
            strings.append((name, token.span(2)))
            count += 1
            if count >= MAX_STRINGS:
                break
        elif token[1] is not None:
            indexes += [token[1]] if len(indexes) < MAX_PLACES else []
        else:
            yield strings, tuple(indexes)
            strings, indexes, name = [], [], b""
    yield strings, tuple(indexes)
