"""Short texts for values in messages."""

from __future__ import annotations

import json

from harness.model import Json


def format_value(value: Json, longest: int = 160) -> str:
    """Return a value as JSON, truncated to `longest` characters."""
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= longest else f"{text[:longest]}... ({len(text)} characters)"
