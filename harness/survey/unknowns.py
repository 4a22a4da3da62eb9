"""Why the status of a field is unknown, in words for people."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from typing import Final

from harness.model import Mode
from harness.report.case_types import CaseData
from harness.report.text import one_line
from harness.survey.fields import Field, Reading
from harness.survey.kinds import MODE_WORDS, Status
from harness.survey.readings import names

SHOT: Final = re.compile(r"^\S+/.{0,120}?/(plain|stream)(/\w+)?: ")  # the id of a request
ANOTHER: Final = re.compile(r"(\S+) fails for another reason")


def undecided_status(readings: Iterable[Reading]) -> Status:
    """Return the status of a field of which no case is decided."""
    cases = [case for one in readings for case in one.cases]
    reason = next((text for case in cases if (text := reason_of(case))), "answers do not show it")
    return Status("unknown", f"Unknown: {one_line(reason, 160)}", "none", names(cases))


def reason_of(case: CaseData) -> str:
    """Return why a case is undecided, or ""."""
    reason = case["reason"]
    if match := ANOTHER.match(reason):
        return f"another difference is in the way ({match[1]})"
    if reason.startswith("assumed "):
        return "no answer had what it needs"
    rule = next((one["rule"] for one in case.get("blocking", ()) if one["rule"]), "")
    if case.get("cause") == "blocked" and rule and reason.startswith(rule):
        return f"another difference is in the way ({rule})"
    return SHOT.sub("", reason)


def not_examined(field: Field, modes: Collection[Mode]) -> Status:
    """Return the status of a field about which nothing was sent in a mode that is answered."""
    reason = field.row.not_testable or "its cases were not sent; some need --upstream"
    if modes and any(case["shots"] for one in field.readings for case in one.cases):
        reason = f"only {' and '.join(MODE_WORDS[mode] for mode in modes)} requests are answered"
    return Status("unknown", f"Not examined: {one_line(reason, 160)}", "none", ())
