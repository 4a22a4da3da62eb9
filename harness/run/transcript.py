"""Writes and reads transcripts: JSON Lines with a header, one line for each exchange, and a footer.

It writes format 2 and reads formats 1 and 2. A line is an object with one key: `header`, `exchange`
or `footer`. A chunk of a body is a string if it is UTF-8, and `{"b64": ...}` otherwise, so that the
bytes of an exchange are kept.

Of a body beyond the limit of an answer (8 MiB) `chunks` has the first 64 KiB, and `digest` is the
SHA-256 of what arrived until then. Its size alone is judged.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Final, Self

from harness.model import End, Exchange, Json, NotSentReason
from harness.run.transcript_format1 import upgrade_header
from harness.util import foreign_json
from harness.util.errors import UsageError, file_errors
from harness.util.file_access import MAX_TRANSCRIPT, open_regular, whole_lines
from harness.util.printable import printable_json
from harness.util.serialization import from_json, to_json

FORMAT: Final = 2
MAX_LINE: Final = 64 * 1024 * 1024  # bytes; an answer has at most 8 MiB
_ERRORS: Final = (ValueError, TypeError, LookupError, AttributeError, RecursionError)


class Writer:
    """Writes a transcript: each line whole and at once, so a killed process loses at most one.

    Args:
        keep: The number of bytes of an existing file to keep; new lines are appended to them.
    """

    def __init__(self, path: str | Path, keep: int = 0) -> None:
        with file_errors("write the transcript", path):
            mode: Final = "r+b" if keep else "wb"
            self._file = open(path, mode, buffering=0)  # noqa: SIM115 - closed by close()
            self._end = self._file.seek(self._file.truncate(keep))

    def header(self, header: Mapping[str, Json]) -> None:
        self._line({"header": {"format": FORMAT, **header}})

    def exchange(self, exchange: Exchange) -> None:
        self._line({"exchange": _encode(exchange)})

    def footer(self, footer: Mapping[str, Json]) -> None:
        self._line({"footer": dict(footer)})

    def close(self) -> None:
        self._file.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()

    def _line(self, record: Json) -> None:
        """Raises OSError if the line cannot be written; no part of it is left then."""
        text = printable_json(json.dumps(record, ensure_ascii=False, separators=(",", ":")))
        # Half a surrogate pair cannot be written as UTF-8; as an escape it is read back the same.
        line = memoryview(text.encode("utf-8", "backslashreplace") + b"\n")
        written = 0
        try:
            while written < len(line):
                written += self._file.write(line[written:])
        except OSError:
            with suppress(OSError):
                self._file.seek(self._file.truncate(self._end))
            raise
        self._end += len(line)


class TranscriptIndex:
    """A transcript to resume: keeps position, end and status of each shot's last line in memory."""

    def __init__(self, path: str | Path) -> None:
        self.path, self.header, self.end = Path(path), dict[str, Json](), 0
        self.requests, self.seconds = 0, 0.0
        self.places: dict[str, tuple[int, int, End, int | None]] = {}
        with file_errors("read the transcript", path):
            self._file = open_regular(path, MAX_TRANSCRIPT)
        try:
            while (line := self._file.readline(MAX_LINE)).endswith(b"\n") and self._take(line):
                self.end += len(line)  # A truncated line or the footer is written again.
        except _ERRORS as error:
            self.close()
            where = f"{path}: after {self.end} bytes"
            raise UsageError(f"{where}: not a line of a transcript: {error}") from error

    def _take(self, line: bytes) -> bool:
        kind, value = _parse(line, is_first=not self.end)
        if kind == "header":
            self.header = value
        elif kind == "exchange":
            self.places[value["shot"]] = (self.end, len(line), value["end"], value["status"])
            self.requests += len(value["attempts"])
            self.seconds = max(self.seconds, value["started"] + value["seconds"])
        return kind != "footer"

    def exchange(self, shot: str) -> Exchange | None:
        if shot not in self.places:
            return None
        start, length, *_ = self.places[shot]
        self._file.seek(start)
        return _decode(foreign_json.parse(self._file.read(length))["exchange"])

    def close(self) -> None:
        self._file.close()


def read(path: str | Path) -> tuple[dict[str, Json], list[Exchange], dict[str, Json] | None]:
    """Return (header, exchanges, footer or None). A last line that is cut short is ignored."""
    header, footer = dict[str, Json](), None
    exchanges: list[Exchange] = []
    number = 0
    for number, line in enumerate(whole_lines(path, MAX_TRANSCRIPT, MAX_LINE), 1):
        try:
            kind, value = _parse(line, is_first=number == 1)
            if footer is not None:
                raise ValueError(f"a {kind} is out of place")
            if kind == "exchange":
                exchanges.append(_decode(value))
            elif kind == "header":
                header = value
            else:
                footer = dict(value)
        except _ERRORS as error:
            raise UsageError(f"{path}:{number}: not a line of a transcript: {error}") from error
    if not number:
        raise UsageError(f"{path}: not a transcript: it has no header")
    return header, exchanges, footer


def _parse(line: bytes, is_first: bool) -> tuple[str, Json]:
    """Return the kind of a line and its value. The header must be the first line."""
    [(kind, value)] = foreign_json.parse(line).items()
    if kind not in ("header", "exchange", "footer"):
        raise ValueError(f"unknown key `{kind}`")
    if (kind == "header") != is_first:
        raise ValueError(f"a {kind} is out of place")
    if kind != "header":
        return kind, value
    version = value.get("format")
    if version not in (1, FORMAT):
        raise ValueError(f"it has format {version}, and this harness reads formats 1 and {FORMAT}")
    header = upgrade_header(value) if version == 1 else value
    return kind, {key: value for key, value in header.items() if key != "format"}


def _encode(exchange: Exchange) -> dict[str, Json]:
    packed: dict[str, Json] = to_json(replace(exchange, chunks=()))
    packed["chunks"] = [[when, _text(piece)] for when, piece in exchange.chunks]
    if exchange.forwarded is None:
        del packed["forwarded"]
    for name in ("reason", "alternative", "confirmed", "digest"):
        if not packed[name]:
            del packed[name]
    return packed


def _decode(packed: Mapping[str, Json]) -> Exchange:
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


def _text(piece: bytes) -> Json:
    try:
        return piece.decode("utf-8")
    except UnicodeDecodeError:
        return {"b64": base64.b64encode(piece).decode("ascii")}


def _bytes(piece: Json) -> bytes:
    return piece.encode("utf-8") if isinstance(piece, str) else base64.b64decode(piece["b64"])
