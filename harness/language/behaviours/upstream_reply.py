"""Translates the `upstream` key of a case for the mock provider."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from harness.model import Json

# The mock provider has its own names for these keys; transcripts contain them.
STOP_REASONS: Final = (
    *("end_turn", "max_tokens", "stop_sequence", "tool_use", "refusal", "pause_turn"),
)
USAGE: Final[Mapping[str, str]] = {
    "input_tokens": "input",
    "output_tokens": "output",
    "cache_read_input_tokens": "cache_read",
    "cache_creation_input_tokens": "cache_write",
}


def to_script(reply: Mapping[str, Json]) -> dict[str, Json]:
    """Return a case's `upstream` as the mock provider's reply script."""
    script = {key: value for key, value in reply.items() if key not in ("stop_reason", "stream")}
    if "stop_reason" in reply:
        reason = reply["stop_reason"]
        if isinstance(reason, Mapping):  # {stop_sequence: the sequence that was met}
            script |= reason
            [reason] = reason
        script["stop" if reason in STOP_REASONS else "native"] = reason
    if "usage" in reply:
        script["usage"] = {USAGE[key]: count for key, count in reply["usage"].items()}
    if "parts" in reply:
        script["parts"] = [part_script(part) for part in reply["parts"]]
    if "body" in script and not {"text", "parts"}.isdisjoint(script):
        script["extra"] = script.pop("body")
    script |= stream_script(reply.get("stream", {}))
    headers = [[name, value] for name, value in script.pop("headers", {}).items()]
    content_type = [value for name, value in headers if name.lower() == "content-type"]
    others = [pair for pair in headers if pair[0].lower() != "content-type"]
    if content_type:
        script["content_type"] = content_type[0]
    if others:
        script["headers"] = others
    return script


def part_script(part: Mapping[str, Json]) -> Mapping[str, Json]:
    """Return a part of the answer; a tool call, {tool: {NAME: arguments}}, has two keys there."""
    if "tool" not in part:
        return part
    [(name, arguments)] = part["tool"].items()
    return {"tool": {"name": name, "input": arguments}}


def stream_script(stream: Mapping[str, Json]) -> dict[str, Json]:
    script: dict[str, Json] = {}
    split = stream.get("split")
    if split == "bytes":
        script |= {"fragments": 1, "bytes": True}
    elif split is not None:
        script["cut" if isinstance(split, list) else "fragments"] = split
    if "pings" in stream:
        script["pings"] = stream["pings"]
    if "pause" in stream:
        script["gap"] = stream["pause"]
    for kind, deltas in stream.get("fail", {}).items():
        script["fail"] = {"after": deltas, "with": kind}
    return script
