"""Finds keys in bytes, however they are written.

A key is found as it is, in small or capital letters, with any of its characters escaped for JSON, a
URL, HTML or quoted-printable, in folded lines, in Base64 at any alignment, in hexadecimal digits,
in lists of numbers, in UTF-16, and in each of these within another one (`DEPTH` times).

Large data are searched in windows: the time grows with the data and no faster, and the memory does
not grow.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Final, NamedTuple

from harness.fire.redaction.digits import BORDER, written_as_digits
from harness.fire.redaction.encodings import Parts, Span
from harness.fire.redaction.escapes import ESCAPED, WITH_ESCAPES

PARTIAL: Final = 8  # characters of a key's beginning that cannot be there by chance
DEPTH: Final = 5
WINDOW: Final = 256 * 1024  # bytes that are decoded at once; more do not fit into caches
LONGEST_FORM: Final = 200  # bytes that a byte of a key takes, escaped in nested encodings
CUT: Final = 8  # bytes at most of an escape, or of digits, that are cut in the middle
LEAST_OVERLAP: Final = 16 * 1024


class Hits(NamedTuple):
    """Where keys are in a text, and where only the beginning of one is, after which it ends."""

    keys: list[Span]
    cut: list[Span]


class KeyFinder:
    """Finds keys, given with what replaces them."""

    def __init__(self, keys: Mapping[str, bytes]) -> None:
        self.needles = [
            (needle, by) for key, by in keys.items() for needle in sorted(needles_of(key))
        ]
        sizes = [len(needle) for needle, _ in self.needles] or [0]
        characters = b"".join(needle for needle, _ in self.needles)
        digits = written_as_digits(min(sizes), characters) if self.needles else ()
        self.encodings = (*WITH_ESCAPES, *digits)
        self.overlap = max(LEAST_OVERLAP, LONGEST_FORM * max(sizes))

    def find(self, data: bytes, is_end: bool = False) -> list[Span]:
        """Return where keys are, in order; overlapping keys are one span.

        Args:
            is_end: Whether the beginning of a key with which the data end is one as well: the rest
                may have been cut off.
        """
        if not data:
            return []
        spans, hits = list[Span](), Hits([], [])
        for at in range(0, max(1, len(data) - self.overlap), WINDOW):
            hits = self._find(data[at : at + WINDOW + self.overlap], DEPTH)
            spans += ((at + start, at + end, label) for start, end, label in merged(hits.keys))
        if is_end:
            cut = [(at + a, len(data), by) for a, b, by in hits.cut if at + b + CUT >= len(data)]
            spans += cut
        return merged(spans)

    def find_parts(self, data: bytes) -> list[Span]:
        """Return where keys or their beginnings are, for a text from which others quote a part."""
        spans, low = self.find(data), data.lower()
        for needle, label in self.needles:
            start = low.find(needle[:PARTIAL]) if len(needle) >= PARTIAL else -1
            while start >= 0:
                length = common_length(needle, low[start : start + len(needle)])
                spans.append((start, start + length, label))
                start = low.find(needle[:PARTIAL], start + length)
        return merged(spans)

    def _find(self, data: bytes, depth: int) -> Hits:
        """Return where keys are in the data, and in what they mean if they are encoded."""
        low, hits = data.lower(), Hits([], [])
        for needle, label in self.needles:
            for start, length in occurrences(low, needle):
                if length == len(needle):
                    extend(hits.keys, (start, start + length, label))
                elif ends_with(low, start + length, 0 if depth == DEPTH else CUT):
                    hits.cut.append((start, start + length, label))
        for encoding in self.encodings if depth else ():
            meaning = encoding.decode(data)
            inner = self._find(meaning, depth - 1) if meaning else Hits([], [])
            if inner.keys or inner.cut:
                parts = Parts(encoding.parts(data))
                hits.keys.extend(parts.located(merged(inner.keys)))
                hits.cut.extend(parts.located(inner.cut))
        return hits


def occurrences(low: bytes, needle: bytes) -> Iterator[tuple[int, int]]:
    """Yield where a key is, or a beginning of it, and how much of it is there.

    Overlapping keys are one, which is longer.
    """
    start = low.find(needle[:PARTIAL])
    while start >= 0:
        if low.startswith(needle, start):
            yield start, len(needle)
        else:
            yield start, common_length(needle, low[start : start + len(needle)])
        start = low.find(needle[:PARTIAL], start + 1)


def ends_with(data: bytes, position: int, garbage: int) -> bool:
    """Return whether no more than some garbage follows before the data, or a run of digits, end."""
    rest = data[position : position + garbage + 1]
    return len(rest) <= garbage or BORDER[:1] in rest


def needles_of(key: str) -> set[bytes]:
    """Return the key in small letters: as it is, without escapes, and in Latin-1.

    Escapes that are a part of the key are removed with those around them.
    """
    raw = key.encode("utf-8", "surrogatepass").lower()
    latin = key.encode("latin-1", "ignore").lower()
    plain = ESCAPED.decode(raw).lower()
    return {raw, latin if len(latin) == len(key) else raw, plain if len(plain) >= PARTIAL else raw}


def merged(spans: Iterable[Span]) -> list[Span]:
    """Return the spans in order, with overlapping ones as one."""
    result: list[Span] = []
    for span in sorted(spans, key=lambda span: (span[0], -span[1])):
        extend(result, span)
    return result


def extend(spans: list[Span], span: Span) -> None:
    """Add a span after others; it becomes a part of the last one if they overlap."""
    start, end, _ = span
    if spans and spans[-1][0] <= start < spans[-1][1]:
        first, last, label = spans[-1]
        spans[-1] = (first, max(last, end), label)
    else:
        spans.append(span)


def common_length(one: bytes, other: bytes) -> int:
    pairs = enumerate(zip(one, other, strict=False))
    return next((index for index, (a, b) in pairs if a != b), min(len(one), len(other)))
