"""The positions of cases in their files, as the tools of CI systems show them."""

from __future__ import annotations

from typing import Final, NamedTuple

from harness.report.case_types import CaseData
from harness.report.faults import case_name

SHIPPED: Final = "cases"  # the folder of the shipped packs, in a checkout and in an installation


class Position(NamedTuple):
    """A position in a file; line and column count from 1."""

    path: str
    line: int
    column: int


def case_position(case: CaseData) -> Position:
    """Return the position of a case; its path is relative and has slashes.

    A path that is not below the working directory of the run becomes PACK/FILE, or cases/PACK/FILE
    for a shipped pack, so that outputs have no path of the machine.
    """
    path, line, column = case["place"].rsplit(":", 2)
    parts = path.replace("\\", "/").split("/")
    if path.startswith(("/", "..")) or parts[0].endswith(":"):
        parts = parts[-3:] if parts[-3:-2] == [SHIPPED] else parts[-2:]
    return Position("/".join(parts), int(line), int(column))


def positions(cases: list[CaseData]) -> dict[str, Position]:
    """Return the position of each case, by its full name."""
    return {case_name(case): case_position(case) for case in cases}
