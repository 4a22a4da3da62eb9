"""Whether requests to the provider lack what a caller sent."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Final

from harness.model import Mode
from harness.report.case_types import CaseData
from harness.survey.failures import ABSENT, failed_in
from harness.survey.fields import Reading
from harness.survey.kinds import Kind, Status
from harness.survey.readings import case_grade, names
from harness.survey.row_cases import last_word

LOST: Final = "Ignored: it does not reach the provider"
FILTER: Final = re.compile(r"\[\?[^\]]{0,500}\]")


def places(cases: Iterable[CaseData], mode: Mode) -> list[str]:
    """Return what is missing in requests to the provider; none if something has another value."""
    failed = [f for f in failed_in(cases, mode) if f["at"].startswith("forwarded")]
    absent = all(finding["got"].startswith(ABSENT) for finding in failed)
    return [finding["at"] for finding in failed] if absent else []


def is_whole(place: str, path: str) -> bool:
    """Whether a missing place is the whole field with a path, or the text in it.

    A tool that arrives by its name and without its type is not lost but changed.
    """
    if path.startswith("(") or FILTER.search(place) is None:
        return not path.startswith("(")
    words = re.findall(r"[\w-]+", FILTER.sub("", place))
    return "search(" in place or last_word(path) in words


def lost_status(cases: Sequence[CaseData], path: str, mode: Mode) -> Status | None:
    """Return the status of a field that is accepted and does not reach the provider."""
    losing = [case for case in cases if places([case], mode)]
    if not losing or not all(is_whole(place, path) for place in places(losing, mode)):
        return None
    return Status("ignored", LOST, "upstream", names(losing))


def loss(
    reading: Reading, failed: Sequence[CaseData], text: str, mode: Mode
) -> tuple[Kind, str] | None:
    """Return kind and text of the status of a field that the provider does not get as it is."""
    missing = places(failed, mode)
    if not missing:
        return None
    others = (case for case in reading.cases if case not in failed)
    arrives = any(case_grade(case, mode) == "upstream" for case in others)
    if arrives or not all(is_whole(place, reading.rows[0].path) for place in missing):
        return "altered", f"Arrives changed: {text}"
    return "ignored", LOST
