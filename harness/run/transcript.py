"""Writes and reads transcripts: JSON Lines with a header, one line for each exchange, and a footer.

It writes format 2 and reads formats 1 and 2. A line is an object with one key: `header`, `exchange`
or `footer`. A chunk of a body is a string if it is UTF-8, and `{"b64": ...}` otherwise, so that the
bytes of an exchange are kept.

Of a body beyond the limit of an answer (8 MiB) `chunks` has the first 64 KiB, and `digest` is the
SHA-256 of what arrived until then. Its size alone is judged.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any, Final, NamedTuple, Self

from harness.model import End, Exchange, Json
from harness.run.transcript_format1 import upgrade_header
from harness.run.transcript_lines import decode, texts_of, texts_of_header, to_text
from harness.util import foreign_json
from harness.util.errors import UsageError, file_errors
from harness.util.file_access import MAX_TRANSCRIPT, open_regular, whole_lines

FORMAT: Final = 2
MAX_LINE: Final = 64 * 1024 * 1024  # bytes; an answer has at most 8 MiB
_ERRORS: Final = (ValueError, TypeError, LookupError, AttributeError, RecursionError)


class Writer:
    """Writes a transcript line by line, so that a killed process loses at most one.

    Args:
        keep: The number of bytes of an existing file to keep; new lines are appended to them.
    """

    def __init__(self, path: str | Path, keep: int = 0) -> None:
        with file_errors("write the transcript", path):
            mode: Final = "r+b" if keep else "wb"
            self._file = open(path, mode, buffering=0)  # noqa: SIM115 - closed by close()
            self._end = self._file.seek(self._file.truncate(keep))

    def header(self, header: Mapping[str, Json]) -> None:
        """Write the header. `plans` can be an iterator, so that one plan is in memory at a time."""
        self._line(texts_of_header({"format": FORMAT, **header}))

    def exchange(self, exchange: Exchange) -> None:
        self._line(texts_of(exchange))

    def footer(self, footer: Mapping[str, Json]) -> None:
        self._line([to_text({"footer": dict(footer)})])

    def close(self) -> None:
        self._file.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()

    def _line(self, texts: Iterable[str]) -> None:
        """Raises OSError if the line cannot be written; no part of it is left then."""
        end = self._end
        try:
            for text in texts:
                # Half a surrogate pair cannot be written as UTF-8, but an escape of it can.
                data = memoryview(text.encode("utf-8", "backslashreplace"))
                end += len(data)
                while data:
                    data = data[self._file.write(data) :]
        except OSError:
            with suppress(OSError):
                self._file.seek(self._file.truncate(self._end))
            raise
        self._end = end


class TranscriptIndex:
    """A transcript to resume: keeps position, end and status of each shot's last line in memory.

    Attributes:
        copies: The shots whose exchange is that of an equal one.
    """

    def __init__(self, path: str | Path) -> None:
        self.path, self.header, self.end = Path(path), dict[str, Json](), 0
        self.requests, self.seconds = 0, 0.0
        self.places: dict[str, tuple[int, int, End, int | None]] = {}
        self.copies = set[str]()
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
            if value.get("same_as"):
                self.copies.add(value["shot"])
            else:
                self.requests += len(value["attempts"])
            self.seconds = max(self.seconds, value["started"] + value["seconds"])
        return kind != "footer"

    def exchange(self, shot: str) -> Exchange | None:
        if shot not in self.places:
            return None
        start, length, *_ = self.places[shot]
        self._file.seek(start)
        return decode(foreign_json.parse(self._file.read(length))["exchange"])

    def close(self) -> None:
        self._file.close()


class Line(NamedTuple):
    """A line: where it is in the file, in bytes, and its value; an exchange is decoded."""

    start: int
    length: int
    kind: str
    value: Any


def scan(path: str | Path) -> Iterator[Line]:
    """Yield the lines of a transcript. A last line that is cut short is ignored.

    Raises:
        UsageError: At the first line that is none of a transcript, or is out of place.
    """
    number, start, ended = 0, 0, False
    for number, line in enumerate(whole_lines(path, MAX_TRANSCRIPT, MAX_LINE), 1):
        try:
            kind, value = _parse(line, is_first=number == 1)
            if ended:
                raise ValueError(f"a {kind} is out of place")
            ended, value = kind == "footer", decode(value) if kind == "exchange" else value
        except _ERRORS as error:
            raise UsageError(f"{path}:{number}: not a line of a transcript: {error}") from error
        yield Line(start, len(line), kind, value)
        start += len(line)
    if not number:
        raise UsageError(f"{path}: not a transcript: it has no header")


def read(path: str | Path) -> tuple[dict[str, Json], list[Exchange], dict[str, Json] | None]:
    """Return (header, exchanges, footer or None), all in memory. Raises UsageError."""
    header, footer = dict[str, Json](), None
    exchanges: list[Exchange] = []
    for line in scan(path):
        if line.kind == "exchange":
            exchanges.append(line.value)
        elif line.kind == "header":
            header = line.value
        else:
            footer = dict(line.value)
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
