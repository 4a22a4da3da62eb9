"""The cases that cover each row of a pack."""

from __future__ import annotations

from typing import NamedTuple

from harness.model import Pack, Row


class CoveredRow(NamedTuple):
    """A row with the ids of its cases."""

    row: Row
    cases: tuple[str, ...]

    @property
    def uncovered(self) -> bool:
        """Whether there is neither a case nor a reason why there can be none."""
        return not self.cases and not self.row.not_testable


def coverage(pack: Pack) -> list[CoveredRow]:
    """Every row of the pack's document with the ids of its cases, in the document's order."""
    return [
        CoveredRow(row, tuple(c.id for c in pack.cases if row.id in (c.row, *c.also)))
        for row in pack.rows
    ]
