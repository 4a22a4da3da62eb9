"""The words with which a server explains an error, whatever the form of its body.

Servers send errors as the object of their protocol, as `{"detail": ...}` (FastAPI), as a problem
document (RFC 9457), as a stream with an error event, as HTML or as plain text.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from harness.model import Json
from harness.util import json_pointer
from harness.util.printable import visible
from harness.util.strict_json import parse

MAX_READ: Final = 20_000  # characters of a body that are looked at
MAX_WORDS: Final = 300
# JSON Pointers of the message and of the type, the most specific first.
MESSAGES: Final = (
    "/error/message",
    "/error/error/message",
    "/error/detail",
    "/error",
    "/message",
    "/detail/message",
    "/detail/error/message",
    "/detail",
    "/errors/0/message",
    "/errors/0",
    "/title",
)
TYPES: Final = ("/error/type", "/error/error/type", "/type", "/error/code", "/code")
TITLE: Final = re.compile(r"<title>([^<]{1,200})", re.IGNORECASE)


def error_words(text: str) -> tuple[str, str]:
    """Return (type, message) of the body of an error; empty texts for what it does not say."""
    text = text[:MAX_READ].strip()
    body = parse(data_of_event(text)).value
    if isinstance(body, list) and body:
        body = body[0]
    if isinstance(body, dict):
        return first_text(body, TYPES), first_text(body, MESSAGES) or validation_error(body)
    if isinstance(body, str):
        return "", shorten(body)
    title = TITLE.search(text)
    return "", shorten(title[1] if title else "" if text.startswith("<") else text)


def data_of_event(text: str) -> str:
    """Return the data of the first event of a stream, or the text itself."""
    if not text.startswith(("event:", "data:")):
        return text
    lines = text.splitlines()
    return next((line[5:].strip() for line in lines if line.startswith("data:")), text)


def validation_error(body: Json) -> str:
    """Return the first error of FastAPI's list of validation errors, with its place."""
    first = json_pointer.resolve(body, "/detail/0")
    if not isinstance(first, dict) or not isinstance(first.get("msg"), str):
        return ""
    place = first.get("loc")
    names = [str(each) for each in place] if isinstance(place, list) else []
    return shorten(f"{first['msg']}: {'.'.join(names)}" if names else first["msg"])


def first_text(body: Json, pointers: Sequence[str]) -> str:
    values = (json_pointer.resolve(body, pointer) for pointer in pointers)
    return next((shorten(value) for value in values if isinstance(value, str) and value), "")


def shorten(text: str) -> str:
    """Return the text on one line, at most MAX_WORDS characters."""
    line = " ".join(visible(text).split())
    return line if len(line) <= MAX_WORDS else f"{line[:MAX_WORDS].rstrip()}…"
