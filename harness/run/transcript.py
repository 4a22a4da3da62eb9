"""Writes and reads transcripts: JSON Lines with a header, one line for each exchange, and a footer.

It writes format 2 and reads formats 1 and 2. A line is an object with one key: `header`, `exchange`
or `footer`. A chunk of a body is a string if it is UTF-8, and `{"b64": ...}` otherwise, so that the
bytes of an exchange are kept.
"""

from __future__ import annotations

import base64
import dataclasses
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Final, Self

from harness.model import Attempt, Exchange, Forwarded, Json, NotSentReason, Pairs
from harness.run.transcript_format1 import upgrade_header
from harness.util.errors import UsageError

FORMAT: Final = 2
_FAULTS: Final = (ValueError, TypeError, KeyError, AttributeError, RecursionError)


class Writer:
    """Writes a transcript. Each line is flushed, so a killed process loses at most the last line.

    Args:
        path: The file.
        keep: The number of bytes of an existing file to keep; new lines are appended to them.

    Raises:
        UsageError: If the file cannot be written.
    """

    def __init__(self, path: str | Path, keep: int = 0) -> None:
        try:
            self._file = open(path, "r+b" if keep else "wb")  # noqa: SIM115 - closed by close()
            self._file.seek(self._file.truncate(keep))
        except OSError as error:
            raise UsageError(f"cannot write the transcript {path}: {error.strerror}") from error

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

    def __exit__(self, *exception: object) -> None:
        self.close()

    def _line(self, record: Json) -> None:
        text = json.dumps(record, ensure_ascii=False, separators=(",", ":"))
        # Half a surrogate pair cannot be written as UTF-8; as an escape it is read back the same.
        self._file.write(text.encode("utf-8", "backslashreplace") + b"\n")
        self._file.flush()


class TranscriptIndex:
    """A transcript to resume: keeps the position of the last line of each shot in memory."""

    def __init__(self, path: str | Path) -> None:
        self.path, self.header, self.end = Path(path), dict[str, Json](), 0
        self.requests, self.seconds = 0, 0.0
        self.places: dict[str, tuple[int, int]] = {}
        try:
            self._file = open(path, "rb")  # noqa: SIM115 - closed by close()
        except OSError as error:
            raise UsageError(f"cannot read the transcript {path}: {error.strerror}") from error
        try:
            for line in self._file:
                if not line.endswith(b"\n") or not self._take(line):
                    break  # A truncated line or the footer is written again.
                self.end += len(line)
        except _FAULTS as error:
            self.close()
            where = f"{path}: after {self.end} bytes"
            raise UsageError(f"{where}: not a line of a transcript: {error}") from error

    def _take(self, line: bytes) -> bool:
        [(kind, value)] = json.loads(line).items()
        if kind == "header" and not self.end:
            self.header = _supported_header(value)
        elif kind == "exchange" and self.end:
            self.places[value["shot"]] = (self.end, len(line))
            self.requests += len(value["attempts"])
            self.seconds = max(self.seconds, value["started"] + value["seconds"])
        elif kind != "footer":
            raise ValueError(f"a {kind} is out of place")
        return bool(kind != "footer")

    def exchange(self, shot: str) -> Exchange | None:
        if shot not in self.places:
            return None
        start, length = self.places[shot]
        self._file.seek(start)
        return _decode(json.loads(self._file.read(length))["exchange"])

    def close(self) -> None:
        self._file.close()


def read(path: str | Path) -> tuple[dict[str, Json], list[Exchange], dict[str, Json] | None]:
    """Return the header, the exchanges, and the footer if there is one. Raises UsageError.

    A truncated last line is ignored.
    """
    try:
        lines = Path(path).read_bytes().split(b"\n")
    except OSError as error:
        raise UsageError(f"cannot read the transcript {path}: {error.strerror}") from error
    header: dict[str, Json] | None = None
    footer: dict[str, Json] | None = None
    exchanges: list[Exchange] = []
    for number, line in enumerate(lines[:-1], 1):
        try:
            [(kind, value)] = json.loads(line).items()
            if (kind == "header") != (number == 1) or footer is not None:
                raise ValueError(f"a {kind} is out of place")
            if kind == "exchange":
                exchanges.append(_decode(value))
            elif kind == "header":
                header = _supported_header(value)
            elif kind == "footer":
                footer = dict(value)
            else:
                raise ValueError(f"unknown key `{kind}`")
        except _FAULTS as error:
            raise UsageError(f"{path}:{number}: not a line of a transcript: {error}") from error
    if header is None:
        raise UsageError(f"{path}: not a transcript: it has no header")
    return header, exchanges, footer


def _supported_header(header: dict[str, Json]) -> dict[str, Json]:
    number = header.get("format")
    if number == 1:
        header = upgrade_header(header)
    elif number != FORMAT:
        raise ValueError(f"it has format {number}, and this harness reads formats 1 and {FORMAT}")
    return {key: value for key, value in header.items() if key != "format"}


def _encode(exchange: Exchange) -> dict[str, Json]:
    fields = {field.name: getattr(exchange, field.name) for field in dataclasses.fields(exchange)}
    fields["chunks"] = [[when, _text(piece)] for when, piece in exchange.chunks]
    fields["attempts"] = [dataclasses.asdict(attempt) for attempt in exchange.attempts]
    if exchange.forwarded is None:
        del fields["forwarded"]
    else:
        fields["forwarded"] = [dataclasses.asdict(each) for each in exchange.forwarded]
    if not exchange.reason:
        del fields["reason"]
    return fields


def _decode(record: Mapping[str, Json]) -> Exchange:
    fields = dict(record)
    for name in ("request_headers", "headers"):
        fields[name] = _pairs(fields[name])
    fields["chunks"] = tuple((when, _bytes(piece)) for when, piece in fields["chunks"])
    fields["attempts"] = tuple(Attempt(**attempt) for attempt in fields["attempts"])
    if "forwarded" in fields:
        requests = [{**each, "headers": _pairs(each["headers"])} for each in fields["forwarded"]]
        fields["forwarded"] = tuple(Forwarded(**request) for request in requests)
    if fields["end"] == "not-sent" and "reason" not in fields:
        fields["reason"] = _reason_in(fields["note"])
    return Exchange(**fields)


def _reason_in(note: str) -> NotSentReason:
    """Return the reason in the note of version 0.1, which has no field for it."""
    if note.startswith("no earlier answer"):
        return "missing-capture"
    return "stopped" if note.startswith(("stopped", "budget")) else ""


def _pairs(pairs: Json) -> Pairs:
    return tuple((name, value) for name, value in pairs)


def _text(piece: bytes) -> Json:
    try:
        return piece.decode("utf-8")
    except UnicodeDecodeError:
        return {"b64": base64.b64encode(piece).decode("ascii")}


def _bytes(piece: Json) -> bytes:
    return piece.encode("utf-8") if isinstance(piece, str) else base64.b64decode(piece["b64"])
