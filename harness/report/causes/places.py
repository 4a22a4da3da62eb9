"""Places of findings in one form, whether an answer is plain or a stream."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

# The beginnings of places in events, with the places of the same values in a plain answer.
IN_EVENTS: Final = (
    ("/choices/*/delta", "/choices/*/message"),
    ("/delta/stop_", "/stop_"),
    ("/delta/usage", "/usage"),
    ("/delta/", "/content/*/"),
    ("/content_block", "/content/*"),
    ("/message/", "/"),
)
OTHERS: Final = "+…"  # after the first of several names in one path
NAMES: Final = re.compile("""['"]([^'"]*)['"]""")


def canonical(at: str) -> str:
    """Return the place of a finding as a JSON Pointer without indices, the same in both modes.

    Example:
        `/choices/*/message/content` for `$.choices[0].message.content`, and for the place
        `events /3/choices/0/delta/content`.
    """
    start = min((i for i in (at.find("$"), at.find("/")) if i >= 0), default=-1)
    if start < 0:
        return "event *" if at.startswith("event ") else at
    head, path = at[:start].strip(), at[start:]
    tokens = list(path_tokens(path) if path.startswith("$") else pointer_tokens(path))
    if head == "events":
        tokens = tokens[1:]
    place = "".join(f"/{token}" for token in tokens)
    if head.startswith("event"):
        event = next(((old, new) for old, new in IN_EVENTS if place.startswith(old)), None)
        return event[1] + place.removeprefix(event[0]) if event else place
    return f"{head} {place}".strip()


def pointer_tokens(pointer: str) -> Iterator[str]:
    for token in pointer.split("/")[1:]:
        yield "*" if token.isdecimal() or token == "*" else token


def path_tokens(path: str) -> Iterator[str]:
    """Yield the names of a JSONPath, the first of several; an index or a filter is `*`."""
    position = 1
    while position < len(path):
        end = segment_end(path, position)
        segment = path[position:end]
        if not segment.startswith("["):
            yield segment.lstrip(".") or "*"
        else:
            names = NAMES.findall(segment) if segment[1:2] in ("'", '"') else []
            yield names[0] + (OTHERS if names[1:] else "") if names else "*"
        position = end


def segment_end(path: str, position: int) -> int:
    """Return where a segment ends: `.name`, or brackets with what is in them."""
    if path[position] != "[":
        ends = [i for i in (path.find(mark, position + 1) for mark in ".[") if i > position]
        end = min(ends, default=len(path))
        return end if end > position + 1 or path[position] != "." else end + 1
    depth = 0
    for index in range(position, len(path)):
        depth += {"[": 1, "]": -1}.get(path[index], 0)
        if depth == 0:
            return index + 1
    return len(path)
