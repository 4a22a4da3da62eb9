"""Bytes, keys -> bytes with `[key:LABEL]` in their place. May not keep what it hides.

A key is found as it is, with any of its characters escaped for JSON (also JSON within JSON) or for
a URL, and inside Base64, wherever it begins there. It is looked for in the joined bytes, since
an echoed key may be cut anywhere.
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
_ESCAPED: Final = re.compile(rb"\\+(?:u00([0-9A-Fa-f]{2})|(?!u))|%(?:25)*([0-9A-Fa-f]{2})")


class Redactor:
    """`keys`: label -> key. One under 6 characters is hidden as a whole header value only."""

    def __init__(self, keys: Mapping[str, str]) -> None:
        self._short = {key: label for label, key in keys.items() if 0 < len(key) < SHORTEST}
        long = {key: label for label, key in keys.items() if len(key) >= SHORTEST}
        needles: dict[bytes, bytes] = {}
        for key, label in long.items():
            for needle in _needles(key):
                needles.setdefault(needle, f"[key:{label}]".encode())
        self._needles = list(needles.items())

    def bytes(self, data: bytes) -> bytes:
        return b"".join(piece for _, piece in self.chunks(((0.0, data),)))

    def text(self, text: str) -> str:
        data = text.encode("utf-8", "surrogatepass")
        found = self.bytes(data)
        return text if found == data else found.decode("utf-8", "surrogatepass")

    def pairs(self, headers: Pairs) -> Pairs:
        return tuple((self.text(name), self._header(value)) for name, value in headers)

    def chunks(self, chunks: Chunks) -> Chunks:
        """The same pieces; a key that is cut over several goes whole into the one it begins in."""
        data = b"".join(piece for _, piece in chunks)
        spans = _spans(data, self._needles)
        if not spans:
            return chunks
        ends = list(accumulate(len(piece) for _, piece in chunks))
        pieces: list[list[bytes]] = [[] for _ in chunks]
        begin = 0
        for start, end, label in (*spans, (len(data), len(data), b"")):
            for piece, low, high in _cut(ends, begin, start):
                pieces[piece].append(data[low:high])
            if label:
                pieces[bisect_right(ends, start)].append(label)
            begin = end
        times = (when for when, _ in chunks)
        return tuple((when, b"".join(parts)) for when, parts in zip(times, pieces, strict=True))

    def _header(self, value: str) -> str:
        words = value.split(" ")
        if len(words) <= 2 and words[-1] in self._short:
            return " ".join((*words[:-1], f"[key:{self._short[words[-1]]}]"))
        return self.text(value)


def _spans(data: bytes, needles: list[tuple[bytes, bytes]]) -> list[Span]:
    """Where keys are, in order and without overlap; where they overlap, they are one."""
    found = [*_search(data, needles)]
    if needles and (b"\\" in data or b"%" in data):
        plain, offsets = _unescaped(data)
        for start, end, label in _search(plain, needles):
            found.append((_begin(offsets, start), _end(offsets, end), label))
    spans: list[Span] = []
    for start, end, label in sorted(found, key=lambda span: (span[0], -span[1])):
        if spans and start < spans[-1][1]:
            first, last, kept = spans[-1]
            spans[-1] = (first, max(last, end), kept)
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
    """The key, and what of its Base64 its neighbours do not change, at all three alignments."""
    raw = key.encode("utf-8", "surrogatepass")
    yield raw
    yield _unescaped(raw)[0]
    for before in range(3):
        first, last = -(-8 * before // 6), 8 * (before + len(raw)) // 6
        for encode in (base64.b64encode, base64.urlsafe_b64encode):
            yield encode(b"\0" * before + raw)[first:last]


def _unescaped(data: bytes) -> tuple[bytes, Offsets]:
    """`data` without escapes and without backslashes, which may be escapes of escapes; and the
    offsets, there and in `data`, of each place where the two part.
    """
    plain = bytearray()
    there, here = array("I", [0]), array("I", [0])
    begin = 0
    for found in _ESCAPED.finditer(data):
        plain += data[begin : found.start()]
        there.append(len(plain))
        here.append(found.start())
        code = int(found[1] or found[2] or b"5c", 16)
        if code != BACKSLASH:
            plain += chr(code).encode() if found[1] else bytes([code])
        there.append(len(plain))
        here.append(begin := found.end())
    plain += data[begin:]
    return bytes(plain), (there, here)


def _begin(offsets: Offsets, at: int) -> int:
    """Where the byte `at` of the unescaped text begins in the original."""
    there, here = offsets
    index = bisect_right(there, at) - 1
    return here[index] + at - there[index]


def _end(offsets: Offsets, at: int) -> int:
    """Where the byte before `at` ends in the original, its escape included."""
    there, here = offsets
    index = bisect_left(there, at)
    if index < len(there) and there[index] == at:
        return here[index]
    return here[index - 1] + at - there[index - 1]


def _cut(ends: list[int], start: int, stop: int) -> Iterator[tuple[int, int, int]]:
    """(piece, from, to) for each piece that has a part of data[start:stop]."""
    piece = bisect_right(ends, start)
    while start < stop:
        end = min(stop, ends[piece])
        yield piece, start, end
        start, piece = end, piece + 1
