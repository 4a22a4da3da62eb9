"""Decompresses bodies in bounded steps, as they arrive.

httpx is asked for the raw body, since a decoder without a limit lets a hostile target exhaust the
memory with a small compressed body.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from typing import Final

from harness.decode.http_rules import GZIP_MAGIC

GZIP_BITS: Final = zlib.MAX_WBITS | 16
MAX_KEPT: Final = 1024  # bytes that are kept in case they are not compressed at all


class Decoder:
    """Decompresses gzip (also of several members) or deflate, with or without a zlib header.

    Attributes:
        certain: Whether the body is compressed: it has a valid header, and some data came out.
        raw: The first bytes that arrived.
    """

    def __init__(self, name: str) -> None:
        self.name, self.certain, self.raw = name, False, b""
        self._has_header = True
        self._inner: zlib._Decompress | None = None

    def feed(self, data: bytes, max_bytes: int) -> Iterator[bytes]:
        """Yields pieces of at most `max_bytes` + 1 bytes. Raises zlib.error."""
        before = self.raw
        self.raw += data[: MAX_KEPT - len(self.raw)]
        if self._inner is None:
            if len(self.raw) < 2:  # A zlib header has two bytes.
                return
            data = before + data
            self._inner = zlib.decompressobj(self._window_bits())
        while data:
            if self._inner.eof:
                if self.name == "deflate" or not GZIP_MAGIC.startswith(data[:2]):
                    return  # Clients ignore padding after the end.
                self._inner = zlib.decompressobj(GZIP_BITS)
            piece = self._inner.decompress(data, max_bytes + 1)
            if piece:
                self.certain = self._has_header
                yield piece
            data = self._inner.unconsumed_tail or self._inner.unused_data

    def is_complete(self) -> bool:
        """Whether the compressed body ended, or nothing came at all."""
        return not self.raw if self._inner is None else self._inner.eof

    def _window_bits(self) -> int:
        if self.name != "deflate":
            return GZIP_BITS
        # RFC 1950, section 2.2. Many servers send deflate without this header.
        first, second = self.raw[:2]
        is_zlib = (
            first & 15 == zlib.DEFLATED and first >> 4 <= 7 and not (first * 256 + second) % 31
        )
        self._has_header = is_zlib
        return zlib.MAX_WBITS if is_zlib else -zlib.MAX_WBITS
