"""Writes the data of report.json as text, and reads it back."""

from __future__ import annotations

import json
from typing import cast

from harness.report.data import FORMAT, ReportData
from harness.report.text import json_text
from harness.util import json_schema
from harness.util.errors import UsageError


def format_report(report: ReportData) -> str:
    """The text of report.json: the same data gives the same text, indented for diffs."""
    return json_text(report, indent=2) + "\n"


def parse_report(text: str, name: str) -> ReportData:
    """Reads the text of a report.json; `name` is the file's name for messages.

    Only the format number is checked, as the schema takes a second: see `damage_error`.

    Raises:
        UsageError: The text is not a report, or a report of another format.
    """
    try:
        report = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise UsageError(f"{name} is not JSON: {error}") from error
    number = report.get("format") if isinstance(report, dict) else None
    if number is None:
        raise UsageError(f"{name} is not a report: give a report.json, or its folder")
    if number != FORMAT:
        raise UsageError(f"{name} has format {number}; this version reads format {FORMAT}")
    return cast(ReportData, report)


def damage_error(report: ReportData, name: str) -> UsageError:
    """Make the error for an invalid report, with the first violation of the schema."""
    problems = [f"{at}: {why}" for at, why in json_schema.errors("report", report)]
    return UsageError(f"{name} is not a valid report: {problems[0] if problems else 'incomplete'}")
