"""The cases that cover each row of a pack."""

from __future__ import annotations

from dataclasses import dataclass

from harness.model import Pack, Row


@dataclass(frozen=True, slots=True)
class CoveredRow:
    """A row with the ids of its cases."""

    row: Row
    cases: tuple[str, ...]


def coverage(pack: Pack) -> list[CoveredRow]:
    """Every row of the pack's document with the ids of its cases, in the document's order."""
    ids: dict[str, list[str]] = {row.id: [] for row in pack.rows}
    for case in pack.cases:
        for row in (case.row, *case.also):
            if row in ids:
                ids[row].append(case.id)
    return [CoveredRow(row, tuple(ids[row.id])) for row in pack.rows]


def uncovered(pack: Pack) -> list[Row]:
    """The rows that have neither a case nor a reason why there can be none."""
    return [line.row for line in coverage(pack) if not line.cases and not line.row.not_testable]
