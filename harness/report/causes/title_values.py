"""The values in titles of faults: the place, what was expected there, and what came."""

from __future__ import annotations

import re
from typing import Final

from harness.report.causes.members import Member
from harness.report.causes.names import code
from harness.report.causes.places import OTHERS, canonical
from harness.report.causes.topics import place_of
from harness.report.findings import NOT_CONFORMING, expected_and_got
from harness.report.text import one_line

MAX_GOT: Final = 90
STATED: Final = re.compile(
    r"((?:not )?(?:be (?:one of|at least|at most|more than|less than)|be|match the pattern|match)) "
    r"(.+)",
    re.DOTALL,
)
TYPE: Final = r"(?:an? (?:\w+ )?\w+|null|true or false)"
TYPES: Final = re.compile(rf"be {TYPE}(?:(?:, | or ){TYPE})*")
LITERAL: Final = re.compile(r'"[\w ,@-]+"')  # a pattern that a text contains as it is
WORDS: Final = re.compile(r'(?:not )?have the word "[\w ]+"(?: or "[\w ]+")*')
NUMBER: Final = re.compile(r"-?\d+(?:\.\d+)?")
VALUE: Final = re.compile(r"""[^\w\s,.()\[\]:'-]""")
KEYS: Final = "have the key "
QUOTED: Final = re.compile("'([^']*)'")
CONSEQUENCE: Final = "; the provider refused it"
SMALLEST: Final = {  # of lengths, in other words
    "have at least 1 ": "not be empty",
    "have at most 0 ": "be empty",
}


def is_schema(member: Member) -> bool:
    return bool(NOT_CONFORMING.match(member.finding["got"])) or member.rule == "stream.chunk"


def wrong_value(member: Member) -> tuple[str, str, str]:
    """Return the place, what was expected there and the value, without the words around them."""
    finding, place = member.finding, place_of(member)
    expected, got = expected_and_got(finding["at"], finding["expected"], finding["got"])
    if member.family == "any_of":
        return alternative(member)
    value, should, rest = f" {finding['expected']}".partition(" should ")
    if should and not value:  # a requirement without the value
        return place, rest, got.partition(CONSEQUENCE)[0]
    if should:
        return place, rest, value.strip()
    if is_schema(member):
        return place, finding["expected"], ""
    return place, expected, got.partition(CONSEQUENCE)[0]


def alternative(member: Member) -> tuple[str, str, str]:
    """Return the first of several alternatives that is about more than the status."""
    parts = member.finding["got"].split("; ")
    part = next((each for each in parts if each.startswith("$")), parts[0])
    place, colon, value = part.partition(": ")
    if not colon or not place.startswith(("$", "status", "body")):
        return place_of(member), member.finding["expected"], part
    return canonical(place), member.finding["expected"], value


def requirement_text(member: Member, expected: str) -> str:
    """Return what should be there, as the end of a sentence."""
    if " should " in f" {member.finding['expected']}" and member.family != "any_of":
        return f", and should {plain(expected)}"
    return f"; expected: {plain(expected)}"


def readable(place: str) -> str:
    """Return a place for people: `choices[].message.content` for a pointer."""
    head, _, pointer = place.rpartition(" ")
    names = pointer.replace("/*", "[]").strip("/").replace("/", ".")
    return f"{head} {names}".strip().removeprefix("forwarded ")


def place_text(place: str) -> str:
    """Return a place as code; of a header its name."""
    name = readable(place)
    if name.startswith("header "):
        return f"the header {code(name.removeprefix('header '))}"
    first = name.removesuffix(OTHERS)
    return code(name) if first == name else f"{code(first)} together with others"


def lacks_a_key(member: Member) -> bool:
    """Whether one of several names should be there."""
    return wrong_value(member)[1].startswith(KEYS)


def plain(expected: str) -> str:
    """Return a requirement; a value in it is code, since it can come from the target.

    A pattern or a schema does not tell a reader more than that the value has another form.
    """
    if expected.startswith(KEYS):
        return QUOTED.sub(r"`\1`", one_line(expected, MAX_GOT))
    if expected.startswith("contain an item"):
        return "contain an item of the required kind"
    for start, words in SMALLEST.items():
        if expected.startswith(start):
            return words
    if TYPES.fullmatch(expected):
        return expected
    if WORDS.fullmatch(expected):
        return expected.replace('"', "`")
    if stated := STATED.fullmatch(expected):
        words, literal = stated[1], LITERAL.fullmatch(stated[2])
        if words.endswith(("match", "match the pattern")) and not literal:
            return "not have this form" if words.startswith("not ") else "have another form"
        return f"{words.replace('match the pattern', 'contain')} {code(stated[2])}"
    is_value = VALUE.search(expected) or NUMBER.fullmatch(expected)
    return code(expected) if is_value else one_line(expected, MAX_GOT)
