"""Case entries -> which come out differently when they are judged again. May not judge."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from harness.report import words
from harness.report.faults import name
from harness.report.text import plural

NAMED: Final = 5
Data = dict[str, Any]


def told(report: Data) -> list[str]:
    """A sentence, where there are any: how many, and how often they came out in which way."""
    found = [case for case in report["cases"] if len(case.get("repeats", ())) > 1]
    times = [f"{name(case)} ({', '.join(shares(case['repeats']))})" for case in found[:NAMED]]
    more = [f"{len(found) - NAMED} more"] if len(found) > NAMED else []
    what = plural(len(found), "case is", "cases are")
    return [f"{what} flaky: {words.listed([*times, *more])}."] if found else []


def shares(repeats: Mapping[str, int]) -> list[str]:
    """`fail 3 of 5`, `pass 2 of 5`."""
    turns = sum(repeats.values())
    known = [outcome for outcome in words.OUTCOMES if outcome in repeats]
    return [f"{outcome} {repeats[outcome]} of {turns}" for outcome in known]
