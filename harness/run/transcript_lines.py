"""Exchanges as lines of a transcript, and back; `harness.run.transcript` describes the format."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Final

from harness.model import Exchange, Json, NotSentReason
from harness.util.printable import printable_json
from harness.util.serialization import compact_text, from_json, to_builtins

NOT_LATIN_1: Final = re.compile("[^\x00-\xff]")
LARGE: Final = 256 * 1024  # bytes of a body that is written in parts, which take less memory


def to_text(record: Json) -> str:
    """Return a line with control characters as escapes."""
    return printable_json(compact_text(record)) + "\n"


def texts_of_header(header: Mapping[str, Json]) -> Iterator[str]:
    """Yield the line of a header in parts; the plans are most of it.

    With escapes for all but Latin-1, Python reads the long line as a byte for each character.
    """
    yield '{"header":'
    separator = "{"
    for name, value in header.items():
        if name == "plans":
            yield f'{separator}"plans":['
            for number, plan in enumerate(value):
                yield "," * bool(number) + escaped(to_text(plan)[:-1])
            yield "]"
        else:
            yield separator + escaped(to_text({name: value})[1:-2])
        separator = ","
    yield "}}\n"


def escaped(text: str) -> str:
    """Return the text of JSON with escapes for all characters that Latin-1 lacks."""
    return NOT_LATIN_1.sub(lambda match: json.dumps(match[0])[1:-1], text)


def texts_of(exchange: Exchange) -> Iterator[str]:
    """Yield the line of an exchange, in one part unless its body is large."""
    if sum(len(piece) for _, piece in exchange.chunks) < LARGE:
        yield to_text({"exchange": encode(exchange)})
        return
    empty = to_text({"exchange": encode(replace(exchange, chunks=()))})
    # Quotation marks in texts are escaped, so that only the key is written like this.
    start, key, end = empty.partition('"chunks":[')
    separator = start + key
    for when, piece in exchange.chunks:
        yield separator + to_text([when, _piece_data(piece)])[:-1]
        separator = ","
    yield end


def encode(exchange: Exchange) -> dict[str, Json]:
    packed: dict[str, Json] = to_builtins(replace(exchange, chunks=()))
    packed["chunks"] = [[when, _piece_data(piece)] for when, piece in exchange.chunks]
    if exchange.forwarded is None:
        del packed["forwarded"]
    for name in ("reason", "alternative", "confirmed", "digest", "same_as"):
        if not packed[name]:
            del packed[name]
    return packed


def decode(packed: Mapping[str, Json]) -> Exchange:
    chunks = tuple((_number(when), _bytes(piece)) for when, piece in packed["chunks"])
    exchange = from_json(Exchange, {**packed, "chunks": ()})
    reason = exchange.reason
    if exchange.end == "not-sent" and "reason" not in packed:
        reason = _reason_in(exchange.note)
    return replace(exchange, chunks=chunks, reason=reason)


def _reason_in(note: str) -> NotSentReason:
    """Return the reason in the note of version 0.1, which has no field for it."""
    if note.startswith("no earlier answer"):
        return "missing-capture"
    return "stopped" if note.startswith(("stopped", "budget")) else ""


def _number(value: Json) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise TypeError(f"the time of a chunk is a number, not {value!r:.40}")
    return value


def _piece_data(piece: bytes) -> Json:
    try:
        return piece.decode("utf-8")
    except UnicodeDecodeError:
        return {"b64": base64.b64encode(piece).decode("ascii")}


def _bytes(piece: Json) -> bytes:
    return piece.encode("utf-8") if isinstance(piece, str) else base64.b64decode(piece["b64"])
