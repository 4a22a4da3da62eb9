"""The `upstream` key: its JSON Schema, and its translation for the mock provider."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from harness.model import Json

TEXT: Final[Json] = {"type": "string"}
COUNT: Final[Json] = {"type": "integer", "minimum": 0}
STOP_REASONS: Final = [
    *("end_turn", "max_tokens", "stop_sequence", "tool_use", "refusal", "pause_turn"),
]
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


def described(schema: Json, description: str) -> dict[str, Json]:
    """Return a schema with a description."""
    return {**schema, "description": description}


PART: Final[Json] = {
    "type": "object",
    "minProperties": 1,
    "maxProperties": 1,
    "additionalProperties": False,
    "properties": {
        "text": described(TEXT, "Text of the answer."),
        "thinking": described(TEXT, "Reasoning before the answer."),
        "tool": {
            "type": "object",
            "description": "A tool call.",
            "required": ["name", "input"],
            "additionalProperties": False,
            "properties": {
                "name": described(TEXT, "Name of the tool."),
                "input": {"type": "object", "description": "Arguments of the call."},
            },
        },
    },
}
ERROR: Final[Json] = {
    "type": "object",
    "description": "An error object, written as the provider's protocol has it.",
    "required": ["type", "message"],
    "additionalProperties": False,
    "properties": {
        "type": described(TEXT, "Error type."),
        "message": described(TEXT, "Error message."),
    },
}
USAGE: Final[Json] = {
    "type": "object",
    "description": "Token counts to report.",
    "additionalProperties": False,
    "properties": {
        "input": described(COUNT, "Prompt tokens."),
        "output": described(COUNT, "Completion tokens."),
        "cache_read": described(COUNT, "Prompt tokens read from the cache."),
        "cache_write": described(COUNT, "Prompt tokens written to the cache."),
    },
}
STREAM: Final[Json] = {
    "type": "object",
    "description": "How the provider streams the answer.",
    "minProperties": 1,
    "additionalProperties": False,
    "properties": {
        "pieces": {
            "type": "array",
            "items": COUNT,
            "description": "Offsets at which the text is split into deltas.",
        },
        "delta_size": {
            "type": "integer",
            "minimum": 1,
            "description": "Characters in a delta, of text and of tool arguments.",
        },
        "byte_by_byte": {"type": "boolean", "description": "Write one byte at a time."},
        "pings": described(COUNT, "Number of keep-alive events or comments."),
        "pause": {
            "type": "number",
            "minimum": 0,
            "description": "Seconds to wait before the second delta.",
        },
        "fail": {
            "type": "object",
            "description": "Break off the stream.",
            "required": ["after", "with"],
            "additionalProperties": False,
            "properties": {
                "after": described(COUNT, "Number of deltas before the failure."),
                "with": {
                    "enum": ["error", "drop", "silence"],
                    "description": "An error event, a dropped connection, or no further bytes.",
                },
            },
        },
    },
}
UPSTREAM: Final[Json] = {
    "type": "object",
    "description": "Answer of the provider behind the gateway. Used only with `--upstream`.",
    "minProperties": 1,
    "additionalProperties": False,
    "properties": {
        "text": described(TEXT, "Text of the answer."),
        "parts": {
            "type": "array",
            "items": PART,
            "description": "Parts of the answer, in order, instead of `text`.",
        },
        "stop_reason": {
            "enum": STOP_REASONS,
            "description": "Stop reason in Anthropic's words; the provider's protocol has its own.",
        },
        "native_stop_reason": described(TEXT, "Stop reason, sent exactly as written."),
        "stop_sequence": described(TEXT, "The stop sequence that was met."),
        "usage": USAGE,
        "extra": {"type": "object", "description": "Merged over the answer and over every chunk."},
        "status": {
            "type": "integer",
            "minimum": 100,
            "maximum": 599,
            "description": "HTTP status. Default: 200.",
        },
        "headers": {
            "type": "object",
            "additionalProperties": TEXT,
            "description": "Response headers.",
        },
        "error": ERROR,
        "body": {"type": "object", "description": "JSON body, sent exactly as written."},
        "raw": described(TEXT, "Body, sent exactly as written."),
        "stream": STREAM,
    },
}
