"""The nouns of what is known beforehand: accepted deviations. May not do anything."""

from __future__ import annotations

from dataclasses import dataclass

from harness.model.words import Place


@dataclass(frozen=True, slots=True)
class Accepted:
    """One entry of a baseline. `case`: an id, or PACK/ID; `rule`: empty for all that it breaks.

    `until`: the last day on which it counts, YYYY-MM-DD, or empty.
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
