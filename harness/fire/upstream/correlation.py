"""Marks the text of a request, so that it is recognized when the gateway forwards it.

A gateway drops headers but passes the user's text to its provider. So the mark is part of the first
user message. All marks have the same length, and they are removed from every text that comes back.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from harness.model import Call, Json

# The newline before a mark may be escaped for JSON, also several times.
_MARK: Final = re.compile(r"(?:\n|\\+n|\\+u000a)?\[ref:[0-9a-f]{8}\]")


def correlation_id(shot: str) -> str:
    """Returns the eight hexadecimal digits that identify a shot."""
    return hashlib.sha256(shot.encode("utf-8", "surrogatepass")).hexdigest()[:8]


def add_mark(call: Call, mark: str) -> Call | None:
    """Returns the call with its mark, or None if it has no user text that can carry one."""
    body = call.body
    messages = body.get("messages") if isinstance(body, Mapping) else None
    if not isinstance(messages, list) or call.client:
        return None
    for index, message in enumerate(messages):
        if isinstance(message, Mapping) and message.get("role") == "user":
            content = append_text(message.get("content"), f"\n[ref:{mark}]")
            if content is None:
                return None
            marked = [*messages[:index], {**message, "content": content}, *messages[index + 1 :]]
            return replace(call, body={**body, "messages": marked})
    return None


def append_text(content: Json, text: str) -> Json:
    """Appends to a text, or to the first text part of a content list; None if there is no text."""
    if isinstance(content, str):
        return content + text
    for index, part in enumerate(content if isinstance(content, list) else ()):
        if isinstance(part, Mapping) and isinstance(part.get("text"), str):
            first = {**part, "text": part["text"] + text}
            return [*content[:index], first, *content[index + 1 :]]
    return None


def remove_marks(text: str) -> str:
    """Returns the text without marks, also where it contains JSON."""
    return _MARK.sub("", text)
