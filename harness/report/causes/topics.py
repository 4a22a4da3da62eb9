"""The topic of a failed finding: findings with the same topic have the same cause."""

from __future__ import annotations

import re
from typing import Final, NamedTuple

from harness.report.causes.members import Member, normalise
from harness.report.causes.places import canonical
from harness.report.fault_types import FaultKind
from harness.report.findings import NOT_CONFORMING, requirement

Key = tuple[str, ...]

# What a requirement says about a value, by the beginning of its text. Of others the value is wrong.
MISSING_KEY: Final = re.compile("the key `([^`]*)` is missing")
PROBLEMS: Final = (
    (re.compile("a document that conforms to|a JSON document"), "not JSON"),
    (re.compile("a value$|the header$"), "missing"),
    (re.compile('no such header|nothing here|unknown key|should be one of null, "", '), "extra"),
    (re.compile(r"should be (?:an? \w+|null)(?:(?:, | or )(?:an? )?\w+)*$"), "type"),
)
NOTHING: Final = ("null", "nothing there", "no such header", "[null, null, null]")
CONSTANT: Final = re.compile(r"should be (\"[^\"]*\"|[\w.-]+)$")
# Where the words of a model are. What is wrong with them is known only from the case's row.
WORDS: Final = re.compile(r"/(?:content|text|arguments|refusal|thinking)(?:/\*)?$|/system|/input$")
PROMPT: Final = re.compile(r"/messages/|/system|^\w+ text$|^\w+ calls$")
FAMILIES: Final = re.compile(r"(x-ratelimit|anthropic-ratelimit|access-control)-")
# Behaviours whose cases are about one promise, although they have several rows.
PROMISES: Final = ("hoisted",)
# Rules about a place in the answer, whatever the row of the case.
OF_PLACE: Final = ("body", "events", "present", "always", "always_empty", "when", "exactly")
# Stream rules that say of a stream what a schema says of a plain answer.
SAME_IN_PLAIN: Final = {"usage, as requested": ("/usage", "missing")}


class Topic(NamedTuple):
    """The kind of a finding, what identifies its cause, and whether it is about the case's row."""

    kind: FaultKind
    key: Key
    own: bool = False

    @property
    def cause(self) -> Key:
        """The part of a group's key: a schema and an assertion can state the same of a place."""
        return ("answer" if self.kind == "schema" else self.kind, *self.key)


def topic(member: Member) -> Topic:
    """Return the topic of a failed finding."""
    rule, at, family = member.rule, member.finding["at"], member.family
    if rule == "transport":
        return Topic("transport", (normalise(member.finding["got"]),))
    if family == "claim":
        return Topic("claim", (row_of(member),), own=True)
    if at == "status" and family not in ("limited", "any_of"):
        return status_topic(member)
    if at.startswith(("forwarded ", "requests at the provider")):
        return forwarded_topic(member)
    if family in PROMISES:
        return Topic("field", ("promise", family), own=True)
    if rule.startswith(("stream.", "http.")) and rule != "stream.chunk":
        return stream_topic(member)
    if at.startswith("header "):
        name = at.removeprefix("header ")
        shared = FAMILIES.match(name)
        return Topic("header", (shared[0] if shared else name, problem(member)))
    if rule.endswith(".named"):
        return Topic("answer", ("named", row_of(member)))
    return answer_topic(member)


def status_topic(member: Member) -> Topic:
    """An error is known by what came back; a success instead of a refusal, by what was sent."""
    if not member.is_error:
        return Topic("status", ("answered",))
    words = normalise(member.error["message"])
    return Topic("status", (str(member.status), words or member.error["type"]))


def stream_topic(member: Member) -> Topic:
    """A broken rule is known by what it expects, and the error of a stream by its words."""
    expected = member.finding["expected"]
    for start, key in SAME_IN_PLAIN.items():
        if expected.startswith(start):
            return Topic("schema", key)
    kind: FaultKind = "stream" if member.rule.startswith("stream.") else "http"
    known_by = member.finding["got"] if member.rule == "stream.error" else expected
    return Topic(kind, (member.rule, normalise(known_by)))


def forwarded_topic(member: Member) -> Topic:
    """Behaviours and prompts are known by their row, other members by their place."""
    place = canonical(member.finding["at"].removeprefix("forwarded "))
    if member.family in PROMISES:
        return Topic("forwarded", ("promise", member.family), own=True)
    if member.rule == "forward.values":
        return Topic("forwarded", (place,))
    if member.family == "forward":
        return Topic("forwarded", (member.rule, place))
    if member.family != "forwarded" or PROMPT.search(place) or is_nameless(place):
        return Topic("forwarded", ("row", row_of(member)), own=True)
    return Topic("forwarded", (place,), own=True)


def is_nameless(place: str) -> bool:
    """Whether a place has no name, such as a search for words in the whole request."""
    return bool(place) and not place.removeprefix("forwarded").strip(" /*")


def answer_topic(member: Member) -> Topic:
    """The place and what is wrong there, whatever the rule; words of a model by the row."""
    schema = NOT_CONFORMING.match(member.finding["got"])
    general = bool(schema) or member.rule == "stream.chunk" or member.family == "schema"
    kind: FaultKind = "schema" if general or member.rule.endswith(".error") else "answer"
    wrong, place = problem(member), place_of(member)
    if not place and member.family == "events":  # events of some kind, not the whole answer
        return Topic("field", ("row", row_of(member)), own=True)
    if wrong == "not JSON":
        return Topic("schema", ("", wrong))
    if member.rule.startswith(("error.provider", "header.limits")):
        return Topic("answer", (member.rule,))
    if member.family in ("steps_agree", "unique") or (member.family == "sum" and not wrong):
        return Topic("answer", (place, member.family), own=True)
    comparing = member.family in ("any_of", "same_as", "more_than")
    if wrong and not (comparing and wrong != "missing"):
        return Topic(kind, (place, wrong), own=kind == "answer")
    if general or (member.family in OF_PLACE and not WORDS.search(place)):
        return Topic(kind, (place, expected_value(member)), own=kind == "answer")
    return Topic("field", ("row", row_of(member)), own=True)


def place_of(member: Member) -> str:
    """Return the place in the answer, with the key that is missing there."""
    at = member.finding["at"]
    place = "" if at in ("", "body") else canonical(at)
    missing = MISSING_KEY.match(requirement(member.finding["expected"]))
    return f"{place}/{missing[1]}" if missing else place


def problem(member: Member) -> str:
    """Return `missing`, `extra`, `type` or `not JSON`; "" if the value is wrong."""
    text = first_alternative(member)
    if member.finding["got"] in NOTHING or MISSING_KEY.match(text):
        return "missing"
    return next((name for pattern, name in PROBLEMS if pattern.match(text)), "")


def first_alternative(member: Member) -> str:
    """Return the requirement, of several alternatives the first, without its place."""
    expected = member.finding["expected"]
    if member.family == "any_of":
        expected = expected.removeprefix(f"{member.finding['at']}: ").partition(", or ")[0]
    return requirement(expected)


def expected_value(member: Member) -> str:
    """Return the value that a requirement states; of several permitted ones, what came instead.

    Two assertions that permit unlike values fail for one cause if the same value came.
    """
    text = requirement(member.finding["expected"])
    constant = CONSTANT.match(text)
    if constant:
        return f"not {constant[1]}"
    return f"is {actual_value(member)}" if text.startswith("should be one of") else normalise(text)


def actual_value(member: Member) -> str:
    """Return the value that came: it stands before the requirement of a schema error."""
    value, should, _ = member.finding["expected"].partition(" should ")
    return normalise(value if should else member.finding["got"])[:60]


def row_of(member: Member) -> str:
    """Return the path of the case's row: rows of several packs are about the same field."""
    return (member.case["title"] or member.case["row"]).replace("[n]", "[]")


def field_of(member: Member) -> str:
    """Return the field of a finding's row; of a row in parentheses, the one that was forwarded."""
    path, forwarded = row_of(member), member.finding["at"].partition("forwarded $.")[2]
    return forwarded if forwarded and path.startswith("(") else path
