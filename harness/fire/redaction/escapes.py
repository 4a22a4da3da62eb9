r"""Removes escapes: those of JSON, URLs, HTML and quoted-printable, and the breaks of folded lines.

An escape may be escaped again, as in JSON within JSON (`\\u0073`) and URLs within URLs (`%2573`);
it is removed at once. Every pattern is linear in the text.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from html.entities import html5
from typing import Final

from harness.fire.redaction.encodings import DIVIDED, Encoding, Part

NESTED: Final = 16  # repeated escapes of `%` and `&`, and zeros before the number of a character
MAX_CODE: Final = 0x10FFFF
HEX: Final = "[0-9a-fA-F]"
ASCII: Final = "[3-9][0-9]|1[01][0-9]|12[0-7]"  # the numbers of its visible characters
ESCAPE: Final = re.compile(
    # Backslashes before any other character are left out: they may be escapes of escapes.
    rf"\\\\*+(?:u(?P<high>[dD][89abAB]{HEX}{{2}})\\++u(?P<low>[dD][c-fC-F]{HEX}{{2}})"
    rf"|u(?P<json>{HEX}{{4}})|u\{{0{{0,{NESTED}}}(?P<brace>{HEX}{{1,6}})\}}"
    rf"|x(?P<byte>{HEX}{{2}})|(?P<mark>[\"/]))?"
    rf"|%(?:(?:25){{0,{NESTED}}}(?P<url>{HEX}{{2}})|u(?P<wide>{HEX}{{4}}))"
    # Without a semicolon, digits may follow that do not belong to the number.
    rf"|&(?:amp;?){{0,{NESTED}}}(?:\#0{{0,{NESTED}}}(?P<decimal>[0-9]{{1,7}}(?=;)|{ASCII})"
    rf"|\#[xX]0{{0,{NESTED}}}(?P<hex>{HEX}{{1,6}}(?=;)|[2-7]{HEX})"
    r"|(?P<name>[A-Za-z][A-Za-z0-9]{1,30}(?=;)));?".encode()
)
OTHER: Final = re.compile(rb"[%&]|\\[ux]")  # what ESCAPE can match beside plain backslashes
LINE: Final = r"[^\s\"{}\[\](),:;\\]"  # a folded line has none of these at its end
BREAK: Final = r"r\\++n|n|u000[dD]\\++u000[aA]|u000[aA]"
QUOTED: Final = re.compile(rf"=(?:\r\n?|\n|\\++(?:{BREAK})|(?P<byte>{HEX}{{2}}))".encode())
FOLD: Final = re.compile(
    rf"\n(?<={LINE}{{8}}\n)[ \t]*+(?={LINE})|\r(?<={LINE}{{8}}\r)\n?[ \t]*+(?={LINE})"
    rf"|\\(?<={LINE}{{8}}\\)\\*+(?:{BREAK})[ \t]*+(?={LINE})".encode()
)
ZEROS: Final = re.compile(rb"\x00\x00*+")  # UTF-16 and UTF-32 have them in the characters of a key
NAMES: Final = {name[:-1]: text.encode() for name, text in html5.items() if name.endswith(";")}


def meaning_of(match: re.Match[bytes]) -> bytes | None:
    """Return what an escape means, or None if it is not one."""
    kind = match.lastgroup
    if kind is None:
        return b""
    digits = match[kind]
    if kind in ("url", "byte"):
        return bytes((int(digits, 16),))
    if kind == "mark":
        return digits
    if kind == "name":
        return NAMES.get(digits.decode())
    if kind == "low":
        return bytes.fromhex((match["high"] + digits).decode()).decode("utf-16-be").encode()
    code = int(digits, 10 if kind == "decimal" else 16)
    return chr(code).encode("utf-8", "surrogatepass") if code <= MAX_CODE else None


def escapes(pattern: re.Pattern[bytes], without_call: bool = False) -> Encoding:
    """Return the encoding whose escapes match a pattern.

    Args:
        without_call: Whether it only leaves out backslashes where `OTHER` finds nothing.
    """

    def replacement(match: re.Match[bytes]) -> bytes:
        text = meaning_of(match)
        return match[0] if text is None else text

    def decode(data: bytes) -> bytes:
        if without_call and not OTHER.search(data):
            return data.replace(b"\\", b"") if b"\\" in data else b""
        return pattern.sub(replacement, data) if pattern.search(data) else b""

    def parts(data: bytes) -> Iterator[Part]:
        position = 0
        for match in pattern.finditer(data):
            start, end = match.span()
            yield Part(position, start, data[position:start], DIVIDED)
            text = meaning_of(match)
            yield Part(start, end, match[0], DIVIDED) if text is None else Part(start, end, text)
            position = end
        yield Part(position, len(data), data[position:], DIVIDED)

    return Encoding(decode, parts)


ESCAPED: Final = escapes(ESCAPE, without_call=True)
WITH_ESCAPES: Final = (ESCAPED, escapes(QUOTED), escapes(FOLD), escapes(ZEROS))
