"""The data of report.json -> its text, the same for the same data. May not choose where it goes."""

from __future__ import annotations

import json
from typing import Any

from harness.report.text import writable


def render(report: dict[str, Any]) -> str:
    """UTF-8 without escapes, two spaces, one line break at the end: fit for a diff."""
    return json.dumps(writable(report), indent=2, ensure_ascii=False) + "\n"
