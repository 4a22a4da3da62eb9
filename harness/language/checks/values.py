"""The checks `sum`, `unique`, `same`, `same_within`: relations of values of answers."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from fractions import Fraction
from typing import Final

from harness.language.checks.base import Controls, Findings, NotApplicable, check
from harness.language.checks.body import TEXT_BLOCKS, joined_texts
from harness.model import Answer, Finding, Json
from harness.util import jsonpath
from harness.util.format_value import format_value

REST: Final = "rest"  # a part of a sum that no member states


def first_value(path: str, answer: Answer) -> Json:
    """Return the value of the first node, or None."""
    nodes = jsonpath.find(path, answer.body)
    return nodes[0][1] if nodes else None


def value_at(path: str, answer: Answer) -> Json:
    """Return the first value at a path, or the sum if all values are numbers or null.

    `$.usage['input_tokens','cache_read_input_tokens']` is thus the length of the whole prompt.
    """
    nodes = jsonpath.find(path, answer.body)
    values = [value for _, value in (joined_texts(nodes) if path == TEXT_BLOCKS else nodes)]
    numbers = [value for value in values if is_number(value)]
    if numbers and all(value is None or is_number(value) for value in values):
        return sum(numbers)
    return values[0] if values else None


def is_number(value: Json) -> bool:
    """Whether a value of an answer is a number; true and false are none."""
    return isinstance(value, (int, float)) and not isinstance(value, bool)


@check("sum", "effect")
def total(args: Json, answer: Answer, controls: Controls) -> Findings:
    """Add as fractions, which is exact for large numbers as well.

    With REST among the parts, a number that is missing is the subject of other checks.
    """
    for path, parts in args.items():
        got, *values = [first_value(each, answer) for each in (path, *parts) if each != REST]
        has_numbers = all(map(is_number, (got, *values)))
        if REST in parts:
            if not has_numbers:
                raise NotApplicable
            if got < sum(values):
                yield Finding(path, f"at least {joined(values)}", format_value(got))
        elif not has_numbers:
            yield Finding(path, "numbers to add", format_value([got, *values]))
        elif Fraction(got) != (expected := sum(map(Fraction, values))):
            yield Finding(path, f"{expected} = {joined(values)}", format_value(got))


def joined(numbers: Sequence[Json]) -> str:
    return " + ".join(map(str, numbers))


def values_at(place: str, answers: Sequence[Answer]) -> Iterator[tuple[Answer, str, Json]]:
    """Yield (answer, place, value) at a JSONPath or `header NAME`, over all answers."""
    name = place.removeprefix("header ")
    for answer in answers:
        if name != place:
            yield from ((answer, place, value) for value in answer.header(name))
        else:
            yield from ((answer, at, value) for at, value in jsonpath.find(place, answer.body))


@check("unique", "effect", across=True)
def unique(args: Json, answers: Sequence[Answer], controls: Controls) -> Findings:
    """Look for a value twice in one answer, and for one in all answers of a conversation.

    Two of several answers can share an id by chance, if it is made of the time in milliseconds.
    """
    groups: dict[str, list[dict[str, tuple[str, str, Json]]]] = {}
    for answer in answers:
        own: dict[str, tuple[str, str, Json]] = {}
        for _, at, value in values_at(args, [answer]):
            key = json.dumps(value, sort_keys=True)
            if key in own:
                got = f"{format_value(value)} a second time"
                yield Finding(at, "a value that occurs once", got, answer.shot)
            own[key] = (answer.shot, at, value)
        if own:
            groups.setdefault(answer.shot.rpartition("/")[0], []).append(own)
    if not groups:
        raise NotApplicable
    for *others, last in (group for group in groups.values() if len(group) > 1):
        for key in sorted(set(last).intersection(*others)):
            shot, at, value = last[key]
            expected = f"other values in each of {len(others) + 1} answers"
            yield Finding(at, expected, f"{format_value(value)} in all of them", shot)


@check("same", "effect", across=True)
def same(args: Json, answers: Sequence[Answer], controls: Controls) -> Findings:
    nodes = list(values_at(args, answers))
    if not nodes:
        raise NotApplicable
    for answer, at, value in nodes[1:]:
        if value != nodes[0][2]:
            yield Finding(at, format_value(nodes[0][2]), format_value(value), answer.shot)


@check("same_within", "effect", in_cases=False)
def same_within(args: Json, answer: Answer, controls: Controls) -> Findings:
    """Compare places of one answer, for example an id in a header and in the body."""
    values = [(at, value) for path in args for _, at, value in values_at(path, [answer])]
    if len(values) < 2:
        raise NotApplicable
    first_at, first = values[0]
    for at, value in values[1:]:
        if value != first:
            yield Finding(at, f"{format_value(first)}, as {first_at}", format_value(value))
