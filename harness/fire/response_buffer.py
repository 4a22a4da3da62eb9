"""An HTTP answer, piece by piece -> what came, decoded and within bounds. May not judge.

Bodies are read as they are on the wire and decoded here: a decoder that takes all it is given lets
a target of bad will fill the memory with one small piece.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

from harness.model import End, Pairs

PIECES: Final = 10_000
WINDOWS: Final = {
    "gzip": zlib.MAX_WBITS | 16,
    "x-gzip": zlib.MAX_WBITS | 16,
    "deflate": zlib.MAX_WBITS,
}


@dataclass(slots=True)
class ResponseBuffer:
    """What has come so far; kept when the connection breaks. `most` bytes of body are taken."""

    most: int
    status: int | None = None
    version: str = ""
    headers: Pairs = ()
    end: End = "complete"
    note: str = ""
    fresh: bool = False
    peer: str = ""  # the SHA-256 of the certificate that was shown on a fresh connection
    size: int = 0
    decoder: Decoder | None = None
    pieces: list[tuple[float, bytes]] = field(default_factory=list)
    rest: bytearray = field(default_factory=bytearray)
    latest: float = 0.0

    def head(self, status: int, version: str, headers: Pairs) -> None:
        self.status, self.version, self.headers = status, version, headers
        codings = [v.strip().lower() for k, v in headers if k.lower() == "content-encoding"]
        if codings and codings != ["identity"]:
            self.note = f"the body came as {', '.join(codings)}"
            if len(codings) == 1 and codings[0] in WINDOWS:
                self.decoder = Decoder(codings[0])

    def feed(self, when: float, data: bytes) -> bool:
        """Takes a piece that came `when` seconds after the request; False when it is enough."""
        try:
            for piece in self.decoder.feed(data, self.most) if self.decoder else (data,):
                self.keep(when, piece[: self.most + 1 - self.size])
                if self.size > self.most:
                    self.end, self.note = "too-large", f"more than {self.most} bytes"
                    return False
        except zlib.error:
            assert self.decoder is not None
            self.end, self.note = "malformed", f"the body is not {self.decoder.name}"
            return False
        return True

    def keep(self, when: float, piece: bytes) -> None:
        """Beyond PIECES they are one: a piece costs more than the single byte it may hold."""
        self.size += len(piece)
        if len(self.pieces) < PIECES:
            self.pieces.append((when, piece))
        else:
            self.rest += piece
            self.latest = when

    def finish(self) -> None:
        """The body has come to its end."""
        if (
            self.end == "complete"
            and self.decoder is not None
            and self.size
            and not self.decoder.whole
        ):
            self.end, self.note = (
                "malformed",
                f"the body ends in the middle of its {self.decoder.name}",
            )

    def chunks(self) -> tuple[tuple[float, bytes], ...]:
        last = [(self.latest, bytes(self.rest))] if self.rest else []
        return (*self.pieces, *last)


class Decoder:
    """gzip (of several members, too) or deflate, never more than asked for at once."""

    def __init__(self, name: str) -> None:
        self.name, self.inner, self.begun = name, zlib.decompressobj(WINDOWS[name]), False

    @property
    def whole(self) -> bool:
        return self.inner.eof

    def feed(self, data: bytes, most: int) -> Iterator[bytes]:
        """Pieces of at most `most` + 1 bytes; whoever has enough takes no more of them."""
        while data:
            if self.inner.eof:
                self.inner = zlib.decompressobj(WINDOWS[self.name])
            try:
                piece = self.inner.decompress(data, most + 1)
            except zlib.error:
                if self.name != "deflate" or self.begun:
                    raise
                self.inner = zlib.decompressobj(-zlib.MAX_WBITS)  # many send it without its frame
                piece = self.inner.decompress(data, most + 1)
            self.begun = True
            if piece:
                yield piece
            data = self.inner.unconsumed_tail or self.inner.unused_data
