"""Translates the `upstream` key of a case for the mock provider."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from harness.model import Json

# The mock provider has its own names for these keys; transcripts contain them.
STREAM_KEYS: Final[Mapping[str, str]] = {
    "pieces": "cut",
    "delta_size": "fragments",
    "byte_by_byte": "bytes",
    "pings": "pings",
    "pause": "gap",
    "fail": "fail",
}
KEYS: Final[Mapping[str, str]] = {"stop_reason": "stop", "native_stop_reason": "native"}


def to_script(reply: Mapping[str, Json]) -> dict[str, Json]:
    """Return a case's `upstream` as the mock provider's reply script."""
    script = {KEYS.get(key, key): value for key, value in reply.items() if key != "stream"}
    script |= {STREAM_KEYS[key]: value for key, value in reply.get("stream", {}).items()}
    headers = [[name, value] for name, value in script.pop("headers", {}).items()]
    content_type = [value for name, value in headers if name.lower() == "content-type"]
    others = [pair for pair in headers if pair[0].lower() != "content-type"]
    if content_type:
        script["content_type"] = content_type[0]
    if others:
        script["headers"] = others
    return script
