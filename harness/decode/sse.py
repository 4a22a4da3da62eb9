"""Bytes of an event stream, cut anywhere -> events. May not know what the events mean.

After the WHATWG standard, "Interpreting an event stream". What the standard forbids, and what it
allows but the SDKs trip over, is written down as complaints under the rule `stream.framing`.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from typing import Final

from harness.model import Event, Level, Violation

RULE: Final = "stream.framing"
MOST_BYTES: Final = 16 * 1024 * 1024
MOST_COMPLAINTS: Final = 20
_LINE_END: Final = re.compile(rb"\r\n|\r|\n")
_FIELD: Final = re.compile(r"[A-Za-z][\w-]*")
_BOM: Final = b"\xef\xbb\xbf"


class Parser:
    """Feed it pieces as they come; each call gives the events that are complete.

    `idle`: names of events that the SDKs pass over by their name, whatever their data.
    """

    def __init__(self, most_bytes: int = MOST_BYTES, idle: Collection[str] = ()) -> None:
        self.violations: list[Violation] = []
        self._most, self._idle = most_bytes, idle
        self._line: list[bytes] = []
        self._data: list[str] = []
        self._held = 0
        self._event, self._id = "", ""
        self._retry = False
        self._number = 0
        self._first, self._after_cr, self._full = True, False, False

    def feed(self, piece: bytes) -> list[Event]:
        if self._after_cr and piece:
            self._after_cr = False
            piece = piece.removeprefix(b"\n")
        events: list[Event] = []
        start = 0
        for end in _LINE_END.finditer(piece):
            self._keep(piece[start : end.start()])
            line = b"".join(self._line)
            self._line.clear()
            events.extend(self._take(line))
            start = end.end()
        self._keep(piece[start:])
        self._after_cr = self._after_cr or piece.endswith(b"\r")
        return events

    def close(self) -> list[Event]:
        """The end: an event without its blank line is dropped, as the standard says."""
        rest = b"".join(self._line)
        if rest:
            self._line.clear()
            self._take(rest)
        if self._data:
            lost = "\n".join(self._data)
            self._say("a blank line after the last event", f"the end, and {_shown(lost)} is lost")
            self._data.clear()
        return []

    def _keep(self, part: bytes) -> None:
        self._held += len(part)
        if part and self._held <= self._most:
            self._line.append(part)
        elif part:
            self._line = [b":"]  # a comment: what is too long is passed over, line by line
            if not self._full:
                self._full = True
                self._say(f"an event of at most {self._most} bytes", "a longer one, passed over")

    def _take(self, line: bytes) -> list[Event]:
        if self._first:
            self._first = False
            if line.startswith(_BOM):
                line = line[3:]
                self._say("no byte order mark", "one; SDKs lose the first event over it")
        if not line:
            return self._dispatch()
        try:
            text = line.decode("utf-8")
        except UnicodeDecodeError as error:
            text = line.decode("utf-8", "replace")
            self._say("UTF-8", f"the byte {line[error.start]:#04x} in {_shown(text)}")
        if not text.startswith(":"):
            self._field(text)
        return []

    def _field(self, line: str) -> None:
        name, colon, value = line.partition(":")
        value = value.removeprefix(" ")
        match name:
            case "data":
                self._data.append(value)
            case "event":
                self._event = value
            case "id" if "\0" in value:
                self._say("an id without the character NUL", _shown(value), "should")
            case "id":
                self._id = value
            case "retry":
                self._retry = value.isascii() and value.isdigit()
                if not self._retry:
                    self._say("retry: with digits only", _shown(value), "should")
            case _:
                # Other fields are to be ignored; text that is no field at all was meant to be read.
                level: Level = "should" if colon and _FIELD.fullmatch(name) else "must"
                self._say("data:, event:, id:, retry: or a comment", _shown(line), level)

    def _dispatch(self) -> list[Event]:
        self._held = 0
        data, self._data = self._data, []
        name, self._event = self._event, ""
        stray, self._retry = bool(name or self._id or self._retry), False
        if self._full:
            self._full = False
            return []
        if not data:
            if stray:
                level: Level = "should" if name in self._idle else "must"
                said = "one without; SDKs read it as empty and fail"
                self._say("data: in every event that has a name, an id or retry", said, level)
            return []
        event = Event(self._number, name, "\n".join(data), self._id)
        self._number += 1
        return [event]

    def _say(self, expected: str, got: str, level: Level = "must") -> None:
        if len(self.violations) < MOST_COMPLAINTS:
            at = f"event {self._number}"
            self.violations.append(Violation(RULE, at, expected, got, level))


def _shown(text: str) -> str:
    return ascii(text if len(text) <= 60 else text[:59] + "…") if "\0" in text else repr(text[:60])
