"""The title of a fault: one sentence about what the gateway does."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from harness.report.causes.error_titles import error_title
from harness.report.causes.group import Group
from harness.report.causes.members import Member
from harness.report.causes.names import MAX_NAMES, code, join_names, quoted
from harness.report.causes.places import canonical
from harness.report.causes.roots import END_MARKS, ENDS_EARLY
from harness.report.causes.topics import place_of, problem, row_of
from harness.report.causes.wording import SENTENCES, lookup
from harness.report.findings import NOT_CONFORMING, expected_and_got
from harness.report.labels import rule_sentence
from harness.report.text import compact_json, one_line

OF_VALUE: Final = ("body", "events", "present", "schema", "when", "always")
MAX_GOT: Final = 90
VALUE: Final = re.compile(r"""[^\w\s,.()\[\]:'-]""")
CONSEQUENCE: Final = "; the provider refused it"


def title(group: Group) -> str:
    """Return the title of a fault, with code in backticks."""
    member = group.members[0]
    if group.topic == ENDS_EARLY:
        return f"Streams end early, without {join_names(missing_marks(group.members))}"
    if group.topic.kind == "status" and member.is_error:
        return error_title(group)
    if group.topic.kind == "header":
        return header_title(group)
    text = lookup("titles", *title_names(group))
    if not text and member.rule.startswith(("stream.", "http.")):
        return stream_title(group)
    return one_line(fill(text or "{field}: " + rule_sentence(member.rule), group), 240)


def title_names(group: Group) -> list[str]:
    """Return the names under which a title can be found, the most specific first."""
    member = group.members[0]
    if group.topic.kind == "status":
        return [f"status.answered.{member.family}"]
    wrong = problem(member)
    place = canonical(member.finding["at"])
    if member.family == "forwarded" and wrong:
        return [f"forwarded.{wrong}"]
    if member.family in ("body", "events", "present", "schema", "when", "always") or is_schema(
        member
    ):
        if wrong == "not JSON":
            return ["not_json"]
        if group.topic.kind == "field" and not wrong and place:
            return ["no_effect" if is_request(member) else "wrong"]
        return [wrong if wrong in ("missing", "extra") else "wrong"]
    return [member.rule]


def is_schema(member: Member) -> bool:
    return bool(NOT_CONFORMING.match(member.finding["got"])) or member.rule == "stream.chunk"


def is_request(member: Member) -> bool:
    """Whether the case compares with a request without its field, which was answered too."""
    return any(shot["control"] for shot in member.case["shots"])


def fill(text: str, group: Group) -> str:
    """Return a title with the places, values and names of a group."""
    member = group.members[0]
    expected, got = wrong_value(member)
    consequence = member.error["provider"].partition(": ")[2] or member.error["provider"]
    refused = f", which the provider refuses: {code(consequence, 120)}" if consequence else ""
    replaced = text.format(
        field=field_name(group),
        a_field=named_field(group),
        place=code(readable(place_of(member))) if place_of(member) else "the answer",
        at_place=f" at {code(readable(canonical(member.finding['at'])))}",
        got=code(got),
        expected=plain(expected),
        sent=values_text(group.members),
        status=member.status,
        where=where(member),
    )
    is_forwarded = group.topic.kind == "forwarded"
    return replaced + (refused if is_forwarded else "")


def wrong_value(member: Member) -> tuple[str, str]:
    """Return what was expected and the value that came, without the words around them."""
    finding = member.finding
    expected, got = expected_and_got(finding["at"], finding["expected"], finding["got"])
    value, should, rest = finding["expected"].partition(" should ")
    if should and member.family != "any_of":
        return f"should {rest}", value
    return (
        (finding["expected"], "")
        if is_schema(member)
        else (expected, got.partition(CONSEQUENCE)[0])
    )


def readable(place: str) -> str:
    """Return a place for people: `choices[].message.content` for a pointer."""
    head, _, pointer = place.rpartition(" ")
    names = pointer.replace("/*", "[]").strip("/").replace("/", ".")
    return f"{head} {names}".strip().removeprefix("forwarded ")


def plain(expected: str) -> str:
    """Return a requirement; as code if it contains a value, which can come from the target."""
    return code(expected) if VALUE.search(expected) else one_line(expected, MAX_GOT)


def where(member: Member) -> str:
    schema = NOT_CONFORMING.match(member.finding["got"])
    if schema and schema[1] in SENTENCES["schemas"]:
        return f" {SENTENCES['schemas'][schema[1]]}"
    if member.is_error:
        return " in errors"
    return " in streams" if member.rule == "stream.chunk" else ""


def field_name(group: Group) -> str:
    """Return the fields of the group's rows, the most frequent first."""
    paths = [row_of(member) for member in group.members]
    names = sorted(dict.fromkeys(paths), key=lambda path: (-paths.count(path), paths.index(path)))
    return join_names([quoted(name) for name in names])


def named_field(group: Group) -> str:
    """Return `bad NAME` of the fields that have one, otherwise "bad request"."""
    paths = dict.fromkeys(row_of(member) for member in group.members)
    names = [quoted(path) for path in paths if not path.startswith("(")]
    return join_names(names) or "request"


def values_text(members: Sequence[Member]) -> str:
    """Return `: 1.5, 2` for the values that were sent, or ""."""
    values = [m.shot["value"] for m in members if m.shot and m.shot["value"] is not None]
    texts = list(dict.fromkeys(compact_json(value, 24) for value in values))
    more = ", …" if len(texts) > MAX_NAMES else ""
    return f": {', '.join(map(code, texts[:MAX_NAMES]))}{more}" if texts else ""


def missing_marks(members: Sequence[Member]) -> list[str]:
    """Return which marks of the end are missing in streams."""
    findings = [f for m in members for f in (m.finding, *m.also)]
    rules = {f["rule"] for f in findings if is_end_mark_of(f["rule"], f["expected"])}
    names: dict[str, str] = SENTENCES["end_marks"]
    return [names[rule] for rule in END_MARKS if rule in rules]


def is_end_mark_of(rule: str, expected: str) -> bool:
    return rule in END_MARKS and expected.startswith(END_MARKS[rule])


def stream_title(group: Group) -> str:
    member = group.members[0]
    text = f"{rule_sentence(member.rule)}: {plain(member.finding['expected'])} is expected"
    return one_line(f"{text}, got {code(member.finding['got'])}", 240)


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
    expected, got = wrong_value(member)
    return one_line(f"{what} {code(got)}; expected: {plain(expected)}", 240)
