"""Assertions of the rows whose id is the id of a rule; a case of such a row needs no arguments."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

from harness.language.checks import BY_ID
from harness.language.checks.limit_headers import LIMITS
from harness.language.checks.stream_arrival import ARRIVAL
from harness.model import Case, PlannedAssertion, Script

RULES: Final = (ARRIVAL, LIMITS)


def rule_assertions(case: Case, scripts: Iterable[Script]) -> Iterator[PlannedAssertion]:
    """Yield the assertion of the rule that a case's row names, on the requests of each script.

    No client breaks on a violation of one of these rules, so that their level is `should`.
    """
    if case.row not in RULES:
        return
    for script in scripts:
        if not script.shared:
            yield PlannedAssertion(
                rule=case.row,
                check=case.row,
                args=None,
                level="should",
                grade=BY_ID[case.row].grade,
                shots=tuple(shot.id for shot in script.shots),
                against=(),
                place=case.place,
            )
