"""What the provider is to answer behind the gateway, as a case says it: its JSON Schema. Data."""

from __future__ import annotations

from harness.model import Json

TEXT: Json = {"type": "string"}
COUNT: Json = {"type": "integer", "minimum": 0}
PART: Json = {
    "type": "object",
    "minProperties": 1,
    "maxProperties": 1,
    "additionalProperties": False,
    "properties": {
        "text": TEXT,
        "thinking": TEXT,
        "tool": {
            "type": "object",
            "required": ["name", "input"],
            "additionalProperties": False,
            "properties": {"name": TEXT, "input": {"type": "object"}},
        },
    },
}
STOPS: Json = [
    *("end_turn", "max_tokens", "stop_sequence", "tool_use", "refusal", "pause_turn"),
]
HOW: dict[str, Json] = {
    "status": {"type": "integer", "minimum": 100, "maximum": 599},
    "headers": {
        "type": "array",
        "items": {"type": "array", "items": TEXT, "minItems": 2, "maxItems": 2},
    },
    "content_type": TEXT,
    "raw": {**TEXT, "description": "a body as it is"},
    "body": {"type": "object", "description": "a JSON body as it is"},
    "error": {
        "type": "object",
        "description": "written as the provider's own error object",
        "required": ["type", "message"],
        "additionalProperties": False,
        "properties": {"type": TEXT, "message": TEXT},
    },
}
SAID: dict[str, Json] = {
    "text": TEXT,
    "parts": {"type": "array", "items": PART},
    "stop": {"enum": STOPS, "description": "in Anthropic's words, written in the provider's"},
    "native": {**TEXT, "description": "the provider's reason, as it is"},
    "stop_sequence": TEXT,
    "usage": {
        "type": "object",
        "additionalProperties": False,
        "properties": dict.fromkeys(("input", "output", "cache_read", "cache_write"), COUNT),
    },
    "extra": {"type": "object", "description": "laid over the answer, and over every chunk"},
}
STREAMED: dict[str, Json] = {
    "cut": {"type": "array", "items": COUNT, "description": "the text in pieces so long"},
    "fragments": {"type": "integer", "minimum": 1, "description": "characters in a delta"},
    "bytes": {"type": "boolean", "description": "one byte for each write"},
    "pings": COUNT,
    "gap": {"type": "number", "minimum": 0, "description": "seconds before the second delta"},
    "fail": {
        "type": "object",
        "required": ["after", "with"],
        "additionalProperties": False,
        "properties": {
            "after": {**COUNT, "description": "so many deltas"},
            "with": {"enum": ["error", "drop", "silence"]},
        },
    },
}
UPSTREAM: Json = {
    "type": "object",
    "description": "what the provider behind the gateway answers; only with --upstream",
    "required": ["reply"],
    "additionalProperties": False,
    "properties": {
        "reply": {
            "type": "object",
            "minProperties": 1,
            "additionalProperties": False,
            "properties": {**HOW, **SAID, **STREAMED},
        }
    },
}
