"""A provider's reply -> its bytes, its JSON, the events of its stream. May not know a protocol."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

from harness.testbed.gateway.endpoint import Body, Reply, sent
from harness.testbed.gateway.model_types import Json

_END = re.compile(r"\r\n|\n|\r")


def heard(reply: Reply) -> bytes:
    """All that arrived; of a reply that was dropped the last piece did not."""
    chunks = reply["chunks"]
    return b"".join(chunks[:-1] if dropped(reply) else chunks)


def dropped(reply: Reply) -> bool:
    return bool(reply["end"] == "drop")


def streamed(reply: Reply) -> bool:
    return any("event-stream" in kind for kind in sent(reply["headers"], "content-type"))


def parsed(data: bytes) -> Body:
    """The object in a body; an empty one where there is none."""
    try:
        found = json.loads(data)
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def events(data: bytes) -> Iterator[Body]:
    """What the events of a stream carry, one object each; comments and end marks carry nothing."""
    lines: list[str] = []
    for line in _END.split(data.decode("utf-8", "replace")):
        if line.startswith("data:"):
            lines.append(line[5:].removeprefix(" "))
        elif not line and lines:
            event = parsed("\n".join(lines).encode())
            lines = []
            if event:
                yield event


def arguments(text: str) -> Json:
    """The arguments of a call as an object; None where they are none."""
    try:
        found = json.loads(text or "{}")
    except ValueError:
        return None
    return found if isinstance(found, dict) else None
