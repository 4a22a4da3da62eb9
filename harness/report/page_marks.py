"""Where the place of a finding is in a request or an answer, so that the page can mark it."""

from __future__ import annotations

import re
from typing import Final

from harness.report.case_types import FindingData
from harness.util.jsonpath import to_pointer

# The part that the place is in, and what finds it there: a name, a JSON Pointer, or the number of
# an event with a pointer into its data.
Mark = list[str | int]
EVENT: Final = re.compile(r"event (\d+)")
IN_EVENT: Final = re.compile(r"events /(\d+)(/.*)?", re.DOTALL)


def marks(finding: FindingData) -> list[Mark]:
    """Return the marks of a finding: of alternatives of which none holds, each has one."""
    places = (finding["at"], *finding.get("others", ()))
    return [one for one in map(mark, places) if one is not None]


def mark(at: str) -> Mark | None:
    """Return the mark of a finding's place; None if the place is not one in a message.

    Example:
        >>> mark("events /2/usage")
        ['event', 2, '/usage']
    """
    if at in ("status", "transport"):
        return ["status"]
    if at.startswith("header "):
        return ["header", at.removeprefix("header ").lower()]
    if event := EVENT.fullmatch(at) or IN_EVENT.fullmatch(at):
        return ["event", int(event[1]), (event[2] or "") if event.re is IN_EVENT else ""]
    part, _, path = at.rpartition(" ")
    if part not in ("", "forwarded", "events") or (
        not path.startswith(("/", "$")) and at != "body"
    ):
        return None
    return ["forwarded" if part == "forwarded" else "body", pointer(path)]


def pointer(path: str) -> str:
    """Return a path as a JSON Pointer; of one that names several places, the part above them."""
    if path.startswith("/") or path == "body":
        return "" if path == "body" else path
    while path != "$":
        try:
            return to_pointer(path)
        except ValueError:
            path = path[: max(path.rfind("."), path.rfind("["), 1)].rstrip(".")
    return ""
