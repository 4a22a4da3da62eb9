"""Text of others that is safe to print: it cannot steer a terminal or the log of a CI system."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Final

from harness.model import Json

SURROGATES: Final = re.compile("[\ud800-\udfff]")
# Control characters (terminal escapes among them), and marks that change the text direction.
INVISIBLE: Final = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]"
)
# Commands of GitHub Actions (`::error::`, `##[error]`), Azure Pipelines and TeamCity.
COMMAND: Final = re.compile(r"^(\s*):(?=:)|#(?=#\[|#vso\[|#teamcity\[)", re.MULTILINE)


def visible(text: str) -> str:
    """Return the text with control characters as their codes; line breaks and tabs are kept."""
    if text.isprintable():  # most are, and have none of these characters
        return text
    unified = SURROGATES.sub("\ufffd", text).replace("\r\n", "\n")
    return INVISIBLE.sub(lambda match: f"\\x{ord(match[0]):02x}", unified)


def visible_data(value: Json) -> Json:
    """Return data with every text visible."""
    return with_texts(value, visible)


def printable_json(text: str) -> str:
    """Return the text of JSON with control characters in strings as escapes; its data are equal."""
    if text.isascii() and "\x7f" not in text:  # JSON has escapes for the other ones
        return text
    return INVISIBLE.sub(lambda match: f"\\u{ord(match[0]):04x}", text)


def printable(text: str) -> str:
    """Return the text for a terminal: visible, and no line of it is a command of a CI system."""
    return without_commands(visible(text))


def without_commands(text: str) -> str:
    """Return the text with a blank in each place where a CI system would read a command."""
    return COMMAND.sub(lambda match: f"{match[0]} ", text)


def printable_name(name: object, limit: int = 300) -> str:
    """Return a name for a terminal, on one line: line breaks and tabs are codes as well."""
    text = re.sub("[\t\n]", lambda match: f"\\x{ord(match[0]):02x}", visible(str(name)))
    return printable(text if len(text) <= limit else f"{text[: limit - 1]}…")


def printable_data(value: Json) -> Json:
    """Return data with every text on one line and safe to print, for a template of text."""
    return with_texts(value, printable_name)


def with_texts(value: Json, change: Callable[[str], str]) -> Json:
    """Return data with each text and each name of a member changed; tuples become lists."""
    if isinstance(value, str):
        return change(value)
    if value is None or isinstance(value, int | float):
        return value  # the next question takes longer
    if isinstance(value, Mapping):
        return {change(name): with_texts(item, change) for name, item in value.items()}
    if isinstance(value, list | tuple):
        return [with_texts(item, change) for item in value]
    return value
