"""Titles of faults that are errors where an answer, or another status, was due."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from harness.report.causes.group import Group
from harness.report.causes.members import innermost
from harness.report.causes.names import code, feature_text, join_names, quoted
from harness.report.causes.topics import row_of
from harness.report.text import one_line

ENDPOINTS: Final = ("GET ", "POST ", "PUT ", "DELETE ", "OPTIONS ", "a path")


def error_title(group: Group) -> str:
    """Return which requests get an error, which one, and in whose words."""
    member = group.members[0]
    expected = dict.fromkeys(m.finding["expected"] for m in group.members)
    words = innermost(member.error["message"])
    quote = f": {code(words, 120)}" if words else ""
    return one_line(f"{subject(group)} {result(member.status, list(expected))}{quote}", 240)


def result(status: int, expected: Sequence[str]) -> str:
    codes = {e.removeprefix("status ") for e in expected if e.startswith("status ")}
    if len(codes) == 1:
        return f"is answered with {status} instead of {codes.pop()}"
    if any(e.startswith(("a refusal", "an answer (2xx) or a refusal")) for e in expected):
        return f"ends in {status}" if status >= 500 else f"gets {status}"
    return f"is refused with {status}" if status < 500 else f"ends in {status}"


def subject(group: Group) -> str:
    """Return the requests that a group of errors is about."""
    if group.sent:
        return (
            f"A request with {join_names([feature_text(f) for f in group.sent])}"
            if not (
                group.sent[0].startswith(("GET ", "POST ", "PUT ", "DELETE ", "OPTIONS ", "a path"))
            )
            else join_names([feature_text(f) for f in group.sent])
        )
    rows = list(dict.fromkeys(row_of(member) for member in group.members))
    return f"A request about {join_names([quoted(row) for row in rows])}"
