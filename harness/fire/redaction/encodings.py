"""Ways to write a text, and where the parts of the decoded text are in the written one.

Decoding is quick and happens for every text. The places are computed only where a key is found.
"""

from __future__ import annotations

from array import array
from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator
from typing import Final, NamedTuple

Span = tuple[int, int, bytes]  # start, end, what stands there instead
WHOLE: Final = (0, 1)
DIVIDED: Final = (1, 1)


class Part(NamedTuple):
    """A part of a decoded text, and where it begins and ends in the written text.

    Attributes:
        rate: So many written bytes are so many decoded ones; WHOLE if the part is not divided.
    """

    start: int
    end: int
    text: bytes
    rate: tuple[int, int] = WHOLE


class Encoding(NamedTuple):
    """A way to write a text.

    Attributes:
        decode: Returns the decoded text, or b"" if nothing is written in this way.
        parts: Yields the parts of that decoded text, in order and without a gap.
    """

    decode: Callable[[bytes], bytes]
    parts: Callable[[bytes], Iterable[Part]]


class Parts:
    """Places of the parts of a decoded text, in little memory since there can be millions."""

    def __init__(self, parts: Iterable[Part] = ()) -> None:
        self.offsets, self.starts, self.ends = array("Q"), array("Q"), array("Q")
        self.rates: list[tuple[int, int]] = []
        self.size = 0
        for start, end, text, rate in parts:
            if text:
                self.add(start, end, len(text), rate)

    def add(self, start: int, end: int, size: int, rate: tuple[int, int]) -> None:
        """Add a part whose decoded text has a size in bytes, which is not 0."""
        self.offsets.append(self.size)
        self.starts.append(start)
        self.ends.append(end)
        self.rates.append(rate)
        self.size += size

    def located(self, spans: Iterable[Span]) -> Iterator[Span]:
        """Yield where spans of the decoded text are in the written text."""
        for start, end, label in spans:
            yield self.start(start), self.end(end), label

    def start(self, offset: int) -> int:
        """Return where the byte at an offset of the decoded text begins in the written text."""
        index = bisect_right(self.offsets, offset) - 1
        written, decoded = self.rates[index]
        return self.starts[index] + (offset - self.offsets[index]) * written // decoded

    def end(self, offset: int) -> int:
        """Return where the byte before an offset of the decoded text ends in the written text."""
        index = bisect_right(self.offsets, offset - 1) - 1
        written, decoded = self.rates[index]
        length = -(-(offset - self.offsets[index]) * written // decoded)
        return min(self.ends[index], self.starts[index] + length) if written else self.ends[index]
