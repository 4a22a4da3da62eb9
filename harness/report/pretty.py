"""A body -> as a person reads it, cut with a note on the rest. Pure."""

from __future__ import annotations

import json

from harness.report.text import plural, visible
from harness.util import strict_json

BODY = 6_000


def pretty(text: str) -> tuple[str, str]:
    """JSON indented, anything else (JSON with doubled keys too) as it is; a note on the rest."""
    parsed = strict_json.parse(text)
    if not parsed.problem and not parsed.remarks:
        text = json.dumps(parsed.value, indent=2, ensure_ascii=False)
    shown, left_out = visible(text[:BODY]), len(text) - BODY
    return (
        shown,
        f"{plural(left_out, 'more character')} in transcript.jsonl" if left_out > 0 else "",
    )
