"""Deviations that are declared before a run: entries of a baseline, and a target's claims."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from harness.model.types import Json, Place


@dataclass(frozen=True, slots=True)
class Accepted:
    """One entry of a baseline.

    Attributes:
        case: An id, or PACK/ID.
        rule: The accepted rule; empty for all rules of the case.
        until: The last day on which the entry counts, YYYY-MM-DD; empty for no limit.
    """

    case: str
    reason: str
    place: Place
    rule: str = ""
    issue: str = ""
    until: str = ""

    @property
    def name(self) -> str:
        return f"{self.case} ({self.rule})" if self.rule else self.case


@dataclass(frozen=True, slots=True)
class Claim:
    """A deviation from the document that a target declares for a row.

    Attributes:
        row: A row id, or PACK/ROW.
        spec: The keys of the declared behaviour, as in a case.
        declared: The behaviour of the original case.
    """

    row: str
    behaviour: str
    because: str
    place: Place
    spec: Mapping[str, Json] = field(default_factory=dict)
    declared: str = ""
