"""The failed findings of cases in one mode, in words and compared with other answers."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Final, Literal, cast

from harness.model import Mode
from harness.report.case_types import CaseData, FindingData
from harness.report.findings import describe_row
from harness.survey.shot_facts import Comparison, ShotFacts

Facts = Mapping[str, ShotFacts]  # by shot
ABSENT: Final = ("nothing there", "nothing of", "no such")  # how a failed finding begins
EFFECTS: Final = ("ignored.effect", "ignored.forwarded")


def failed_in(cases: Iterable[CaseData], mode: Mode) -> Iterator[FindingData]:
    """Yield the failed findings of the cases in a mode, without mere observations."""
    for case in cases:
        own = {shot["id"] for shot in case["shots"] if shot["mode"] == mode}
        for finding in case["findings"]:
            if not finding["holds"] and finding["level"] != "may" and finding["shot"] in own:
                yield finding


def has_effect(cases: Iterable[CaseData], mode: Mode) -> bool:
    """Whether a field that should be ignored changes answers, or requests to the provider."""
    return any(f["rule"] in EFFECTS for f in failed_in(cases, mode))


def comparisons(cases: Iterable[CaseData], mode: Mode, facts: Facts) -> set[Comparison]:
    """Return how the answers that lack an effect compare with those without the field."""
    failed = {finding["shot"] for finding in failed_in(cases, mode)}
    return {facts[shot].compared for shot in failed if shot in facts}


def described(outcome: Literal["fail", "warn"], cases: Iterable[CaseData], mode: Mode) -> str:
    """Return in a few words what fails in the cases in a mode."""
    own = []
    for case in cases:
        changes = {"outcome": outcome, "findings": [*failed_in([case], mode)] or case["findings"]}
        own.append(cast(CaseData, {**case, **changes}))
    return describe_row(outcome, own)
