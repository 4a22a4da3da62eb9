"""Recognizes a first answer that no LLM API gives: a web page, a text, or JSON of something else.

A JSON answer with a wrong shape is a fault for the cases to find.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Final

from harness.model import Exchange, Json
from harness.report.text import one_line
from harness.util import media_type

READ: Final = 65_536  # bytes of the body
TITLE: Final = re.compile(rb"<title[^>]{0,200}>([^<]{0,500})", re.IGNORECASE)
MARKUP: Final = re.compile(rb"\s*<(?:!doctype|html|head|body|\?xml)", re.IGNORECASE)
EVENTS: Final = re.compile(rb"\s*(?:data|event|id|retry)?:")
# Members of the answers and errors of all protocols. JSON is something else if it has none of the
# first, and fewer than two of the second, which other services use as well.
KNOWN: Final = {
    *("object", "model", "choices", "usage", "system_fingerprint", "error", "role", "content"),
    *("stop_reason", "stop_sequence", "output", "finish_reason", "embedding", "detail"),
}
COMMON: Final = {
    *("id", "created", "created_at", "type", "status_code", "data", "request_id", "text"),
}


def describe_other_answer(exchange: Exchange) -> str:
    """Return what a complete first answer is, if no API gives such an answer; otherwise ""."""
    body = exchange.body[:READ]
    if exchange.end != "complete":
        return ""
    if not body.strip():
        return "an empty body"
    kind = one_line(media_type.first_of(exchange.headers)) or "no content type"
    is_page = MARKUP.match(body) or "html" in kind
    if is_page and body.lstrip()[:1] not in b"{[":
        title = TITLE.search(body)
        return f"a web page ({kind}{quoted(title[1] if title else b'')})"
    try:
        value = json.loads(exchange.body)
    except (ValueError, RecursionError):
        is_broken_api = body.lstrip()[:1] in b"{[" or EVENTS.match(body) or "json" in kind
        return "" if is_broken_api else f"a text ({kind}{quoted(body)})"
    if isinstance(value, dict) and is_known(value):
        return ""
    return f"JSON of something else ({kind}{quoted(body)})"


def is_known(value: Mapping[str, Json]) -> bool:
    """Return whether an object can be meant as the answer of an LLM API."""
    return not value or bool(KNOWN & value.keys()) or len(COMMON & value.keys()) > 1


def quoted(text: bytes) -> str:
    """Return the first words of a text after a comma, in quotation marks; "" if there are none."""
    words = one_line(text.decode("utf-8", "replace"), 80)
    return f': "{words}"' if words else ""
