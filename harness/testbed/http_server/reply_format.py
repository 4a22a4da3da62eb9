"""Writes replies as HTTP/1.1 bytes, in the spellings that RFC 9112 permits and in wrong ones.

A reply can have a `spelling`; without one it is written in the usual way.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, Final

Reply = Mapping[str, Any]
# Ends of a reply before its last piece, and ends of which the head says nothing.
CUT_OFF: Final = ("drop", "reset")
KEPT: Final = ("keep", "hang-up")
PHRASES: Final = {status.value: status.phrase for status in HTTPStatus}


@dataclass(frozen=True, slots=True)
class Spelling:
    """How a reply is written. Each template gets the values that are named in its default.

    Attributes:
        interim: Bytes before the reply, such as an answer with the status 103.
        extra: Further header lines.
        error: Added to the number of bytes that content-length states.
        end: What follows the last piece of a chunked reply.
    """

    interim: str = ""
    status_line: str = "HTTP/1.1 {status} {phrase}"
    header: str = "{name}: {value}"
    extra: tuple[str, ...] = ()
    error: int = 0
    chunk_size: str = "{size:x}"
    end: str = "0\r\n\r\n"


USUAL: Final = Spelling()


def spelling_of(reply: Reply) -> Spelling:
    spelling: Spelling = reply.get("spelling", USUAL)
    return spelling


def format_head(reply: Reply, keep: bool) -> bytes:
    """Formats the status line and the headers, in the order and case of the reply."""
    spelling, status = spelling_of(reply), reply["status"]
    pairs = list(reply["headers"])
    if reply["framing"] == "length":
        size = sum(map(len, reply["chunks"])) + spelling.error
        pairs.append(("content-length", str(size)))
    elif reply["framing"] == "chunked":
        pairs.append(("transfer-encoding", "chunked"))
    if not keep:
        pairs.append(("connection", "close"))
    lines = [
        spelling.status_line.format(status=status, phrase=PHRASES.get(status, "")),
        *(spelling.header.format(name=name, value=value) for name, value in pairs),
        *spelling.extra,
    ]
    return (spelling.interim + "\r\n".join([*lines, "", ""])).encode("latin-1", "replace")


def format_piece(reply: Reply, piece: bytes) -> bytes:
    """Formats a piece of the body; as a chunk if the reply is chunked."""
    if reply["framing"] != "chunked":
        return piece
    size = spelling_of(reply).chunk_size.format(size=len(piece))
    return b"%b\r\n%b\r\n" % (size.encode("latin-1"), piece)


def format_end(reply: Reply) -> bytes:
    """Formats what follows the last piece."""
    return spelling_of(reply).end.encode("latin-1") if reply["framing"] == "chunked" else b""


def zip_pieces(reply: Reply) -> list[tuple[float, bytes]]:
    """Returns pauses and pieces, without the last piece of a broken reply.

    Empty pieces are left out, since an empty chunk would end a chunked body.
    """
    pieces = list(zip(reply["pauses"], reply["chunks"], strict=True))
    return [p for p in (pieces[:-1] if reply["end"] in CUT_OFF else pieces) if p[1]]


def format_reply(reply: Reply) -> Iterator[bytes]:
    """Yields the bytes of a whole reply, piece by piece, as a connection writes them."""
    yield format_head(reply, keep=reply["end"] in KEPT and reply["framing"] != "close")
    yield from (format_piece(reply, piece) for _, piece in zip_pieces(reply))
    if reply["end"] not in CUT_OFF:
        yield format_end(reply)
