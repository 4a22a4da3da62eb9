"""Promises about every answer, for faults that no case is about."""

from __future__ import annotations

import re
from typing import Final

from harness.report.causes.members import Member
from harness.report.causes.names import code
from harness.report.causes.title_values import place_text
from harness.report.causes.topics import MISSING_KEY, place_of
from harness.report.causes.wording import SENTENCES

CONFORMS: Final = re.compile(r"(?:a document that )?conforms to (\S+)$")


def general_promise(member: Member) -> str:
    """Return what every answer has, as a sentence without its end."""
    expected, place = member.texts[0], member.finding["at"]
    header = place.removeprefix("header ")
    if (schema := CONFORMS.match(expected)) and schema[1] in SENTENCES["schemas"]:
        return f"The documented form is kept {SENTENCES['schemas'][schema[1]]}"
    if header != place:
        value = f", which {expected}" if expected.startswith("should ") else ""
        return f"Answers have the header {code(header)}{value}"
    if MISSING_KEY.match(expected):
        return f"Answers have {place_text(place_of(member))}"
    if expected.startswith("should "):
        return f"In answers, {place_text(place_of(member))} {expected}"
    return f"Every answer has {expected}"
