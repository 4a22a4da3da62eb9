"""Hides keys in texts and bytes: each is replaced by `[key:LABEL]`.

The pieces of a body are searched joined, since a key in them may be cut anywhere, and so are the
strings in it that belong together.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Mapping
from itertools import accumulate
from typing import Final

from harness.fire.redaction.encodings import Span
from harness.fire.redaction.fragments import find_fragments
from harness.fire.redaction.patterns import KeyFinder, merged
from harness.fire.redaction.secrets import SCHEME, is_secret
from harness.model import Pairs

SHORTEST: Final = 6
Chunks = tuple[tuple[float, bytes], ...]


class TextRedactor:
    """Hides keys, given by label, in bytes, texts, headers and the pieces of a body.

    A key of under 6 characters is hidden only as a whole header value, and so is one of `words`:
    these are parts of right answers, which a reader cannot distinguish from the key.
    """

    def __init__(self, keys: Mapping[str, str], words: Iterable[str] = ()) -> None:
        short = {key for key in keys.values() if 0 < len(key) < SHORTEST}.union(words)
        self._short = {key: label for label, key in keys.items() if key in short}
        self.has_short_key = bool(self._short)
        hidden = {key: label for label, key in keys.items() if key and key not in short}
        self._finder = KeyFinder({key: f"[key:{label}]".encode() for key, label in hidden.items()})

    def bytes(self, data: bytes) -> bytes:
        return replaced(data, self._finder.find(data))

    def text(self, text: str) -> str:
        data = text.encode("utf-8", "surrogatepass")
        clean = self.bytes(data)
        return text if clean == data else decoded(clean)

    def body(self, text: str) -> str:
        """Returns the text of a body, whose strings may have parts of a key."""
        data = text.encode("utf-8", "surrogatepass")
        [(_, clean)] = self.chunks(((0.0, data),))
        return text if clean == data else decoded(clean)

    def quoting(self, text: str) -> str:
        """Returns a text that quotes a part of what came, without keys and their beginnings."""
        data = text.encode("utf-8", "surrogatepass")
        spans = self._finder.find_parts(data)
        return decoded(replaced(data, spans)) if spans else text

    def pairs(self, headers: Pairs) -> Pairs:
        return tuple((self.text(name), self._header_value(name, value)) for name, value in headers)

    def chunks(self, chunks: Chunks) -> Chunks:
        """Returns the same pieces without keys, and without the beginning of one at the end.

        A key that is cut over several pieces is replaced in the piece in which it begins.
        """
        data = b"".join(piece for _, piece in chunks)
        finder = self._finder
        spans = merged([*finder.find(data, is_end=True), *find_fragments(data, finder)])
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

    def _header_value(self, name: str, value: str) -> str:
        """A word that happens to be a key is hidden only where a header carries keys."""
        words = value.split(" ")
        is_carrier = is_secret(name) if len(words) == 1 else SCHEME.match(words[0])
        if len(words) <= 2 and words[-1] in self._short and is_carrier:
            return " ".join((*words[:-1], f"[key:{self._short[words[-1]]}]"))
        return self.text(value)


def replaced(data: bytes, spans: Iterable[Span]) -> bytes:
    """Returns the data with what stands for each of the spans."""
    pieces: list[bytes] = []
    position = 0
    for start, end, label in spans:
        pieces += (data[position:start], label)
        position = end
    return b"".join((*pieces, data[position:])) if pieces else data


def decoded(data: bytes) -> str:
    """Returns the text of bytes, in which a character may be half of a surrogate pair."""
    try:
        return data.decode("utf-8", "surrogatepass")
    except UnicodeDecodeError:  # a key was cut within a character
        return data.decode("utf-8", "replace")
