"""Titles of faults that are errors where an answer, or another status, was due."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from harness.report.causes.group import Group
from harness.report.causes.members import Member, innermost
from harness.report.causes.names import (
    MAX_NAMES,
    code,
    feature_text,
    join_names,
    quoted,
    title_line,
)
from harness.report.causes.title_values import plain
from harness.report.causes.topics import row_of
from harness.report.labels import rule_sentence
from harness.report.text import compact_json

OF_STREAMS: Final = ("stream.error", "stream.error-status")  # errors that are events
ENDPOINTS: Final = ("GET ", "POST ", "PUT ", "DELETE ", "OPTIONS ", "a path")


def error_title(group: Group) -> str:
    """Return which requests get an error, which one, and in whose words."""
    member = group.members[0]
    expected = dict.fromkeys(m.finding["expected"] for m in group.members)
    words = innermost(member.error["message"])
    quote = f": {code(words, 120)}" if words else ""
    return title_line(f"{subject(group)} {result(member.status, list(expected))}{quote}")


def accepted_title(group: Group) -> str:
    """Return which requests are answered although they must be refused."""
    member, rows = group.members[0], named_rows(group)
    if group.sent:
        return f"{subject(group)} is accepted, and {group.level} be refused"
    if member.family == "required" and rows:
        return f"A request without {join_names(rows)} is accepted"
    values = values_text(group.members)
    if member.family == "rejected" and len(group.cases) == 1 and "if_failed" in member.case:
        return f"{member.case['if_failed']}{values}"
    if member.family == "rejected" and rows:
        return f"A bad value of {join_names(rows)} is accepted{values}"
    return (
        f"{subject(group)} is answered with {member.status}, and {group.level} be refused{values}"
    )


def stream_title(group: Group) -> str:
    """Return which rule of streams is broken, and how; of an error its words."""
    member = group.members[0]
    sentence, expected = rule_sentence(member.rule), plain(member.finding["expected"])
    got = member.finding["got"]
    words = innermost(got) if member.rule in OF_STREAMS else got
    return title_line(f"{sentence}: expected {expected}, got {code(words)}")


def result(status: int, expected: Sequence[str]) -> str:
    """Return what happens to the requests, from the status and what was expected of it."""
    codes = {text.removeprefix("status ") for text in expected}
    if len(codes) == 1 and expected[0].startswith("status "):
        return f"is answered with {status} instead of {codes.pop()}"
    if any(text.startswith(("a refusal", "an answer (2xx) or a refusal")) for text in expected):
        return f"ends in {status}" if status >= 500 else f"gets {status}"
    return f"is refused with {status}" if status < 500 else f"ends in {status}"


def subject(group: Group) -> str:
    """Return the requests that a group is about: by what they have, their rows, or their case."""
    if group.sent:
        names = join_names([feature_text(feature) for feature in group.sent])
        return names if group.sent[0].startswith(ENDPOINTS) else f"A request with {names}"
    rows = named_rows(group)
    if not rows:
        ids = [code(name.partition("/")[2]) for name in group.cases]
        return f"A request of the {'cases' if ids[1:] else 'case'} {join_names(ids)}"
    if len(rows) > MAX_NAMES:
        return f"Each of {len({m.answer for m in group.members})} requests of unlike kinds"
    return f"A request about {join_names(rows)}"


def named_rows(group: Group) -> list[str]:
    """Return the fields of a group's rows; a row in parentheses is not a field."""
    paths = dict.fromkeys(row_of(member) for member in group.members)
    return [quoted(path) for path in paths if not path.startswith("(")]


def values_text(members: Sequence[Member]) -> str:
    """Return `: 1.5, 2` for the values that were sent, or ""."""
    values = [m.shot["value"] for m in members if m.shot and m.shot["value"] is not None]
    texts = list(dict.fromkeys(compact_json(value, 24) for value in values))
    more = ", …" if len(texts) > MAX_NAMES else ""
    return f": {', '.join(map(code, texts[:MAX_NAMES]))}{more}" if texts else ""
