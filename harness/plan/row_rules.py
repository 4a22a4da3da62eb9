"""Assertions of the rows whose id is the id of a rule; a case of such a row needs no arguments."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

from harness.language.checks import BY_ID
from harness.language.checks.limit_headers import LIMITS
from harness.language.checks.provider_secrets import SECRETS
from harness.language.checks.stream_arrival import ARRIVAL
from harness.model import Case, Level, PlannedAssertion, Script, Signal

# What the rules conclude from.
NEEDS: Final[dict[str, tuple[Signal, ...]]] = {ARRIVAL: ("streaming",)}
# The level of each rule; a violation can be weaker.
RULES: Final[dict[str, Level]] = {ARRIVAL: "should", LIMITS: "should", SECRETS: "must"}


def rule_assertions(case: Case, scripts: Iterable[Script]) -> Iterator[PlannedAssertion]:
    """Yield the assertion of the rule that a case's row names, on the requests of each script."""
    if case.row not in RULES:
        return
    for script in scripts:
        if not script.shared:
            yield PlannedAssertion(
                rule=case.row,
                check=case.row,
                args=None,
                level=RULES[case.row],
                grade=BY_ID[case.row].grade,
                shots=tuple(shot.id for shot in script.shots),
                against=(),
                place=case.place,
                needs=NEEDS.get(case.row, ()),
            )
