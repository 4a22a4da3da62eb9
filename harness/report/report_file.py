"""Writes the data of report.json as text, and reads it back."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, cast

from harness.model import Json
from harness.report.causes.faults import find_faults
from harness.report.data import FORMAT, ReportData
from harness.report.text import json_text, replace_surrogates
from harness.util import foreign_json
from harness.util.errors import UsageError
from harness.util.json_schema.parts import errors_by_part
from harness.util.printable import printable_json

CASES: Final = '\n  "cases": ['  # a line end in a text is an escape, so only the key is like this


@dataclass(frozen=True, slots=True)
class ReportText:
    """The text of report.json in parts, of which each is small beside the whole.

    The same data gives the same text, indented for diffs.
    """

    report: ReportData

    def __iter__(self) -> Iterator[str]:
        before, key, after = formatted({**self.report, "cases": []}).partition(CASES)
        yield before + key
        for number, case in enumerate(self.report["cases"]):
            yield ",\n    " if number else "\n    "
            yield formatted(case).replace("\n", "\n    ")
        yield ("\n  " if self.report["cases"] else "") + after + "\n"


def format_report(report: ReportData) -> str:
    """The text of report.json."""
    return "".join(ReportText(report))


def formatted(value: Json) -> str:
    return printable_json(json_text(value, indent=2))


def parse_report(text: str, name: str) -> ReportData:
    """Reads the text of a report.json; `name` is the file's name for messages.

    The faults of a report of format 1 are found again from its cases.

    Raises:
        UsageError: The text is not a report, or a report of another format.
    """
    try:
        report = foreign_json.parse(text)
    except ValueError as error:
        raise UsageError(f"{name} is not JSON: {error}") from error
    number = report.get("format") if isinstance(report, dict) else None
    if number is None:
        raise UsageError(f"{name} is not a report: give a report.json, or its folder")
    if number not in (1, FORMAT) or isinstance(number, bool):
        raise UsageError(f"{name} has format {number}; this version reads formats 1 and {FORMAT}")
    if number == 1:
        report = {**report, "format": FORMAT, "faults": []}
    for at, problem in errors_by_part("report", report):
        if not problem.startswith("unknown key "):  # a newer version may have added it
            raise UsageError(f"{name} is not a valid report: {at}: {problem}")
    read = cast(ReportData, replace_surrogates(report))
    return {**read, "faults": find_faults(read["cases"])} if number == 1 else read
