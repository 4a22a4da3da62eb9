"""The data of report.json <-> its text, the same for the same data. May not open files."""

from __future__ import annotations

import json
from typing import Any, Final

from harness.report.text import writable
from harness.util import json_schema
from harness.util.errors import UsageError

FORMAT: Final = 1


def render(report: dict[str, Any]) -> str:
    """UTF-8 without escapes, two spaces, one line break at the end: fit for a diff."""
    return json.dumps(writable(report), indent=2, ensure_ascii=False) + "\n"


def parse(text: str, name: str) -> dict[str, Any]:
    """Raises UsageError, with the file's name, for what no run of this harness wrote."""
    try:
        report = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise UsageError(f"{name} is not JSON: {error}") from error
    given = report.get("format") if isinstance(report, dict) else None
    if not isinstance(report, dict) or given is None:
        raise UsageError(f"{name} is not a report: give a report.json, or its folder")
    if given != FORMAT:
        raise UsageError(f"{name} has format {given}, and this harness reads format {FORMAT}")
    return report


def amiss(report: dict[str, Any], name: str) -> UsageError:
    """Why nothing can be made of a report. Its schema takes a second: this is asked afterwards."""
    told = [f"{pointer}: {why}" for pointer, why in json_schema.errors("report", report)]
    return UsageError(f"{name} is not a whole report: {told[0] if told else 'it is torn'}")
