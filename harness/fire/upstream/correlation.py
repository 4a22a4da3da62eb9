"""Shot -> a mark in the text that it sends, and texts -> the same without marks. May not send.

A gateway drops headers, but hands the user's words to its provider: so the mark is in the text of
the first user message, of one length for all shots, and taken out wherever a text comes back.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from harness.model import Call, Json

# As it is in a text, or in JSON within JSON, however often escaped.
_MARK: Final = re.compile(r"(?:\n|\\+n|\\+u000a)?\[ref:[0-9a-f]{8}\]")


def mark_of(shot: str) -> str:
    return hashlib.sha256(shot.encode("utf-8", "surrogatepass")).hexdigest()[:8]


def marked(call: Call, mark: str) -> Call | None:
    """The call with its mark, or None for one that has no user's text to carry it."""
    body = call.body
    messages = body.get("messages") if isinstance(body, Mapping) else None
    if not isinstance(messages, list) or call.client:
        return None
    for index, message in enumerate(messages):
        if isinstance(message, Mapping) and message.get("role") == "user":
            content = with_mark(message.get("content"), f"\n[ref:{mark}]")
            if content is None:
                return None
            changed = [*messages[:index], {**message, "content": content}, *messages[index + 1 :]]
            return replace(call, body={**body, "messages": changed})
    return None


def with_mark(content: Json, text: str) -> Json:
    """At the end of a text, or of the first part that is one; None where there is none."""
    if isinstance(content, str):
        return content + text
    for index, part in enumerate(content if isinstance(content, list) else ()):
        if isinstance(part, Mapping) and isinstance(part.get("text"), str):
            first = {**part, "text": part["text"] + text}
            return [*content[:index], first, *content[index + 1 :]]
    return None


def without(text: str) -> str:
    return _MARK.sub("", text)
