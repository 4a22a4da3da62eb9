"""Variants that write event streams in other ways that the HTML standard permits."""

from __future__ import annotations

import re
from itertools import cycle

from harness.testbed.base import Variant
from harness.testbed.gateway.gateway import Overrides
from harness.testbed.variants.wire import frames

BETWEEN_MEMBERS = re.compile(rb'(?<=,)(?="[a-z_]+":)')
LINE_END = re.compile(rb"\n")


def each(change_frame: dict[bytes, bytes]) -> Overrides:
    """Replaces some bytes in every frame."""

    def change(pieces: list[bytes]) -> list[bytes]:
        for old, new in change_frame.items():
            pieces = [piece.replace(old, new) for piece in pieces]
        return pieces

    return frames(change)


def several_lines(pieces: list[bytes]) -> list[bytes]:
    """Splits data between the members of objects; a text that looks like this stays whole."""
    return [
        piece if rb"\"" in piece else BETWEEN_MEMBERS.sub(b"\ndata: ", piece) for piece in pieces
    ]


def mixed_line_ends(pieces: list[bytes]) -> list[bytes]:
    ends = cycle((b"\n", b"\r\n", b"\r\n", b"\n", b"\n"))
    return [LINE_END.sub(lambda _: next(ends), piece) for piece in pieces]


def name_last(pieces: list[bytes]) -> list[bytes]:
    """Writes the name of an event below its data."""
    return [re.sub(rb"(event: .*\n)((?:data: .*\n)+)", rb"\2\1", piece) for piece in pieces]


EVENT_STREAMS = (
    Variant("sse.several-lines", "spreads data over several lines", frames(several_lines)),
    Variant("sse.mixed-ends", "ends lines with LF and with CRLF", frames(mixed_line_ends)),
    Variant("sse.name-last", "writes the name of an event below its data", frames(name_last)),
    Variant("sse.no-blanks", "omits the space after every colon of a field",
            each({b"data: ": b"data:", b"event: ": b"event:"})),
    Variant("sse.unknown-fields", "adds fields that the standard ignores",
            each({b"data: ": b"x-trace: 1\nretry: soon\ndata: "})),
    Variant("sse.mark", "begins a stream with a byte order mark, which the Python SDKs do not skip",
            frames(lambda pieces: [b"\xef\xbb\xbf" + pieces[0], *pieces[1:]]),
            affects=("*/stream*", "openai-compat/response.*")),
)  # fmt: skip
