"""Any text -> text that can be written and read: no lone surrogates, nothing invisible. Pure."""

from __future__ import annotations

import json
import re

from harness.model import Json

SURROGATES = re.compile("[\ud800-\udfff]")
# Control characters (terminal escapes among them), and the marks that turn text around.
INVISIBLE = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]"
)
MOST = 2000


def writable(value: Json) -> Json:
    """The same data without what no UTF-8 file can hold; answers may carry lone surrogates."""
    if isinstance(value, str):
        return SURROGATES.sub("\ufffd", value)
    if isinstance(value, dict):
        return {writable(key): writable(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [writable(inner) for inner in value]
    return value


def visible(text: str) -> str:
    """Line breaks and tabs stay; every other control character is shown as its code."""
    plain = SURROGATES.sub("\ufffd", text).replace("\r\n", "\n")
    return INVISIBLE.sub(lambda match: f"\\x{ord(match[0]):02x}", plain)


def one_line(text: str, most: int = 200) -> str:
    """For tables and terminals: visible, on one line, cut at `most` characters."""
    return cut(" ".join(visible(text).split()), most)


def cut(text: str, most: int = MOST) -> str:
    return text if len(text) <= most else f"{text[: most - 1].rstrip()}…"


def compact(value: Json, most: int = 60) -> str:
    """A value as JSON on one line, cut."""
    return one_line(json.dumps(writable(value), ensure_ascii=False), most)


def kept(value: Json) -> Json:
    """A shot's value for report.json: as it is, or the beginning of its JSON if it is huge."""
    shown = json.dumps(writable(value), ensure_ascii=False)
    return writable(value) if len(shown) <= MOST else f"{shown[:200]}… ({len(shown)} characters)"


def plural(number: int, one: str, many: str = "") -> str:
    return f"{number:,} {one if number == 1 else many or one + 's'}"
