"""The title of a fault: one sentence about what the gateway does."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, Literal

from harness.report.causes.error_titles import (
    accepted_title,
    error_title,
    named_rows,
    stream_title,
    values_text,
)
from harness.report.causes.group import Group
from harness.report.causes.members import Member
from harness.report.causes.names import code, join_names, quoted, title_line
from harness.report.causes.places import canonical
from harness.report.causes.roots import END_MARKS, ENDS_EARLY, is_end_mark
from harness.report.causes.scope import kind_of_answers
from harness.report.causes.title_values import (
    is_schema,
    lacks_a_key,
    place_text,
    plain,
    requirement_text,
    wrong_value,
)
from harness.report.causes.topics import field_of, is_nameless, place_of, problem, row_of
from harness.report.causes.wording import SENTENCES, lookup
from harness.report.findings import NOT_CONFORMING, ending
from harness.report.labels import rule_sentence

SENT: Final = ("request", "message", "tool")  # locations of what the caller sends
PROBLEM_TITLES: Final = {"missing": "missing", "extra": "extra", "not JSON": "not_json"}
OF_VALUE: Final = ("body", "events", "present", "schema", "when", "always")


def title(group: Group, location: str = "") -> str:
    """Return the title of a fault, with code in backticks.

    Args:
        location: Where the row of the first member is: `request`, `response`, `stream`, ...
    """
    member = group.members[0]
    if group.topic == ENDS_EARLY or is_end_mark(member):
        early = " early," if group.topic == ENDS_EARLY else ""
        return f"Streams end{early} without {join_names(missing_marks(group.members))}"
    if group.topic.kind == "status":
        return error_title(group) if member.is_error else accepted_title(group)
    if group.topic.kind == "header":
        return header_title(group)
    own = own_sentence(group, "if_failed")
    came = what_came(group)
    words = ": ".join(filter(None, (own, came)))
    text = words if own else lookup("broken", *title_names(group, location))
    if not text and member.rule.startswith(("stream.", "http.")):
        return stream_title(group)
    return title_line(fill(text or "{field}: " + rule_sentence(member.rule), group))


def own_sentence(group: Group, key: Literal["if_failed", "hint"]) -> str:
    """Return the title or hint that the author of the case wrote, if the fault is about its row."""
    about_row = group.topic.own and group.topic.kind in ("field", "answer", "forwarded")
    member = group.members[0]
    counts = member.family == "same_as" and member.finding["at"].endswith("_tokens")
    if (member.family == "ignored" or counts) and key == "if_failed":
        return ""  # what differs need not be what the case's words are about
    text = member.case.get(key, "") if about_row else ""
    return text.replace("{", "{{").replace("}", "}}") if key == "if_failed" else text


def what_came(group: Group) -> str:
    """Return the end of a title that the author of the case began; "" if it says all."""
    member = group.members[0]
    missing = problem(member) == "missing"
    if group.topic.kind != "forwarded":
        return "{missing} missing" if missing else "{place} is {got}"
    if is_nameless(place_of(member)) or member.rule.endswith(".forwarded"):
        return ""
    return "{place} does not reach the provider" if missing else SENTENCES["reaches"]


def title_names(group: Group, location: str) -> list[str]:
    """Return the names under which a title can be found, the most specific first."""
    member, wrong = group.members[0], group.topic.key[-1]
    if group.topic.kind == "transport":
        return [f"transport.{ending(member.finding['got'])}"]
    if member.family == "events" and not place_of(member):
        return ["events"]
    if group.topic.kind == "forwarded" and is_nameless(place_of(member)) and lacks_a_key(member):
        return ["forwarded.missing"]
    if group.topic.kind == "forwarded" and member.family == "forwarded":
        return [f"forwarded.{problem(member)}", "forwarded"]
    if group.topic.kind in ("schema", "answer") and wrong in PROBLEM_TITLES:
        return [PROBLEM_TITLES[wrong]]
    if member.family not in (*OF_VALUE, "any_of") and not is_schema(member):
        return [member.rule]
    sent = group.topic.own and location in SENT and not member.is_error
    return ["no_effect" if sent else "any_of" if member.family == "any_of" else "wrong"]


def fill(text: str, group: Group) -> str:
    """Return a title with the places, values and names of a group."""
    member = group.members[0]
    place, expected, got = wrong_value(member)
    consequence = member.error["provider"].partition(": ")[2] or member.error["provider"]
    refused = f"; the provider refuses it: {code(consequence, 120)}" if consequence else ""
    text = without_value(text, place, got)
    replaced = text.format(
        field=field_name(group),
        first_field=quoted(row_of(member)),
        a_field=join_names(named_rows(group)) or "a request",
        answers=kind_of_answers(group.members),
        instead=plain(expected.removeprefix("be ")),
        place=shown_place(member, place) if place else "the answer",
        at_place=f" at {shown_place(member, canonical(member.finding['at']))}",
        got=code(got),
        expected=plain(expected),
        missing=missing_places(group),
        requirement=requirement_text(member, expected),
        sent=values_text(group.members),
        status=member.status,
        where=where(member),
    )
    return replaced + (refused if group.topic.kind == "forwarded" else "")


def shown_place(member: Member, place: str) -> str:
    """Return a place for people; for a search of the whole request the field of the case."""
    return quoted(row_of(member)) if is_nameless(place) else place_text(place)


def without_value(text: str, place: str, got: str) -> str:
    """Return a title without the parts that show a value, or its place, where there is none."""
    if got == "nothing there":
        return text.replace("is {got}", "is missing").replace(": {got}", "")
    if got == "something there":
        return text.replace("{place} is {got}", "{place} is there").replace(", and is {got}", "")
    if place:
        return text
    return text.replace("{place} is {got}", "{got}").replace("{place} of the answer", "{place}")


def missing_places(group: Group) -> str:
    """Return `a is` or `a and b are` for what is missing, without what is in it."""
    places = sorted({place_of(m) for m in group.members if problem(m) == "missing"}, key=len)
    outer = [p for p in places if not any(p.startswith(f"{o}/") for o in places if o)]
    key = group.topic.key[0]  # empty if a member of the whole answer is missing
    usual = place_text(key) if key else "a member of the answer"
    names = [place_text(place) for place in outer if place] or [usual]
    return f"{join_names(names)} {'are' if len(names) > 1 else 'is'}"


def where(member: Member) -> str:
    schema = NOT_CONFORMING.match(member.finding["got"])
    if schema and schema[1] in SENTENCES["schemas"]:
        return f" {SENTENCES['schemas'][schema[1]]}"
    if member.is_error:
        return " in errors"
    return " in streams" if member.rule == "stream.chunk" else ""


def field_name(group: Group) -> str:
    """Return the fields of the group's rows, the most frequent first."""
    paths = [field_of(member) for member in group.members]
    names = sorted(dict.fromkeys(paths), key=lambda path: (-paths.count(path), paths.index(path)))
    return join_names([quoted(name) for name in names])


def missing_marks(members: Sequence[Member]) -> list[str]:
    """Return which marks of the end are missing in streams."""
    findings = [f for m in members for f in (m.finding, *m.also)]
    rules = {f["rule"] for f in findings if is_end_mark_of(f["rule"], f["expected"])}
    names: dict[str, str] = SENTENCES["end_marks"]
    return [names[rule] for rule in END_MARKS if rule in rules]


def is_end_mark_of(rule: str, expected: str) -> bool:
    return rule in END_MARKS and expected.startswith(END_MARKS[rule])


def header_title(group: Group) -> str:
    """Return which headers are missing or wrong."""
    headers = [m.finding["at"].removeprefix("header ") for m in group.members]
    also = [
        f["at"].removeprefix("header ")
        for m in group.members
        for f in m.also
        if f["at"].startswith("header ")
    ]
    names = [f"`{name}`" for name in dict.fromkeys((*headers, *also))]
    one = len(names) == 1
    what = f"{'The header' if one else 'The headers'} {join_names(names)} {'is' if one else 'are'}"
    member = group.members[0]
    if problem(member) == "missing":
        return f"{what} missing"
    _, expected, got = wrong_value(member)
    return title_line(f"{what} {code(got)}{requirement_text(member, expected)}")
