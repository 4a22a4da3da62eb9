"""Collects an HTTP response while it arrives; decompresses the body and limits its size."""

from __future__ import annotations

import hashlib
import re
import zlib
from dataclasses import dataclass, field
from typing import Final

from harness.decode.http_rules import DECODED, content_codings
from harness.fire.content_decoder import Decoder
from harness.fire.large_answers import INFLATION
from harness.model import End, Pairs
from harness.util import strict_json

MAX_PIECES: Final = 10_000
STREAM_END: Final = re.compile(rb'\ndata: ?(\[DONE\]|\{"type": ?"message_stop"[^\r\n]*)$')
FRAMING: Final = ("content-length", "transfer-encoding")


@dataclass(slots=True)
class ResponseBuffer:
    """The part of a response that has arrived; it stays readable if the connection breaks."""

    max_bytes: int  # accepted length of the decoded body
    kept: int = 2**62  # bytes that are kept of a larger body
    status: int | None = None
    version: str = ""
    headers: Pairs = ()
    end: End = "complete"
    note: str = ""
    fresh: bool = False  # sent on a new connection
    digest: str = ""  # of what arrived of a body of which only the start is kept
    certificate: str = ""  # digest of the certificate that was presented on a new connection
    size: int = 0
    decoder: Decoder | None = None
    pieces: list[tuple[float, bytes]] = field(default_factory=list)
    overflow: bytearray = field(default_factory=bytearray)
    overflow_time: float = 0.0

    def set_head(self, status: int, version: str, headers: Pairs) -> None:
        """Stores the status line and the headers, and prepares to decompress the body."""
        self.status, self.version, self.headers = status, version, headers
        codings = content_codings(headers)
        if codings:
            self.note = f"the body came as {', '.join(codings)}"
        if len(codings) == 1 and codings[0] in DECODED:
            self.decoder = Decoder(codings[0])

    def feed(self, time: float, data: bytes) -> bool:
        """Adds data that arrived at `time` seconds; False if the body is too large or invalid."""
        try:
            for piece in self.decoder.feed(data, self.max_bytes) if self.decoder else (data,):
                self._append(time, piece[: self.max_bytes + 1 - self.size])
                if self.size > self.max_bytes:
                    self.end, self.note = "too-large", f"more than {self.max_bytes} bytes"
                    self._keep_start()
                    return False
        except zlib.error:
            assert self.decoder is not None
            self.end = "malformed"
            self.note = f"the body stops being {self.decoder.name} after {self.size} bytes"
            if not self.decoder.certain:
                raw = self.decoder.raw
                self.note = f"content-encoding is {self.decoder.name}, but the body is not: "
                self.note += f"it begins with {raw[:20].decode('utf-8', 'replace')!r}"
                self.pieces, self.size = [(time, raw[: self.max_bytes])], len(raw)
            return False
        return True

    def size_with(self, data: bytes) -> int:
        """Returns how large the body can be at most with further data."""
        return self.size + len(data) * (INFLATION if self.decoder else 1)

    def _keep_start(self) -> None:
        """Frees most of a body that is too large, of which nothing but its size is judged."""
        if self.size <= self.kept:
            return
        body = b"".join(piece for _, piece in self.chunks())
        self.digest = f"sha256:{hashlib.sha256(body).hexdigest()}"
        self.pieces = [(self.pieces[0][0], body[: self.kept])]
        self.overflow.clear()

    def _append(self, time: float, piece: bytes) -> None:
        """Joins the pieces after MAX_PIECES: a piece takes more memory than the byte in it."""
        self.size += len(piece)
        if len(self.pieces) < MAX_PIECES:
            self.pieces.append((time, piece))
        else:
            self.overflow += piece
            self.overflow_time = time

    def finish(self) -> None:
        """Checks at the end of the body that its compressed stream is complete."""
        if self.end == "complete" and self.decoder and not self.decoder.is_complete():
            self.end = "malformed"
            self.note = f"the body ends in the middle of its {self.decoder.name}"

    def expire(self, seconds: float) -> None:
        """Ends the response because its time is over.

        If a whole answer came, it is not slow: its content-length is wrong, or its last chunk is
        missing.
        """
        self.end, self.note = "timeout", f"no end after {seconds:g} s"
        framing = {name.lower(): value for name, value in self.headers if name.lower() in FRAMING}
        if framing and is_whole(b"".join(piece for _, piece in self.chunks()).strip()):
            self.end = "malformed"
            self.note = ", ".join(f"{name} is {value}" for name, value in framing.items())
            self.note += f", but the answer ends after {self.size} bytes, and nothing came "
            self.note += f"for the rest of {seconds:g} s"

    def chunks(self) -> tuple[tuple[float, bytes], ...]:
        """Returns (seconds since the request was sent, bytes) for each piece of the body."""
        overflow = (self.overflow_time, bytes(self.overflow))
        return (*self.pieces, overflow) if self.overflow else tuple(self.pieces)


def is_whole(body: bytes) -> bool:
    """Returns whether a body is a JSON document, or a stream of either protocol with its end."""
    if body.endswith((b"}", b"]")) and not body.startswith((b"data:", b"event:", b":")):
        return not strict_json.parse(body.decode("utf-8", "replace")).problem
    return STREAM_END.search(body[-1000:]) is not None
