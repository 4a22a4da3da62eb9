"""Hides keys in texts and bytes: each is replaced by `[key:LABEL]`.

A key is found as it is, with any of its characters escaped for JSON (also JSON within JSON) or for
a URL, and inside Base64 at any alignment. The pieces of a body are searched joined, since a key in
them may be cut anywhere.
"""

from __future__ import annotations

import base64
import re
from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Mapping
from itertools import accumulate
from typing import Final

from harness.model import Pairs

SHORTEST: Final = 6
BACKSLASH: Final = 0x5C
Chunks = tuple[tuple[float, bytes], ...]
Span = tuple[int, int, bytes]
Offsets = tuple["array[int]", "array[int]"]
_ESCAPE: Final = re.compile(rb"\\+(?:u00([0-9A-Fa-f]{2})|(?!u))|%(?:25)*([0-9A-Fa-f]{2})")


class TextRedactor:
    """Hides keys, given by label, in bytes, texts, headers and the pieces of a body.

    A key of under 6 characters is hidden only as a whole header value.
    """

    def __init__(self, keys: Mapping[str, str]) -> None:
        self._short = {key: label for label, key in keys.items() if 0 < len(key) < SHORTEST}
        needles: dict[bytes, bytes] = {}
        for label, key in keys.items():
            if len(key) >= SHORTEST:
                for needle in _needles(key):
                    needles.setdefault(needle, f"[key:{label}]".encode())
        self._needles = list(needles.items())

    def bytes(self, data: bytes) -> bytes:
        return b"".join(piece for _, piece in self.chunks(((0.0, data),)))

    def text(self, text: str) -> str:
        data = text.encode("utf-8", "surrogatepass")
        clean = self.bytes(data)
        return text if clean == data else clean.decode("utf-8", "surrogatepass")

    def pairs(self, headers: Pairs) -> Pairs:
        return tuple((self.text(name), self._header_value(value)) for name, value in headers)

    def chunks(self, chunks: Chunks) -> Chunks:
        """Returns the same pieces without keys.

        A key that is cut over several pieces is replaced in the piece in which it begins.
        """
        data = b"".join(piece for _, piece in chunks)
        spans = _find_keys(data, self._needles)
        if not spans:
            return chunks
        ends = list(accumulate(len(piece) for _, piece in chunks))
        pieces = [bytearray() for _ in chunks]
        position = 0
        for start, end, label in (*spans, (len(data), len(data), b"")):
            while position < start:
                piece = bisect_right(ends, position)
                cut = min(start, ends[piece])
                pieces[piece] += data[position:cut]
                position = cut
            if label:
                pieces[bisect_right(ends, start)] += label
            position = end
        times = (time for time, _ in chunks)
        return tuple((time, bytes(piece)) for time, piece in zip(times, pieces, strict=True))

    def _header_value(self, value: str) -> str:
        words = value.split(" ")
        if len(words) <= 2 and words[-1] in self._short:
            return " ".join((*words[:-1], f"[key:{self._short[words[-1]]}]"))
        return self.text(value)


def _find_keys(data: bytes, needles: list[tuple[bytes, bytes]]) -> list[Span]:
    """Returns where keys are, in order; overlapping keys are merged into one span."""
    matches = [*_search(data, needles)]
    if needles and (b"\\" in data or b"%" in data):
        plain, offsets = _unescape(data)
        for start, end, label in _search(plain, needles):
            matches.append((_original_start(offsets, start), _original_end(offsets, end), label))
    spans: list[Span] = []
    for start, end, label in sorted(matches, key=lambda span: (span[0], -span[1])):
        if spans and start < spans[-1][1]:
            first, last, first_label = spans[-1]
            spans[-1] = (first, max(last, end), first_label)
        else:
            spans.append((start, end, label))
    return spans


def _search(data: bytes, needles: list[tuple[bytes, bytes]]) -> Iterator[Span]:
    for needle, label in needles:
        start = data.find(needle)
        while start >= 0:
            yield start, start + len(needle), label
            start = data.find(needle, start + 1)


def _needles(key: str) -> Iterator[bytes]:
    """Yields the key, and its Base64 at each alignment without what neighbours change."""
    raw = key.encode("utf-8", "surrogatepass")
    yield raw
    yield _unescape(raw)[0]
    for before in range(3):
        first, last = -(-8 * before // 6), 8 * (before + len(raw)) // 6
        for encode in (base64.b64encode, base64.urlsafe_b64encode):
            yield encode(b"\0" * before + raw)[first:last]


def _unescape(data: bytes) -> tuple[bytes, Offsets]:
    """Returns `data` without escapes, and a map of its positions to those in `data`.

    Backslashes are dropped, since they may be escapes of escapes. The map has a position in each of
    the two texts for every place where the distance between them changes.
    """
    plain = bytearray()
    plain_offsets, data_offsets = array("I", [0]), array("I", [0])
    position = 0
    for escape in _ESCAPE.finditer(data):
        plain += data[position : escape.start()]
        plain_offsets.append(len(plain))
        data_offsets.append(escape.start())
        code = int(escape[1] or escape[2] or b"5c", 16)
        if code != BACKSLASH:
            plain += chr(code).encode() if escape[1] else bytes([code])
        plain_offsets.append(len(plain))
        data_offsets.append(position := escape.end())
    plain += data[position:]
    return bytes(plain), (plain_offsets, data_offsets)


def _original_start(offsets: Offsets, position: int) -> int:
    """Returns where the byte at `position` of the unescaped text begins in the original."""
    plain_offsets, data_offsets = offsets
    index = bisect_right(plain_offsets, position) - 1
    return data_offsets[index] + position - plain_offsets[index]


def _original_end(offsets: Offsets, position: int) -> int:
    """Returns where the byte before `position` ends in the original, its escape included."""
    plain_offsets, data_offsets = offsets
    index = bisect_left(plain_offsets, position)
    if index < len(plain_offsets) and plain_offsets[index] == position:
        return data_offsets[index]
    return data_offsets[index - 1] + position - plain_offsets[index - 1]
