"""Reads a provider's HTTP reply: bytes, JSON objects and stream events."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

from harness.testbed.gateway.endpoint import Body, Reply, header_values
from harness.testbed.gateway.model_types import Json

_LINE_END = re.compile(r"\r\n|\n|\r")


def received_bytes(reply: Reply) -> bytes:
    """The bytes that arrived. The last chunk of a dropped reply did not."""
    chunks = reply["chunks"]
    return b"".join(chunks[:-1] if is_dropped(reply) else chunks)


def is_dropped(reply: Reply) -> bool:
    return bool(reply["end"] == "drop")


def is_stream(reply: Reply) -> bool:
    return any(
        "event-stream" in kind.lower() for kind in header_values(reply["headers"], "content-type")
    )


def parse_object(data: bytes) -> Body:
    """Parses a JSON object. Returns an empty one if the data is anything else."""
    try:
        value = json.loads(data)
    except (ValueError, RecursionError):
        return {}
    return value if isinstance(value, dict) else {}


def events(data: bytes) -> Iterator[Body]:
    """Yields the JSON object of each stream event. Comments and end marks carry none."""
    lines: list[str] = []
    for line in _LINE_END.split(data.decode("utf-8", "replace")):
        if line.startswith("data:"):
            lines.append(line[5:].removeprefix(" "))
        elif not line and lines:
            event = parse_object("\n".join(lines).encode())
            lines = []
            if event:
                yield event


def parse_arguments(text: str) -> Json:
    """Parses the arguments of a tool call. Returns None if they are not a JSON object."""
    try:
        value = json.loads(text or "{}")
    except ValueError:
        return None
    return value if isinstance(value, dict) else None
