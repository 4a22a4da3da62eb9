"""sum, unique, equal: how the values of answers hang together."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from fractions import Fraction

from harness.language.checks.base import Check, NotApplicable, format_value
from harness.model import Answer, Finding, Json
from harness.util import jsonpath

PATH = {"type": "string", "pattern": r"^\$"}
PATHS = {"type": "array", "items": PATH, "minItems": 1}
PLACES = {"type": "array", "items": {"type": "string", "pattern": r"^(\$|header )"}, "minItems": 1}


def first_value(path: str, answer: Answer) -> Json:
    """The value of the first node, or None."""
    nodes = jsonpath.find(path, answer.body)
    return nodes[0][1] if nodes else None


def value_at(path: str, answer: Answer) -> Json:
    """The first value, or of several numbers the sum: what is counted in parts is one count.

    Nulls count nothing: `$.usage['input_tokens','cache_read_input_tokens']` is the whole prompt.
    """
    values = [value for _, value in jsonpath.find(path, answer.body)]
    numbers = [value for value in values if is_number(value)]
    if numbers and all(value is None or is_number(value) for value in values):
        return sum(numbers)
    return values[0] if values else None


def is_number(value: Json) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def total(args: Json, answers: Sequence[Answer], against: Sequence[Answer]) -> Iterator[Finding]:
    """Added as fractions: exact, however great the numbers that somebody sends."""
    for answer in answers:
        for path, parts in args.items():
            got, values = first_value(path, answer), [first_value(part, answer) for part in parts]
            if not is_number(got) or not all(map(is_number, values)):
                yield Finding(path, "numbers to add", format_value([got, *values]))
            elif Fraction(got) != (wanted := sum(map(Fraction, values))):
                yield Finding(path, f"{wanted} = {' + '.join(map(str, values))}", format_value(got))


def collected(path: str, answers: Sequence[Answer]) -> Iterator[tuple[Answer, str, Json]]:
    """The values at a JSONPath, or of `header NAME`, over all answers."""
    name = path.removeprefix("header ")
    for answer in answers:
        if name != path:
            yield from ((answer, path, value) for value in answer.header(name))
        else:
            yield from ((answer, at, value) for at, value in jsonpath.find(path, answer.body))


def unique(args: Json, answers: Sequence[Answer], against: Sequence[Answer]) -> Iterator[Finding]:
    seen: set[str] = set()
    for answer, at, value in collected(args, answers):
        key = json.dumps(value, sort_keys=True)
        if key in seen:
            yield Finding(at, "a value of its own", f"{format_value(value)} again", answer.shot)
        seen.add(key)
    if not seen:
        yield Finding(args, "a value", "nothing there", answers[0].shot)


def equal(args: Json, answers: Sequence[Answer], against: Sequence[Answer]) -> Iterator[Finding]:
    nodes = list(collected(args, answers))
    if not nodes:
        yield Finding(args, "a value", "nothing there", answers[0].shot)
    for answer, at, value in nodes[1:]:
        if value != nodes[0][2]:
            yield Finding(at, format_value(nodes[0][2]), format_value(value), answer.shot)


def same(args: Json, answers: Sequence[Answer], against: Sequence[Answer]) -> Iterator[Finding]:
    """Places of one answer that tell the same: the id in a header, and again in the body."""
    for answer in answers:
        seen = [(at, value) for path in args for _, at, value in collected(path, [answer])]
        if len(seen) < 2:
            raise NotApplicable
        for at, value in seen[1:]:
            if value != seen[0][1]:
                yield Finding(
                    at, f"{format_value(seen[0][1])}, as {seen[0][0]}", format_value(value)
                )


SUM = Check(
    "sum",
    "effect",
    {"type": "object", "propertyNames": PATH, "additionalProperties": PATHS, "minProperties": 1},
    total,
)
UNIQUE = Check("unique", "effect", PLACES, unique, across=True)
EQUAL = Check("equal", "effect", PLACES, equal, across=True)
SAME = Check("same", "effect", {**PLACES, "minItems": 2}, same)
