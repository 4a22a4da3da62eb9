"""An incremental parser for server-sent events that records framing violations.

It follows the WHATWG standard, section "Interpreting an event stream". Violations of the standard,
and permitted framing that breaks the official SDKs, get the rule `stream.framing`.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from typing import Final

from harness.model import Event, Level, Violation

RULE: Final = "stream.framing"
SIZE_RULE: Final = "stream.size"
END_MARK: Final = "[DONE]"
MAX_EVENT_BYTES: Final = 16 * 1024 * 1024
MAX_VIOLATIONS: Final = 20
MAX_EVENTS: Final = 100_000  # a model that thinks for long sends 30,000
MAX_LINES: Final = 500_000  # blank lines and comments as well
_LINE_END: Final = re.compile(rb"\r\n|\r|\n")
_FIELD: Final = re.compile(r"[A-Za-z][\w-]*")
_FIELDS: Final = ("data", "event", "id", "retry")
_BOM: Final = b"\xef\xbb\xbf"


class Parser:
    """A parser for one stream, which can be fed in pieces of any size.

    Args:
        max_event_bytes: The size above which an event is skipped.
        ignored: Names of events that the SDKs ignore, whatever their data.
    """

    def __init__(
        self, max_event_bytes: int = MAX_EVENT_BYTES, ignored: Collection[str] = ()
    ) -> None:
        self.violations: list[Violation] = []
        self._max_event_bytes, self._ignored = max_event_bytes, ignored
        self._line: list[bytes] = []
        self._data: list[str] = []
        self._event_bytes = 0
        self._event, self._id = "", ""
        self._retry = False
        self._number = self._lines = 0
        self.is_over = False  # the stream goes on, but beyond what is read of it
        self._first_line, self._after_cr, self._too_long = True, False, False

    def feed(self, piece: bytes) -> list[Event]:
        """Parse the next piece and return the events that are complete."""
        if self.is_over:
            return []
        # A CR ends a line at once. If the next piece begins with LF, it belongs to that CR.
        if self._after_cr and piece:
            self._after_cr = False
            piece = piece.removeprefix(b"\n")
        events: list[Event] = []
        start = 0
        for end in _LINE_END.finditer(piece):
            self._append(piece[start : end.start()])
            line = b"".join(self._line)
            self._line.clear()
            events.extend(self._parse_line(line))
            if self._is_too_large():
                return events
            start = end.end()
        self._append(piece[start:])
        self._after_cr = self._after_cr or piece.endswith(b"\r")
        return events

    def close(self) -> list[Event]:
        """End the stream. As in the standard, an event without its blank line is discarded.

        The end mark of a stream is returned all the same, since no client misses it.
        """
        line = b"".join(self._line)
        if line and not self.is_over:
            self._line.clear()
            self._parse_line(line)
        if not self._data or self.is_over:
            return []
        data = "\n".join(self._data)
        self._data.clear()
        expected = "a blank line after the last event"
        if data.strip() != END_MARK:
            self._add(expected, f"the end, and {_quote(data)} is lost")
            return []
        self._add(expected, "the end", "should")
        return [Event(self._number, self._event, data, self._id)]

    def _is_too_large(self) -> bool:
        """Count a line; after the last event or line that is read, the rest is one violation."""
        self._lines += 1
        limits = ((self._number, MAX_EVENTS, "events"), (self._lines, MAX_LINES, "lines"))
        for number, limit, name in limits:
            if number > limit:
                self.is_over = True
                self.violations.append(
                    Violation(SIZE_RULE, "body", f"at most {limit:,} {name}", "more")
                )
                break
        return self.is_over

    def _append(self, part: bytes) -> None:
        self._event_bytes += len(part)
        if part and self._event_bytes <= self._max_event_bytes:
            self._line.append(part)
        elif part:
            self._line = [b":"]  # A comment, so that the rest of the event is skipped.
            if not self._too_long:
                self._too_long = True
                self._add(f"an event of at most {self._max_event_bytes} bytes", "a longer one")

    def _parse_line(self, line: bytes) -> list[Event]:
        if self._first_line:
            self._first_line = False
            if line.startswith(_BOM):
                line = line[3:]
                got = "one, with which the Python SDKs lose the first event"
                self._add("no byte order mark", got, "should")  # the standard permits one
        if not line:
            return self._dispatch()
        try:
            text = line.decode("utf-8")
        except UnicodeDecodeError as error:
            text = line.decode("utf-8", "replace")
            self._add("UTF-8", f"the byte {line[error.start]:#04x} in {_quote(text)}")
        if not text.startswith(":"):
            self._parse_field(text)
        return []

    def _parse_field(self, line: str) -> None:
        name, colon, value = line.partition(":")
        value = value.removeprefix(" ")
        match name:
            case "data":
                self._data.append(value)
            case "event":
                self._event = value
            case "id" if "\0" in value:
                self._add("an id without the character NUL", _quote(value), "may")
            case "id":
                self._id = value
            case "retry":
                self._retry = value.isascii() and value.isdigit()
                if not self._retry:
                    self._add("retry: with digits only", _quote(value), "may")
            case _:
                # The standard ignores unknown fields. Other text is probably lost data.
                unknown = colon and _FIELD.fullmatch(name) and name.lower() not in _FIELDS
                level: Level = "may" if unknown else "must"
                self._add("data:, event:, id:, retry: or a comment", _quote(line), level)

    def _dispatch(self) -> list[Event]:
        self._event_bytes = 0
        data, self._data = self._data, []
        name, self._event = self._event, ""
        # The standard ignores an event without data, but the SDKs parse its data as JSON. They do
        # so whenever an id was set, since the id stays set for later events.
        without_data, self._retry = bool(name or self._id or self._retry), False
        if self._too_long:
            self._too_long = False
            return []
        if not data:
            if without_data:
                level: Level = "should" if name in self._ignored else "must"
                got = "one without, which SDKs read as empty data and fail on"
                self._add("data: in every event that has a name, an id or retry", got, level)
            return []
        event = Event(self._number, name, "\n".join(data), self._id)
        self._number += 1
        return [event]

    def _add(self, expected: str, got: str, level: Level = "must") -> None:
        known = level == "may" and any(each.expected == expected for each in self.violations)
        if len(self.violations) < MAX_VIOLATIONS and not known:
            at = f"event {self._number}"
            self.violations.append(Violation(RULE, at, expected, got, level))


def _quote(text: str) -> str:
    """Return the text in quotes, truncated to about 60 characters, without a raw NUL."""
    return ascii(text if len(text) <= 60 else text[:59] + "…") if "\0" in text else repr(text[:60])
