"""Finds keys in bytes, however they are written.

A key is found as it is, in small or capital letters only, with any of its characters escaped for
JSON (also JSON within JSON), a URL or HTML, and inside Base64 at any alignment, which may be
escaped as well, and in UTF-16.

Every repetition in the patterns is bounded, so that the time grows with the data and no faster.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Iterable, Iterator, Mapping
from html.entities import html5
from typing import Final

Span = tuple[int, int, bytes]  # start, end, what stands there instead
NESTED: Final = 16  # backslashes in a row, and repeated escapes of `%` and `&`
PARTIAL: Final = 8  # characters of a key's beginning that cannot be there by chance
WIDE: Final = ("utf-16-le", "utf-16-be")
NAMES: Final[Mapping[str, list[str]]] = {
    character: [
        name[:-1] for name, value in html5.items() if value == character and name[-1] == ";"
    ]
    for character in {value for value in html5.values() if len(value) == 1}
}


class KeyFinder:
    """Finds keys, given with what replaces them."""

    def __init__(self, keys: Mapping[str, bytes]) -> None:
        self.forms: dict[str, bytes] = {}
        for key, label in keys.items():
            for form in forms_of(key):
                self.forms.setdefault(form, label)
        self.plain = [
            (form.encode("utf-8", "surrogatepass"), by) for form, by in self.forms.items()
        ]
        self.plain += [
            (key.encode(each, "surrogatepass"), by) for key, by in keys.items() for each in WIDE
        ]
        self.patterns = [(compiled(escapable(form)), by) for form, by in self.forms.items()]
        self.escape = compiled(any_escaped("".join(self.forms)))

    def find(self, data: bytes) -> list[Span]:
        """Return where keys are, in order; overlapping keys are one span."""
        spans: list[Span] = []
        if self.escape.search(data):
            for pattern, label in self.patterns:
                spans += ((each.start(), each.end(), label) for each in pattern.finditer(data))
        for needle, label in self.plain:
            start = data.find(needle)
            while start >= 0:
                spans.append((start, start + len(needle), label))
                start = data.find(needle, start + 1)
        return merged(spans)

    def find_beginning(self, data: bytes) -> list[Span]:
        """Return the beginning of a key with which the data end, if they do."""
        for needle, label in self.plain:
            first = data.find(needle[:PARTIAL], max(0, len(data) - len(needle)))
            for length in range(len(data) - first if first >= 0 else 0, PARTIAL - 1, -1):
                if data.endswith(needle[:length]):
                    return [(len(data) - length, len(data), label)]
        return []

    def find_parts(self, data: bytes) -> list[Span]:
        """Return where keys or their beginnings are, for a text from which others quote a part."""
        spans = self.find(data)
        for needle, label in self.plain:
            start = data.find(needle[:PARTIAL]) if len(needle) >= PARTIAL else -1
            while start >= 0:
                length = common_length(needle, data[start : start + len(needle)])
                spans.append((start, start + length, label))
                start = data.find(needle[:PARTIAL], start + length)
        return merged(spans)


def merged(spans: Iterable[Span]) -> list[Span]:
    """Return the spans in order, with overlapping ones as one."""
    result: list[Span] = []
    for start, end, label in sorted(spans, key=lambda span: (span[0], -span[1])):
        if result and start < result[-1][1]:
            first, last, first_label = result[-1]
            result[-1] = (first, max(last, end), first_label)
        else:
            result.append((start, end, label))
    return result


def common_length(one: bytes, other: bytes) -> int:
    pairs = enumerate(zip(one, other, strict=False))
    return next((index for index, (a, b) in pairs if a != b), min(len(one), len(other)))


def forms_of(key: str) -> Iterator[str]:
    """Yield the key in each case, and its Base64 at each alignment without what neighbours change.

    A form that is too short to be the key's alone is left out.
    """
    yield from (key, key.lower(), key.upper())
    raw = key.encode("utf-8", "surrogatepass")
    for before in range(3):
        first, last = -(-8 * before // 6), 8 * (before + len(raw)) // 6
        for encode in (base64.b64encode, base64.urlsafe_b64encode):
            yield encode(b"\0" * before + raw)[first:last].decode()


def compiled(pattern: str) -> re.Pattern[bytes]:
    return re.compile(pattern.encode("latin-1"))


def escapable(text: str) -> str:
    """Return the pattern of a text in which each character may be escaped.

    Backslashes may stand before any further character, since they may be escapes of escapes; those
    of the text itself are therefore not looked for.
    """
    backslash = rf"(?:{escaped(chr(92))})?"
    pattern, after_backslash = "", False
    for character in text:
        if character == "\\":
            after_backslash = True
            continue
        plain = re.escape(character.encode("utf-8", "surrogatepass")).decode("latin-1")
        pattern += backslash if after_backslash else ""
        # Before the text, they may belong to what stands there.
        may_follow = rf"\\{{0,{NESTED}}}" if pattern or character in '"/' else ""
        pattern += rf"(?:{may_follow}(?:{plain})|{escaped(character)})"
        after_backslash = False
    return pattern or r"\\{4,}"


def escaped(character: str) -> str:
    """Return the pattern of a character that is escaped for JSON, a URL or HTML."""
    units, raw = json_units(character), character.encode("utf-8", "surrogatepass")
    json = "".join(rf"\\{{1,{NESTED}}}u{hexadecimal(unit)}" for unit in units)
    url = "".join(rf"%(?:25){{0,{NESTED}}}{hexadecimal(f'{byte:02x}')}" for byte in raw)
    html = rf"&(?:amp;?){{0,{NESTED}}}(?:{'|'.join(entities(character))});?"
    return rf"{json}|{url}|{html}"


def any_escaped(characters: str) -> str:
    """Return a pattern that is in each text with one of the characters escaped.

    Each alternative begins with a letter of its own, which makes the search fast.
    """
    every = sorted({*characters})
    units = sorted({json_units(each)[0] for each in every})
    first = sorted({f"{each.encode('utf-8', 'surrogatepass')[0]:02x}" for each in every})
    # A backslash before these has another meaning in JSON, or is that of an escape.
    bare = "".join(re.escape(each) for each in every if each.isascii() and each not in "bfnrtu\\")
    json = rf"\\(?:u(?:{'|'.join(map(hexadecimal, units))})|[{bare or 'x'}])"
    url = rf"%(?:25){{0,{NESTED}}}(?:{'|'.join(map(hexadecimal, first))})"
    names = "|".join(name for each in every for name in entities(each))
    return rf"{json}|{url}|&(?:amp;?){{0,{NESTED}}}(?:{names or 'x'})"


def json_units(character: str) -> list[str]:
    units = character.encode("utf-16-be", "surrogatepass").hex()
    return [units[at : at + 4] for at in range(0, len(units), 4)]


def entities(character: str) -> list[str]:
    """Return the patterns of a character's entities in HTML, without `&` and `;`."""
    code = ord(character)
    zeros = f"0{{0,{NESTED}}}"
    names = sorted(NAMES.get(character, ()), key=len, reverse=True)
    return [rf"\#{zeros}{code}", rf"\#[xX]{zeros}{hexadecimal(f'{code:x}')}", *names]


def hexadecimal(digits: str) -> str:
    """Return the pattern of hexadecimal digits in small and capital letters."""
    return "".join(f"[{d}{d.upper()}]" if d.isalpha() else d for d in digits)
